"""The course's grades of a difference, as the lessons on gradient checking show them."""

from deepdials.core.gradient_report import GRADES

# The largest difference of each grade but the last, and the names from good to bad.
THRESHOLDS = tuple(limit for limit, _, _ in GRADES[:-1])
NAMES = tuple(name for _, name, _ in GRADES)
# In a sentence, only the last needs more than its name.
SAID = {name: words if name == NAMES[-1] else name for _, name, words in GRADES}

"""What the check says now, and what a teacher should know."""

from deepdials.core.gradient_report import GREAT
from deepdials.lessons.grades import SAID
from deepdials.lessons.gradient_checking.compute import Result
from deepdials.notation import number

MOST_NAMED = 4


def caption(result: Result) -> str:
    """Say the difference, its verdict, what rounding alone would give, and the chosen cell."""
    check = f"{_difference(result)} {_blocks(result)}{_component(result)}"
    return f"{check}{_sample(result)}{_yours(result)}"


def _difference(result: Result) -> str:
    check = result.check
    said = f"The difference is {number(check.difference, 4)}"
    if GREAT < check.difference <= check.floor:
        return f"{said}, which rounding alone explains."
    return f"{said}: {SAID[check.grade]} (rounding alone gives about {number(check.floor, 1)})."


def _blocks(result: Result) -> str:
    if result.unseen and not result.hidden:
        return f"This mistake cannot show here. {result.unseen} "
    if not result.check.suspects:
        return "No block stands out. "
    named = ", ".join(f"d{name}" for name in result.check.suspects[:MOST_NAMED])
    more = len(result.check.suspects) - MOST_NAMED
    blocks = f"{named} and {more} more blocks" if more > 0 else named
    guess = "".join(f"; {words}" for words in result.check.consistent_with[:1])
    return f"Off: {blocks}{guess or '.'} "


def _component(result: Result) -> str:
    at = result.clicked
    missing = "" if result.found else "There is no such component here; the worst one: "
    return (
        f"{missing}{result.check.names[at]}: backprop {number(result.check.grad[at], 5)}, "
        f"nudged {number(result.check.gradapprox[at], 5)}, "
        f"relative error {number(result.check.relative_error[at])}."
    )


def _sample(result: Result) -> str:
    sampled = result.valley.sampled
    whole = sampled == len(result.check.names)
    return "" if whole else f" The V curve uses {sampled} sampled components."


def _yours(result: Result) -> str:
    return f" Your number: {result.yours[0]}" if result.yours else ""


def teachers_note() -> str:
    """Return the note."""
    return NOTE


NOTE = """
Let the class read the cells before the number. The number says that something is wrong; the \
cells say where, and often what. A mistake in db leaves every W white. A wrong slope leaves the \
layers above it right.

Then play "surprise me" together. One names a block, one names a line, and Find the line settles \
it. The number of a surprise can be shared: the link does not tell the answer.

Where the class will go wrong: a failed check is taken for a mistake in backprop. Show the four \
false alarms, and the dotted line: what rounding alone gives. And a check that passed is taken \
for proof. Show the three false passes. That is why the course checks at the start and again \
after some training.

The exact check needs no epsilon, because Z = W A + b is linear: moving one unit's Z gives dZ for \
all examples at once, and dW and db follow from it. It works for a known network only; the loop \
works for any function.
"""

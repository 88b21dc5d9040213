"""What is checked: a network with a mistake in its backprop, which may be a surprise."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from deepdials.core.backward import backward
from deepdials.core.bugs import BUGS, applies, faulty
from deepdials.core.functions import Array
from deepdials.lessons.gradient_checking.problems import Problem, problem

NONE, SURPRISE = "none", "surprise"


@dataclass(frozen=True)
class Setting:
    """What a check depends on, but for epsilon and method."""

    network: str
    activation: str
    scale: float
    lambd: float
    keep_prob: float
    bug: str
    factor: float

    @property
    def problem(self) -> Problem:
        """The network and its data."""
        return problem(self.network, self.activation, self.scale, self.keep_prob)

    @property
    def unseen(self) -> str:
        """Why the mistake cannot show here, empty if it can."""
        if self.bug not in BUGS:
            return ""
        at = self.problem
        net, m = at.net, at.X.shape[1]
        return applies(BUGS[self.bug], net, self.lambd, "l2", at.dropout, m).reason

    @property
    def gradients(self) -> dict[str, Array]:
        """What the backward pass gives, for the cost times ``factor``."""
        at, run = self.problem, faulty(BUGS[self.bug]) if self.bug in BUGS else backward
        given = run(at.net, at.parameters, at.X, at.Y, self.lambd, "l2", at.dropout)
        return {name: self.factor * given[f"d{name}"] for name in at.parameters}


@lru_cache(maxsize=4)
def hidden(setting: Setting, number: int) -> str:
    """Choose the mistake of a numbered surprise, or none: the first in its order that shows.

    So it stays the same where another dial is moved, as long as it shows there.
    """
    order = map(str, np.random.default_rng(number).permutation([NONE, *BUGS]))
    return next(slug for slug in order if slug == NONE or _shows(replace(setting, bug=slug)))


def _shows(setting: Setting) -> bool:
    if setting.unseen:
        return False
    right = replace(setting, bug=NONE).gradients
    return any((grad != right[name]).any() for name, grad in setting.gradients.items())

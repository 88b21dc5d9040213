"""What a bug needs to show: a hidden layer, a penalty, dropout."""

from collections.abc import Callable
from dataclasses import dataclass

from deepdials.core.bug_settings import Setting


@dataclass(frozen=True)
class Need:
    """A condition without which a bug cannot run, or changes nothing.

    Attributes
    ----------
    words : str
        What is needed, to follow "needs".
    holds : callable
        From a `Setting` to bool.
    """

    words: str
    holds: Callable[[Setting], bool]


HIDDEN = Need("a hidden layer", lambda at: at.net.L > 1)
L2 = Need("the L2 penalty with lambd above 0", lambda at: at.penalty == "l2" and at.lambd > 0)
L1 = Need("the L1 penalty with lambd above 0", lambda at: at.penalty == "l1" and at.lambd > 0)
EXAMPLES = Need("more than one example", lambda at: at.m is None or at.m > 1)
OTHER_M = Need("m other than the number of inputs, n_x", lambda at: at.m != at.widths[0])
WIDE = Need("a W of two rows and two columns or more", lambda at: bool(at.wide))
WIDE_ABOVE = Need(
    "a W of two rows and two columns or more above the first layer",
    lambda at: max(at.wide, default=1) > 1,
)
UNITS = Need("a layer of two units or more", lambda at: max(at.widths[1:]) > 1)
EQUAL_INPUTS = Need(
    "as many inputs as units in every hidden layer",
    lambda at: at.net.L > 1 and len(set(at.widths[:-1])) == 1,
)
EQUAL_HIDDEN = Need(
    "hidden layers of one width, and an output of the same or of 1 unit",
    lambda at: (
        at.net.L > 1 and len(set(at.widths[1:-1])) == 1 and at.widths[-1] in (1, at.widths[1])
    ),
)
TANH = Need("tanh in every hidden layer", lambda at: set(at.net.activations) == {"tanh"})
SIGMOID = Need("sigmoid in every hidden layer", lambda at: set(at.net.activations) == {"sigmoid"})
NO_SIGMOID = Need(
    "hidden layers without sigmoid",
    lambda at: at.net.L > 1 and "sigmoid" not in at.net.activations,
)
BENT = Need(
    "a hidden layer with an activation other than the identity",
    lambda at: any(name != "identity" for name in at.net.activations),
)
SIGMOID_OUTPUT = Need("a sigmoid output", lambda at: at.net.output == "sigmoid")
DROPOUT = Need(
    "dropout in a hidden layer, with keep_prob below 1", lambda at: max(at.dropped, default=0) > 0
)
ANY_DROPOUT = Need("dropout with keep_prob below 1", lambda at: bool(at.dropped))

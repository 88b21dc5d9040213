"""Mistakes in a backward pass, each a small change to the source of `backward`.

bug = BUGS["no-m-in-db"]
gradients = faulty(bug)(net, parameters, X, Y)
listing(bug).lines                              # and .wrong, the lines to be found
applies(bug, net, lambd=0.7).reason             # in words, if it cannot show there
changed_blocks(bug, net)                        # ("db1", "db2", ...)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeAlias, cast

from deepdials.core.backward import backward
from deepdials.core.bug_catalogue import CATALOGUE, Bug
from deepdials.core.bug_reach import everything
from deepdials.core.bug_settings import Setting
from deepdials.core.dropout import NO_DROPOUT, Dropout
from deepdials.core.functions import Array
from deepdials.core.network import Network
from deepdials.core.source_changes import Listing, list_changed, run_changed

__all__ = ["BUGS", "Backward", "Bug", "Verdict", "applies", "changed_blocks", "faulty", "listing"]

Backward: TypeAlias = Callable[..., dict[str, Array]]

BUGS: Mapping[str, Bug] = MappingProxyType({bug.slug: bug for bug in CATALOGUE})


@cache
def faulty(bug: Bug) -> Backward:
    """Make a backward pass with the bug in it.

    Parameters
    ----------
    bug : Bug

    Returns
    -------
    callable
        With the signature of `backward`.

    Raises
    ------
    ValueError
        If a right line of the bug is not in the source of `backward` exactly once.
    """
    return cast("Backward", run_changed(backward, bug.changes))


def listing(bug: Bug | None = None) -> Listing:
    """List the lines of `backward`, with a bug or as they are.

    Parameters
    ----------
    bug : Bug, optional

    Returns
    -------
    Listing
        The body, without docstring and validation. What `faulty` runs has the same lines.
    """
    return list_changed(backward, () if bug is None else bug.changes)


@dataclass(frozen=True)
class Verdict:
    """Whether a bug can show, and if not, why.

    Attributes
    ----------
    yes : bool
        Also the verdict's own truth.
    reason : str
        A sentence, empty if it can.
    """

    yes: bool
    reason: str

    def __bool__(self) -> bool:
        return self.yes


def applies(
    bug: Bug,
    net: Network,
    lambd: float = 0.0,
    penalty: str = "l2",
    dropout: Dropout | None = None,
    m: int | None = None,
) -> Verdict:
    """Tell whether a bug runs in a setting and can change anything there.

    Parameters
    ----------
    bug : Bug
    net : Network
    lambd, penalty, dropout
        As for `Network.cost`.
    m : int, optional
        The number of examples. Unknown, it is taken to be what the bug needs.

    Returns
    -------
    Verdict
        It does not see the parameters: "penalty-on-b" changes nothing while b is 0, and
        "clipped" nothing while dA is small.
    """
    at = Setting(net, lambd, penalty, dropout or NO_DROPOUT, m)
    missing = [need.words for need in bug.needs if not need.holds(at)]
    return Verdict(not missing, f"Needs {', and '.join(missing)}." if missing else "")


def changed_blocks(bug: Bug, net: Network, dropout: Dropout | None = None) -> tuple[str, ...]:
    """Name the blocks that a bug changes.

    Parameters
    ----------
    bug : Bug
        One that applies.
    net : Network
    dropout : Dropout, optional

    Returns
    -------
    tuple of str
        "dW1", "db1", "dW2", ...: some of them, in this order.
    """
    at = Setting(net, dropout=dropout or NO_DROPOUT)
    reached = set(bug.reach(at))
    return tuple(name for name in everything(at) if name in reached)

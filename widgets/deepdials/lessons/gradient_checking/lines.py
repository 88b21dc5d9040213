"""The code that ran, and what its wrong lines should be."""

from deepdials.core.bugs import Bug, listing
from deepdials.lesson import Listing
from deepdials.lessons.gradient_checking.compute import Result

TOO_MUCH = "no line here"


def find_line(result: Result) -> Listing:
    """Return the backward pass that ran, and how its wrong lines should read."""
    bug, shown = result.bug, listing(result.bug)
    mended = {i: _mended(bug, shown.lines[i].strip()) for i in shown.wrong} if bug else {}
    return Listing(shown.lines, mended)


def _mended(bug: Bug, line: str) -> str:
    for right, instead in bug.changes:
        # Where several lines stand for one, the last is the one that does its work.
        *others, last = instead.splitlines() or [""]
        if line == last:
            return right
        if line in others:
            return TOO_MUCH
    missing = "; ".join(right for right, _ in bug.changes).replace(":;", ":")
    return f"{line}, then: {missing}"

"""Errors that are proportional to the parameter, or to its sign: the penalty's."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from deepdials.core.clues import Clues, along, fits
from deepdials.core.findings import Finding, subject
from deepdials.core.functions import Array
from deepdials.core.gradient_report import norm

Direction: TypeAlias = Callable[[Array], Array]


def penalty_of_W(clues: Clues) -> Iterator[Finding]:
    """Errors of W alone, proportional to W or to its sign."""
    blocks = tuple(name for name in clues.off_kind("W") if clues.count(name) > 1)
    if not blocks or clues.off_kind("b"):
        return
    share = _common_share(clues, blocks, lambda W: W)
    if share is not None:
        yield _finding_of_penalty(clues, blocks, share)
        return
    signs = _common_share(clues, blocks, np.sign)
    if signs is not None:
        yield Finding(
            f"{subject(clues, blocks)}: off by {signs:.4g} times the sign of W, "
            "every db right. Consistent with an L1 penalty that is forgotten, or has a wrong "
            "coefficient.",
            blocks,
            0.93 * clues.coverage(clues.off_kind("W")),
        )
        return
    yield from _other_signs(clues, blocks)


def _other_signs(clues: Clues, blocks: tuple[str, ...]) -> Iterator[Finding]:
    mistakes: tuple[tuple[Direction, str], ...] = (
        (lambda W: W, "W itself, the slope of an L2 penalty, in the place of sign(W)"),
        (np.abs, "|W|, the penalty's size and not its slope, in the place of sign(W)"),
    )
    for mistake, words in mistakes:
        if _common_share(clues, blocks, _for_sign(mistake)) is not None:
            yield Finding(
                f"{subject(clues, blocks)}: off by what an L1 penalty with a wrong "
                f"slope gives, every db right. Consistent with {words}.",
                blocks,
                0.93 * clues.coverage(clues.off_kind("W")),
            )


def _for_sign(mistake: Direction) -> Direction:
    return lambda W: mistake(W) - np.sign(W)


def _common_share(clues: Clues, blocks: tuple[str, ...], direction: Direction) -> float | None:
    """Find k with error = k direction(theta) in all of these blocks, if there is one."""
    shares = []
    for name in blocks:
        error, direct = clues.error(name), direction(clues.theta(name))
        shares.append(along(error, direct))
        if norm(direct) == 0 or not fits(error, shares[-1] * direct, clues.slack(name)):
            return None
    spread = max(shares) - min(shares)
    return shares[0] if spread <= 1e-2 * abs(shares[0]) else None


def _finding_of_penalty(clues: Clues, blocks: tuple[str, ...], share: float) -> Finding:
    return Finding(
        f"{subject(clues, blocks)}: off by {share:+.4g} times W, every db right. "
        f"Consistent with {_coefficient(clues, share)}.",
        blocks,
        0.94 * clues.coverage(clues.off_kind("W")),
    )


def _coefficient(clues: Clues, share: float) -> str:
    decay, m = clues.decay, clues.m
    if not decay:
        return (
            f"the L2 penalty: forgotten in dW if lambd / m is {-share:.4g}, halved if it is "
            f"{-2 * share:.4g}"
            if share < 0
            else "an L2 penalty in dW that is not in the cost, or has another coefficient there"
        )
    known = [
        (-decay, "the L2 penalty forgotten in dW"),
        (-decay / 2, "lambd / (2m) W in dW, where the slope of the penalty is lambd / m W"),
        (decay, "lambd / m W added twice"),
    ]
    if m and m > 1:
        known.append(((m - 1) * decay, "lambd W in dW, without the 1/m"))
    meanings = [words for at, words in known if abs(share - at) <= 1e-2 * abs(at)]
    return " or ".join(meanings) or (
        f"a penalty of {decay + share:.4g} W in dW, where the slope of the cost's is {decay:.4g} W"
    )


def penalty_on_b(clues: Clues) -> Iterator[Finding]:
    """Errors of b that are proportional to b."""
    blocks = tuple(name for name in clues.off_kind("b") if clues.count(name) > 1)
    share = _common_share(clues, blocks, lambda b: b) if blocks else None
    if share is not None:
        yield Finding(
            f"{subject(clues, clues.off_kind('b'))}: off by {share:+.4g} times b. "
            "Consistent with a penalty on b, which the cost does not have.",
            clues.off_kind("b"),
            0.94 * clues.coverage(clues.off_kind("b")),
        )

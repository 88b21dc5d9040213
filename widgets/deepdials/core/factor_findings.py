"""Gradients that are a constant factor times what they should be."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from deepdials.core.clues import Clues, along, fits
from deepdials.core.findings import Finding, listed, subject
from deepdials.core.gradient_report import norm


@dataclass(frozen=True)
class _Factor:
    """grad = value * gradapprox in some blocks, with or without the penalty's part."""

    value: float
    blocks: tuple[str, ...]
    but_penalty: bool


def _factor(clues: Clues, name: str) -> _Factor | None:
    """Find the constant factor of one block."""
    for penalty in clues.penalties(name):
        rest, true = clues.grad(name) - penalty, clues.approx(name) - penalty
        value = along(rest, true)
        if abs(value) < 1e-6 or abs(value - 1) < 1e-3 or norm(true) <= clues.unsure(name):
            continue
        if fits(rest, value * true, clues.slack(name)):
            return _Factor(value, (name,), bool(np.any(penalty)))
    return None


def _factors(clues: Clues) -> list[_Factor]:
    """Find the constant factors, each with all the blocks that have it."""
    # The larger blocks first, as a single number is a multiple of any other.
    names = sorted(clues.off, key=lambda name: -clues.count(name))
    groups: list[list[_Factor]] = []
    for factor in filter(None, (_factor(clues, name) for name in names)):
        near = 1e-3 * abs(factor.value)
        same = (group for group in groups if abs(factor.value - group[0].value) <= near)
        group = next(same, None)
        if group is None:
            groups.append([factor])
        else:
            group.append(factor)
    return [_together(clues, group) for group in groups]


def _together(clues: Clues, group: list[_Factor]) -> _Factor:
    names = {name for factor in group for name in factor.blocks}
    blocks = tuple(name for name in clues.off if name in names)
    return _Factor(group[0].value, blocks, any(factor.but_penalty for factor in group))


def constant_factors(clues: Clues) -> Iterator[Finding]:
    """All of some blocks is off by one factor."""
    for factor in _factors(clues):
        meanings = _meanings(clues, factor)
        single = max(clues.count(name) for name in factor.blocks) == 1
        # One number is always a multiple of another: only a telling factor says something.
        if single and not meanings:
            continue
        yield Finding(
            f"{subject(clues, factor.blocks)}: {_times(factor.value)} what it should "
            f"be{', but for the part of the penalty' if factor.but_penalty else ''}. "
            f"Consistent with {' or '.join(meanings) or 'a constant factor'}.",
            factor.blocks,
            (0.6 if single else 0.95) * clues.coverage(factor.blocks),
        )


def _times(value: float) -> str:
    if abs(value + 1) < 1e-3:
        return "minus"
    return f"{value:.4g} times"


def _meanings(clues: Clues, factor: _Factor) -> list[str]:
    m, n_x, value = clues.m, clues.n_x, factor.value
    known = [
        (2.0, "a forgotten 1/2, or something that is counted twice"),
        (0.5, "a 1/2 too many"),
        (-1.0, "a wrong sign, such as y - a for a - y"),
    ]
    if m and m > 1:
        known += [(float(m), "a missing 1/m"), (1 / m, "1/m taken twice")]
    if m and n_x and n_x != m:
        known += [(m / n_x, "m counted along the wrong axis of X")]
    meanings = [words for at, words in known if abs(value - at) <= 1e-3 * abs(at)]
    return [*_lost_on_the_way(clues, factor), *meanings]


def _lost_on_the_way(clues: Clues, factor: _Factor) -> list[str]:
    top = clues.top
    if top is None or top == clues.last or set(factor.blocks) != set(clues.off):
        return []
    return [f"a factor lost or added in dA{top}, such as the keep_prob of dropout"]


def steps_down(clues: Clues) -> Iterator[Finding]:
    """W and b of a layer share a factor, and each layer has its own."""
    if clues.top in (None, clues.last) or not set(clues.off) <= set(clues.layer_of):
        return

    def layers(factor: _Factor) -> set[int]:
        return {clues.layer_of[name][1] for name in factor.blocks}

    factors = sorted(_factors(clues), key=lambda factor: -max(layers(factor)))
    whole = sum(len(factor.blocks) for factor in factors) == len(clues.off)
    if not whole or len(factors) < 2 or set.intersection(*map(layers, factors)):
        return
    each = ", ".join(f"{factor.value:.4g} in {listed(factor.blocks)}" for factor in factors)
    yield Finding(
        f"Each layer has a factor of its own: {each}. Consistent with a factor lost or added at "
        "every step down, in dA: such as the keep_prob of dropout.",
        clues.off,
        0.96,
    )

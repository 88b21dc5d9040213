"""What one setting of the dials gives: a report, how it came about, and what a check costs."""

from dataclasses import dataclass, field

import numpy as np

from deepdials.core.check_cost import METHODS, forward_passes
from deepdials.core.gradient_report import GREAT, GradientReport
from deepdials.lessons.trusting_the_check.checks import (
    CALLS,
    Array,
    Setup,
    check,
    checks,
    count_masks,
    is_right,
    largest_weight,
)

FEWEST, MOST = 10, 100_000_000
PARAMETERS = np.logspace(1, 8, 29)
CURVES = {method: forward_passes(method, PARAMETERS) for method in METHODS}
DECISIONS = ("ship", "do not ship", "the check itself is wrong here")


@dataclass(frozen=True)
class Trace:
    """The same check at earlier iterations, and now at the last; shapes (k,)."""

    iterations: Array
    differences: Array
    floors: Array


@dataclass(frozen=True)
class Result:
    """One report, and what led to it.

    ``differences`` and ``floors`` are those of ``arrays``. ``calls`` of J met ``masks``
    different masks. ``passes`` are the forward passes of each of ``methods``.
    """

    backprop: str
    dropout: str
    keep_prob: float
    lambd: float
    J_has_penalty: bool
    iteration: int
    parameters: int
    J: float
    difference: float
    floor: float
    grade: str
    arrays: tuple[str, ...]
    differences: Array
    floors: Array
    off: tuple[str, ...]
    calls: int
    masks: int
    largest_weight: float
    trace: Trace
    methods: tuple[str, ...]
    passes: Array
    # A file of numbers gives no answer away.
    decision: str = field(metadata={"csv": False})

    @property
    def passed(self) -> bool:
        """Whether the report is good: great, or no worse than rounding."""
        return self.difference <= max(GREAT, self.floor)


def compute(
    backprop: str,
    dropout: str,
    keep_prob: float,
    lambd: float,
    J_has_penalty: bool,
    iteration: int,
    parameters: int,
) -> Result:
    """Check one backprop, and look back at the checks before."""
    setup = Setup.of(backprop, dropout, keep_prob, lambd, J_has_penalty)
    report = check(setup, iteration)
    return Result(
        backprop=backprop,
        dropout=dropout,
        keep_prob=keep_prob,
        lambd=lambd,
        J_has_penalty=J_has_penalty,
        iteration=iteration,
        parameters=parameters,
        J=report.J,
        difference=report.difference,
        floor=report.floor,
        grade=report.grade,
        arrays=tuple(f"d{name}" for name in report.blocks),
        differences=np.array([*report.blocks.values()]),
        floors=np.array([*report.floors.values()]),
        off=tuple(f"d{name}" for name in report.suspects),
        calls=CALLS,
        masks=count_masks(dropout, keep_prob),
        largest_weight=largest_weight(setup, iteration),
        trace=_trace(setup, iteration, report),
        methods=METHODS,
        passes=np.array([float(forward_passes(method, parameters)) for method in METHODS]),
        decision=_decision(setup, report),
    )


def _trace(setup: Setup, iteration: int, report: GradientReport) -> Trace:
    before = {at: one for at, one in checks(setup).items() if at < iteration}
    reports = {**before, iteration: report}
    return Trace(
        np.array([*reports], np.float64),
        np.array([one.difference for one in reports.values()]),
        np.array([one.floor for one in reports.values()]),
    )


def _decision(setup: Setup, report: GradientReport) -> str:
    ship, hold, mend_the_check = DECISIONS
    if not is_right(setup.backprop, setup.lambd):
        return hold
    return ship if report.difference <= max(GREAT, report.floor) else mend_the_check

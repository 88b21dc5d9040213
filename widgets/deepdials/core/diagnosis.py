"""What a failed gradient check is consistent with, in plain words.

A check says that a gradient is wrong, and by how much. Which arrays are wrong, and how, says
more. A constant factor everywhere, grad = c gradapprox, gives

    difference = |c - 1| / (|c| + 1)

so that 1/3 is what 2 and 1/2 give, 0.6 what 4 and 1/4 give, and 1 what a wrong sign gives, or
zeros. An error proportional to W is the penalty's. An error in dZ travels down to all layers
below. And where the network is known, with the true dZ of every layer, the usual mistakes can
simply be tried: which of them gives the very numbers under check?

None of this is proof: two mistakes can give the same numbers. Every finding is "consistent
with" a cause, and carries a weight by which the list is ordered.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking" and "Gradient
  checking implementation notes".
"""

from collections.abc import Callable, Iterable

from deepdials.core.clues import Clues
from deepdials.core.factor_findings import constant_factors, steps_down
from deepdials.core.findings import Finding, are, listed
from deepdials.core.gradient_report import GradientReport
from deepdials.core.pattern_findings import few_components, one_letter, reordered, upstream, zeros
from deepdials.core.penalty_findings import penalty_of_W, penalty_on_b
from deepdials.core.trial_findings import tried_dz, tried_formulas

_LOOKS: tuple[Callable[[Clues], Iterable[Finding]], ...] = (
    tried_formulas,
    tried_dz,
    zeros,
    steps_down,
    constant_factors,
    reordered,
    penalty_of_W,
    penalty_on_b,
    upstream,
    one_letter,
    few_components,
)


def diagnose(
    report: GradientReport, m: int | None = None, lambd: float | None = None
) -> tuple[Finding, ...]:
    """Tell what the differences in a report are consistent with.

    Parameters
    ----------
    report : GradientReport
        From `check_gradients`, or, for more definite findings, from `check_network`.
    m : int, optional
        The number of examples, which makes a factor m recognizable. A report of
        `check_network` knows it.
    lambd : float, optional
        The strength of the penalty in the cost, in the same way.

    Returns
    -------
    tuple of Finding
        The heaviest first, at least one. If nothing is wrong, it is one that says so.
    """
    clues = Clues(report, m, lambd)
    if not clues.off:
        return (_nothing_off(clues),)
    findings = [finding for look in _LOOKS for finding in look(clues)]
    if not set(clues.off) <= {name for finding in findings for name in finding.blocks}:
        findings.append(_these_blocks(clues))
    return tuple(sorted(findings, key=lambda finding: -finding.weight))


def _nothing_off(clues: Clues) -> Finding:
    report, suspects = clues.report, clues.report.suspects
    if suspects:
        return Finding(_a_little(clues), suspects, 0.6)
    if report.difference <= 1e-7:
        return Finding("Nothing is off: all gradients agree with the numerical ones.", (), 1.0)
    return Finding(
        f"Nothing is off beyond rounding: the difference of {report.difference:.1e} is no more "
        f"than rounding can come to with epsilon = {report.epsilon:g}. A larger epsilon "
        "rounds less: try 1e-5.",
        (),
        1.0,
    )


def _a_little(clues: Clues) -> str:
    report = clues.report
    start = f"{are(clues, report.suspects)} off by very little"
    if clues.truncation > 1e-7:
        return (
            f"{start}, no more than the formula itself can be with epsilon = "
            f"{report.epsilon:g}: consistent with right gradients. Try 1e-5."
        )
    return (
        f"{start}, close to what rounding can come to: consistent with right gradients. "
        "A larger epsilon would tell: if the difference shrinks, it was rounding."
    )


def _these_blocks(clues: Clues) -> Finding:
    right = [name for name in clues.report.gradients if name not in clues.off]
    rest = f", and {listed(right)} right" if right else ""
    lines = "the line that computes it" if len(clues.off) == 1 else "the lines that compute them"
    words = f"{are(clues, clues.off)} off{rest}. Consistent with an error in {lines}."
    return Finding(words, clues.off, 0.2)

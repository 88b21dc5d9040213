"""What the picture shows now, in words; and what a teacher should know."""

from collections.abc import Sequence

from deepdials.lessons.grades import SAID
from deepdials.lessons.trusting_the_check.checks import EPSILON, Setup, check_once
from deepdials.lessons.trusting_the_check.compute import Result
from deepdials.notation import number

DROPOUT = {
    "none": "no dropout",
    "fixed": "one fixed mask (keep_prob = {})",
    "fresh": "a fresh mask at each call of J (keep_prob = {})",
    "averaged": "J averaged over all {masks} masks (keep_prob = {})",
}


def caption(result: Result) -> str:
    """Say what was checked and how, what came out, and what a check costs."""
    says = f"difference {number(result.difference)}, by the course's rule: {SAID[result.grade]}"
    return f"{_setup(result)}: {says}. {_reading(result)} {_cost(result)}"


def _setup(result: Result) -> str:
    dropout = DROPOUT[result.dropout].format(number(result.keep_prob), masks=result.masks)
    penalty = f", lambd = {number(result.lambd)}" if result.lambd else ""
    if result.lambd and not result.J_has_penalty:
        penalty += " but no penalty in J"
    iterations = "1 iteration" if result.iteration == 1 else f"{result.iteration} iterations"
    return f"Backprop {result.backprop}, {dropout}{penalty}, after {iterations}"


def _reading(result: Result) -> str:
    if result.dropout == "fresh":
        if result.masks == 1:
            return f"All {result.calls} calls of J met the same mask."
        return f"The {result.calls} calls of J met {result.masks} different masks."
    if result.off:
        return _which(result)
    if not result.passed:
        return "No array is off by more than rounding."
    if result.iteration == 0:
        return f"All arrays agree; the largest weight is {number(result.largest_weight)}."
    most = number(result.trace.differences.max())
    return f"All arrays agree; up to here the difference was at most {most}."


def _which(result: Result) -> str:
    agree = [name for name in result.arrays if name not in result.off]
    if not agree:
        return "All arrays are off."
    verb = "agrees" if len(agree) == 1 else "agree"
    return f"Off: {_listed(result.off)}; {_listed(agree)} {verb}."


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _cost(result: Result) -> str:
    passes = dict(zip(result.methods, result.passes, strict=True))
    return (
        f"For {result.parameters:,} parameters a check takes {round(passes['two-sided']):,} "
        f"forward passes, one backprop about {round(passes['backprop'])}."
    )


def teachers_note() -> str:
    """Write the note, with the differences that the class will see."""
    plain = Setup("A", "none", 1.0, 0.0, True)
    fresh, averaged = (Setup("A", how, 0.8, 0.0, True) for how in ("fresh", "averaged"))
    bent = Setup("B", "none", 1.0, 0.0, True)
    seen = {
        "plain": check_once(plain, 60),
        "fresh": check_once(fresh, 60),
        "averaged": check_once(averaged, 60),
        "early": check_once(bent, 0),
        "late": check_once(bent, 60),
    }
    shown = {name: number(report.difference, 2) for name, report in seen.items()}
    return NOTE.format(epsilon=number(EPSILON), **shown)


NOTE = """
Every report comes first, and the decision before the dials: ship, do not ship, or mend the check. \
Ask what the report can know: what J was it given, with which masks, at which weights.

Three students wrote the backprops. A is right. B takes tanh' = 1. C forgets lambd / m W in dW.

Where the class goes wrong:

- "Dropout makes it fail, so backprop is wrong." With a fresh mask at each call, A shows {fresh}. \
Ask: are J(theta + epsilon) and J(theta - epsilon) the same function? Dropout off, A shows {plain}.
- "Then there is nothing to check under dropout." There is: average J over all 256 masks of the 8 \
units, each counted as often as it is drawn, and A shows {averaged}. That mean is what dropout \
descends. It takes 256 times the work, so in practice: keep_prob = 1, or one fixed mask.
- "It passed, ship it." B shows {early} before the first step, {late} after 60 iterations: at \
small weights tanh is straight. Ask for a second check after some training.
- "The report says who is wrong." Reports 2 and 3 look alike, and only one of them is about \
backprop. Ask: does J hold every term that is trained? Then open "2 and 3 at once".
- "Check at every step, to be safe." Drag parameters: a check costs as much as n backprops.

Epsilon is {epsilon} here, where rounding is small (see "Numerical gradients"); at the course's \
1e-7 right gradients differ about 100 times more. The grey band is what rounding alone can make, \
to a factor of about 10.
"""

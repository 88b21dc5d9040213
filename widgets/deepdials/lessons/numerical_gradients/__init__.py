"""Numerical gradients: one nudge or two."""

import math

from deepdials.core import evaluations, numerical_gradients, tangent
from deepdials.core.functions import FUNCTIONS
from deepdials.dials import Choice, LogSlider, Slider
from deepdials.lesson import Lesson, Prediction, Preset, Sources
from deepdials.lessons.numerical_gradients.compute import HIGH, LOW, PER_DECADE, Result, compute
from deepdials.lessons.numerical_gradients.picture import Picture
from deepdials.lessons.numerical_gradients.words import caption, teachers_note

DIALS = {
    "epsilon": LogSlider(
        label="epsilon", default=0.01, low=LOW, high=HIGH, step=1 / PER_DECADE, help="the nudge"
    ),
    "theta": Slider(
        label="theta", default=1.0, low=-2.0, high=2.0, step=0.05, help="where; or drag the dot"
    ),
    "function": Choice(
        label="J(theta)",
        default="theta**3",
        options={name: function.formula for name, function in FUNCTIONS.items()},
    ),
    "precision": Choice(
        label="precision",
        default="float64",
        options={"float64": "float64", "float32": "float32"},
    ),
}

PRESETS = (
    Preset(
        "lecture",
        "the lecture: 1, 0.01",
        "theta = 1 and epsilon = 0.01 on theta cubed. That the two-sided error is epsilon squared "
        "to the letter is luck: its constant, f'''/6, happens to be 1.",
        {},
        "lecture",
    ),
    Preset(
        "ten-times-smaller",
        "ten times smaller",
        "Pin the lecture, then press this: one error falls 10 times, the other 100 times.",
        {"epsilon": 1e-3},
    ),
    Preset(
        "course-1e-7",
        "the course's 1e-7",
        "Rounding already rules the two-sided error. At theta = 1 chance hides it: move theta and "
        "compare with 1e-5.",
        {"epsilon": 1e-7},
        "lecture",
    ),
    Preset(
        "too-small",
        "too small: 1e-12",
        "Both values of J agree in nearly all digits; their difference is mostly rounding.",
        {"epsilon": 1e-12},
        "bad",
    ),
    Preset(
        "kink",
        "on a kink: |theta|",
        "Two-sided says 0 with full confidence, where there is no slope at all.",
        {"function": "abs", "theta": 0.0},
        "bad",
    ),
    Preset(
        "relu-kink",
        "on a kink: ReLU",
        "Two-sided says 0.5, at every epsilon.",
        {"function": "relu", "theta": 0.0},
        "bad",
    ),
    Preset(
        "beside-kink",
        "0.3 epsilon from it",
        "The slope is 1 here, but one nudge reaches over the kink of ReLU: two-sided says 0.65.",
        {"function": "relu", "theta": 0.03, "epsilon": 0.1},
        "bad",
    ),
    Preset(
        "no-curvature",
        "theta = 0",
        "f'' = 0 at 0 for theta cubed, sin, tanh and sigmoid: there one nudge is second order too.",
        {"theta": 0.0},
    ),
    Preset(
        "float32",
        "float32",
        "Seven digits to start with: the best that can be reached is near 1e-3 with one nudge and "
        "1e-5 with two.",
        {"precision": "float32", "epsilon": 5e-3},
        "bad",
    ),
)

FALLS = (
    "both 10 times smaller",
    "one-sided 10 times smaller, two-sided 100 times",
    "both 100 times smaller",
    "both larger",
)


def _fall(before: Result, after: Result) -> int:
    falls = [
        round(math.log10(getattr(before, one).error / getattr(after, one).error))
        for one in ("one_sided", "two_sided")
    ]
    return {(1, 1): 0, (1, 2): 1, (2, 2): 2}.get((falls[0], falls[1]), 3)


def _grew(before: Result, after: Result) -> int:
    ratio = after.two_sided.error / before.two_sided.error
    return 2 if ratio > 1 else 1 if ratio > 1e-3 else 0


def _said_at_kink(_before: Result, after: Result) -> int:
    return (0.0, 1.0, 0.5).index(after.two_sided.gradapprox)


PREDICTIONS = (
    Prediction(
        "Make epsilon ten times smaller, 0.001: what happens to each error?",
        FALLS,
        {},
        {"epsilon": 1e-3},
        _fall,
    ),
    Prediction(
        "Now make it 1e-12: what happens to the two-sided error?",
        ("it all but vanishes", "it falls, but not much", "it grows"),
        {"epsilon": 1e-3},
        {"epsilon": 1e-12},
        _grew,
    ),
    Prediction(
        "At theta = 0 instead of 1, make epsilon ten times smaller again. Each error?",
        FALLS,
        {"theta": 0.0},
        {"theta": 0.0, "epsilon": 1e-3},
        _fall,
    ),
    Prediction(
        "Move to the kink of |theta|. Which slope does two-sided report?",
        ("0", "1", "0.5"),
        {"function": "abs", "theta": 0.5},
        {"function": "abs", "theta": 0.0},
        _said_at_kink,
    ),
)

LESSON = Lesson(
    slug="numerical-gradients",
    title="Numerical gradients",
    question="How close is a nudge to the true slope, and is it worth nudging both ways?",
    dials=DIALS,
    compute=compute,
    picture=Picture,
    caption=caption,
    presets=PRESETS,
    predictions=PREDICTIONS,
    note=teachers_note(),
    sources=Sources(
        functions=(
            numerical_gradients.one_sided,
            numerical_gradients.two_sided,
            numerical_gradients.truncation_error,
            numerical_gradients.rounding_floor,
            numerical_gradients.best_epsilon,
            tangent.above_tangent,
            evaluations.evaluations,
        ),
        papers=(
            'Andrew Ng, "Improving Deep Neural Networks", week 1, "Numerical approximation of '
            'gradients"',
            'Nicholas J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, '
            "SIAM 2002, chapter 2",
        ),
    ),
)

"""Settings that show what a check can say, and when it lies; and what to predict."""

from collections.abc import Callable

from deepdials.core.gradient_report import GREAT
from deepdials.dials import Values
from deepdials.lesson import Prediction, Preset
from deepdials.lessons.gradient_checking.compute import Result

RIGHT: Values = {"bug": "none"}

PRESETS = (
    Preset(
        "course",
        "the course's exercise",
        "Two planted mistakes: the check says 0.2851, and the cells say where.",
        {},
        "lecture",
    ),
    Preset(
        "rounding",
        "right, but 1.19e-7",
        "The code is right. J from log(1 - A) has lost digits, and the check divides them by "
        "epsilon: this is rounding.",
        RIGHT,
        "bad",
    ),
    Preset(
        "larger-epsilon",
        "the same at 1e-5",
        "A larger epsilon divides the same rounding by more: now it passes by far.",
        {**RIGHT, "epsilon": 1e-5},
    ),
    Preset(
        "from-logits",
        "J from the logits",
        "The same at 1e-7, with a cost that never takes log(1 - A): no digits are lost.",
        {**RIGHT, "method": "two-sided"},
    ),
    Preset(
        "times-a-million",
        "J times a million",
        "Both gradients grow a million times, and the difference stays: that is what the ratio is "
        "for.",
        {"factor": "1e6"},
    ),
    Preset(
        "db-only",
        "only the db are off",
        "A mistake in db looks different from one in dW: look at the columns.",
        {"network": "square", "activation": "tanh", "bug": "no-m-in-db"},
    ),
    Preset(
        "upstream",
        "wrong below, right above",
        "A wrong slope travels down: all layers below the mistake are off, those above are right.",
        {"network": "wide", "activation": "tanh", "bug": "tanh-not-squared"},
    ),
    Preset(
        "kink",
        "false alarm: a kink",
        "The code is right. For some examples a whole layer rests, so the next Z is b = 0, on "
        "ReLU's kink: there the two-sided slope is a half.",
        {**RIGHT, "network": "square"},
        "bad",
    ),
    Preset(
        "kink-exact",
        "the kink, exactly",
        "The exact check moves along the imaginary axis, and crosses no kink: it passes.",
        {**RIGHT, "network": "square", "method": "exact"},
    ),
    Preset(
        "float32",
        "false alarm: float32",
        "The code is right. Seven digits are too few for a small epsilon.",
        {**RIGHT, "method": "float32", "epsilon": 1e-3},
        "bad",
    ),
    Preset(
        "deep",
        "false alarm: 12 layers",
        "The code is right. With sigmoids all the way the gradients are tiny, and the rounding "
        "of J is not.",
        {**RIGHT, "network": "deep", "activation": "sigmoid"},
        "bad",
    ),
    Preset(
        "small-weights",
        "false pass: W small",
        "tanh' = 1 is wrong, but near 0 it is nearly right: the check passes at small weights.",
        {"network": "square", "activation": "tanh", "bug": "tanh-one", "scale": 0.001},
        "bad",
    ),
    Preset(
        "b-is-zero",
        "false pass: b = 0",
        "lambd on b is a mistake, but at b = 0 it adds nothing: check again after some training.",
        {"network": "square", "activation": "tanh", "bug": "penalty-on-b", "lambd": 0.7},
        "bad",
    ),
    Preset(
        "dead",
        "false pass: a dead path",
        "keep_prob is forgotten, but behind a layer at rest: no gradient comes through.",
        {"bug": "not-rescaled", "keep_prob": 0.5, "scale": 0.001},
        "bad",
    ),
    Preset(
        "surprise",
        "surprise me",
        "One mistake, or none: look at the cells, then open Find the line.",
        {"bug": "surprise", "network": "square", "activation": "tanh", "lambd": 0.7},
    ),
)

FAIL_OR_PASS = ("it passes: at most 1e-7", "it fails: above 1e-7")


def _passes(_before: Result, after: Result) -> int:
    return 0 if after.check.difference <= GREAT else 1


def _blocks(*choices: tuple[str, ...]) -> Callable[[Result, Result], int]:
    """Return an answer: which of these sets of blocks is off."""
    return lambda _before, after: choices.index(tuple(sorted(after.check.suspects)))


def _ratio(before: Result, after: Result) -> int:
    factor = after.check.difference / before.check.difference
    return 0 if factor > 10 else 2 if factor < 0.1 else 1


PREDICTIONS = (
    Prediction(
        "The sum over the examples is right, but db is not divided by m. Which cells will be off?",
        ("all of them", "the columns of b only", "the last layer only"),
        {"network": "square", "activation": "tanh", "bug": "none"},
        {"network": "square", "activation": "tanh", "bug": "no-m-in-db"},
        _blocks(("W1", "W2", "W3", "b1", "b2", "b3"), ("b1", "b2", "b3"), ("W3", "b3")),
    ),
    Prediction(
        "Multiply J by a million. What happens to the difference?",
        ("it grows a million times", "it stays", "it falls a million times"),
        {},
        {"factor": "1e6"},
        _ratio,
    ),
    Prediction(
        "tanh' = 1 is wrong. With all weights 1000 times smaller, what will the check say?",
        FAIL_OR_PASS,
        {"network": "square", "activation": "tanh", "bug": "tanh-one"},
        {"network": "square", "activation": "tanh", "bug": "tanh-one", "scale": 0.001},
        _passes,
    ),
    Prediction(
        "This code is right. Will it pass where a unit stands on ReLU's kink?",
        FAIL_OR_PASS,
        {"bug": "none", "network": "square", "activation": "tanh"},
        {"bug": "none", "network": "square", "activation": "relu"},
        _passes,
    ),
)

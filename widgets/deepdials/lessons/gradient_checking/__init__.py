"""Gradient checking: which line of this backprop is wrong."""

from deepdials.core import backward, exact_checking, gradient_checking, gradient_report, nudging
from deepdials.core.activations import ACTIVATIONS
from deepdials.core.bugs import BUGS, Bug
from deepdials.dials import Choice, LogSlider, Slider, Text, Values
from deepdials.lesson import Lesson, Sources
from deepdials.lessons.gradient_checking.compute import WORST, compute
from deepdials.lessons.gradient_checking.lines import find_line
from deepdials.lessons.gradient_checking.picture import Picture
from deepdials.lessons.gradient_checking.presets import PREDICTIONS, PRESETS
from deepdials.lessons.gradient_checking.problems import NETWORKS
from deepdials.lessons.gradient_checking.setting import NONE, SURPRISE
from deepdials.lessons.gradient_checking.words import caption, teachers_note


def _is_loop(values: Values) -> bool:
    return values["method"] != "exact"


def _is_surprise(values: Values) -> bool:
    return values["bug"] == SURPRISE


def _of_l1(bug: Bug) -> bool:
    """Whether a mistake is in the L1 penalty, which no dial here brings in."""
    return any("L1" in need.words for need in bug.needs)


DIALS = {
    "bug": Choice(
        label="bug",
        default="course-pair",
        options={
            NONE: "none: the code is right",
            SURPRISE: "surprise me",
            **{slug: bug.title for slug, bug in BUGS.items() if not _of_l1(bug)},
        },
    ),
    "number": Slider(
        label="surprise",
        default=1,
        low=1,
        high=200,
        step=1,
        active=_is_surprise,
        reason='Choose the bug "surprise me" first.',
    ),
    "network": Choice(label="network", default="exercise", options=NETWORKS),
    "activation": Choice(
        label="activation",
        default="relu",
        options={name: name for name in ACTIVATIONS if name != "identity"},
    ),
    "method": Choice(
        label="check",
        default="as-written",
        options={
            "as-written": "two-sided, J from log(A)",
            "two-sided": "two-sided, J from logits",
            "one-sided": "one-sided",
            "float32": "two-sided, float32",
            "exact": "exact, no epsilon",
        },
    ),
    "epsilon": LogSlider(
        label="epsilon",
        default=1e-7,
        low=1e-12,
        high=0.1,
        active=_is_loop,
        reason="The exact check has no epsilon.",
    ),
    "scale": LogSlider(label="W times", default=1.0, low=1e-3, high=10.0),
    "lambd": Slider(label="lambd", default=0.0, low=0.0, high=2.0, step=0.1),
    "keep_prob": Slider(label="keep_prob", default=1.0, low=0.3, high=1.0, step=0.1),
    "factor": Choice(label="J times", default="1", options={"1": "1", "1e6": "1e6"}),
    "component": Text(
        label="component",
        default=WORST,
        pattern=r"worst|[Wb][0-9]{1,2}\[[0-9]{1,2}(, [0-9]{1,2})?\]",
        allowed="worst, or a name such as W2[3, 1] or b1[0]",
        examples=("W1[0, 0]", "b2[1]", "W9[9, 9]"),
    ),
    "yours": Text(
        label="yours",
        default="",
        pattern=r"|([0-9]{1,8}\.?[0-9]{0,20}|\.[0-9]{1,20})(e-?[0-9]{1,3})?",
        allowed="the difference that your own check printed, such as 0.2851 or 1.19e-7",
        examples=("0.2850931567", "1.19e-7", "0.3333"),
    ),
}


LESSON = Lesson(
    slug="gradient-checking",
    title="Gradient checking",
    question="Which line of this backprop is wrong?",
    dials=DIALS,
    compute=compute,
    picture=Picture,
    caption=caption,
    presets=PRESETS,
    predictions=PREDICTIONS,
    note=teachers_note(),
    sources=Sources(
        functions=(
            gradient_checking.check_gradients,
            gradient_report.relative_difference,
            nudging.Nudges,
            exact_checking.check_network,
            backward.backward,
        ),
        papers=(
            'Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking" and '
            '"Gradient checking implementation notes"',
            'William Squire and George Trapp, "Using Complex Variables to Estimate Derivatives of '
            'Real Functions", SIAM Review 40(1), 1998, 110-112',
        ),
    ),
    listing=find_line,
)

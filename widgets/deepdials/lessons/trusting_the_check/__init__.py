"""Trusting the check: when to ship on a report, and when not."""

from deepdials.core import averaged_cost, batched_checking, check_cost, descent, exact_checking
from deepdials.core.backward import backward
from deepdials.core.network import Network
from deepdials.dials import Choice, LogSlider, Slider, Switch, Values
from deepdials.lesson import Lesson, Sources
from deepdials.lessons.trusting_the_check.checks import LAST
from deepdials.lessons.trusting_the_check.compute import FEWEST, MOST, compute
from deepdials.lessons.trusting_the_check.picture import Picture
from deepdials.lessons.trusting_the_check.presets import PREDICTIONS, PRESETS
from deepdials.lessons.trusting_the_check.words import caption, teachers_note


def _drops(values: Values) -> bool:
    return values["dropout"] != "none"


def _penalizes(values: Values) -> bool:
    return float(values["lambd"]) > 0


DIALS = {
    "backprop": Choice(
        label="backprop",
        default="A",
        options={"A": "A", "B": "B", "C": "C"},
        help="whose code is checked",
    ),
    "dropout": Choice(
        label="dropout",
        default="fresh",
        options={
            "none": "off",
            "fixed": "fixed mask",
            "fresh": "fresh masks",
            "averaged": "all masks",
        },
        help="in the check",
    ),
    "keep_prob": Slider(
        label="keep_prob",
        default=0.8,
        low=0.5,
        high=1.0,
        step=0.05,
        help="of the 8 hidden units",
        active=_drops,
        reason="Dropout is off.",
    ),
    "lambd": Slider(
        label="lambd", default=0.0, low=0.0, high=2.0, step=0.1, help="of L2, while training"
    ),
    "J_has_penalty": Switch(
        label="J has the penalty",
        default=True,
        help="in the J of the check",
        active=_penalizes,
        reason="At lambd = 0 there is no penalty.",
    ),
    "iteration": Slider(
        label="iteration",
        default=60,
        low=0,
        high=LAST,
        step=1,
        help="of training, before the check",
    ),
    "parameters": LogSlider(
        label="parameters",
        default=1000,
        low=FEWEST,
        high=MOST,
        step=0.1,
        help="n, of a larger network",
    ),
}

LESSON = Lesson(
    slug="trusting-the-check",
    title="Trusting the check",
    question="Would you ship on this report?",
    dials=DIALS,
    compute=compute,
    picture=Picture,
    caption=caption,
    presets=PRESETS,
    predictions=PREDICTIONS,
    note=teachers_note(),
    sources=Sources(
        functions=(
            batched_checking.check_batched,
            Network.cost,
            backward,
            averaged_cost.averaged_cost,
            averaged_cost.averaged_gradients,
            descent.descend,
            exact_checking.check_network,
            check_cost.forward_passes,
        ),
        papers=(
            'Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking '
            'implementation notes"',
            'Nitish Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from '
            'Overfitting", Journal of Machine Learning Research 15, 2014',
        ),
    ),
)

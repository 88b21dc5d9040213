"""Five reports, what there is to find out about each, and the decisions asked for."""

from deepdials.dials import Values
from deepdials.lesson import Prediction, Preset
from deepdials.lessons.trusting_the_check.compute import DECISIONS, Result

DROPOUT_ON: Values = {}
L2: Values = {"dropout": "none", "lambd": 0.7, "iteration": 30}
WEIGHTS_ONLY: Values = {**L2, "backprop": "C"}
OTHER_J: Values = {**L2, "J_has_penalty": False}
AT_THE_START: Values = {"dropout": "none", "backprop": "B", "iteration": 0}
TWICE: Values = {**L2, "iteration": 60}

ONE_MASK: Values = {"dropout": "fixed"}
WITHOUT_L2: Values = {**WEIGHTS_ONLY, "lambd": 0.0}
WHOLE_J: Values = L2
TRAINED: Values = {**AT_THE_START, "iteration": 60}
LARGE: Values = {**TWICE, "parameters": 1_000_000}

PRESETS = (
    Preset(
        "report-1",
        "Report 1: dropout on",
        "A difference near 1, and a fresh mask at each call of J. Decide before you go on.",
        DROPOUT_ON,
        "lecture",
    ),
    Preset(
        "report-2",
        "Report 2: L2 on",
        "J has the L2 penalty. Both dW are off, both db agree. Decide before you go on.",
        WEIGHTS_ONLY,
    ),
    Preset(
        "report-3",
        "Report 3: L2 on, again",
        "Another backprop, the same arrays off. But look at what J holds, then decide.",
        OTHER_J,
    ),
    Preset(
        "report-4",
        "Report 4: great at the start",
        "Everything agrees, before the first step of training. Decide before you go on.",
        AT_THE_START,
    ),
    Preset(
        "report-5",
        "Report 5: great twice",
        "L2 in dW and in J, dropout off, great before and after training. Decide before you go on.",
        TWICE,
    ),
    Preset(
        "one-mask",
        "1: fix the mask",
        "One mask for both sides, and the same backprop passes: the check was wrong.",
        ONE_MASK,
    ),
    Preset(
        "keep-prob-1",
        "1: keep_prob = 1",
        "Nothing is dropped, so there is one J again. Check like this, then turn dropout on.",
        {"keep_prob": 1.0},
        "lecture",
    ),
    Preset(
        "all-masks",
        "1: all 256 masks",
        "J averaged over every mask is the function that dropout really descends. It passes too.",
        {"dropout": "averaged"},
    ),
    Preset(
        "without-l2",
        "2: lambd = 0",
        "Without a penalty it passes. What backprop C forgot is lambd / m W; move lambd to see it.",
        WITHOUT_L2,
        "bad",
    ),
    Preset(
        "whole-j",
        "3: penalty in J",
        "The same backprop passes once J has the penalty too: the check was wrong.",
        WHOLE_J,
    ),
    Preset(
        "both-forgot",
        "2 and 3 at once",
        "Backprop and J forgot the same term, and agree. A check sees only what J holds.",
        {**WEIGHTS_ONLY, "J_has_penalty": False},
        "bad",
    ),
    Preset(
        "trained",
        "4: after training",
        "Backprop B takes tanh' = 1, which is true near 0 only. Drag iteration from the start.",
        TRAINED,
        "bad",
    ),
    Preset(
        "every-step",
        "5: at every step?",
        "A check at each step would multiply the work. Check to debug, then turn it off.",
        LARGE,
        "bad",
    ),
)


def _decide(before: Result, _after: Result) -> int:
    return DECISIONS.index(before.decision)


def _backprops(_before: Result, after: Result) -> int:
    passes = dict(zip(after.methods, after.passes.tolist(), strict=True))
    ratio = passes["two-sided"] / passes["backprop"]
    return 0 if ratio < 500 else 1 if ratio < 50_000 else 2


def _decision(question: str, before: Values, after: Values) -> Prediction:
    return Prediction(f"{question} Would you ship?", DECISIONS, before, after, _decide)


PREDICTIONS = (
    _decision(
        "Report 1. Dropout draws a fresh mask at each call of J; the difference is near 1.",
        DROPOUT_ON,
        ONE_MASK,
    ),
    _decision(
        "Report 2. J has the L2 penalty. Both dW are off, both db agree.",
        WEIGHTS_ONLY,
        WITHOUT_L2,
    ),
    _decision(
        "Report 3. Again both dW are off. This J has no penalty, though training has.",
        OTHER_J,
        WHOLE_J,
    ),
    _decision(
        "Report 4. All arrays agree, before the first step of training.",
        AT_THE_START,
        TRAINED,
    ),
    _decision(
        "Report 5. J holds all that is trained, dropout is off; all agrees, also after training.",
        TWICE,
        {**TWICE, "iteration": 100},
    ),
    Prediction(
        "A check at every step, to be safe, with a million parameters. Each costs as much as how "
        "many backprops?",
        ("about 2", "about 1,000", "about a million"),
        TWICE,
        LARGE,
        _backprops,
    ),
)

import numpy as np
import pytest

from deepdials.dials import Choice, LogSlider, Slider, Switch, Text

EPSILON = LogSlider(label="epsilon", default=0.01, low=1e-12, high=1.0)
THETA = Slider(label="theta", default=1.0, low=-2.0, high=2.0, step=0.05)
DEPTH = Slider(label="L", default=4, low=1, high=150, step=1)
NAME = Choice(label="J", default="sin", options={"sin": "sine", "exp": "exponential"})
MOVES = Text(label="moves", default="", pattern="[bgm]{0,8}", allowed="up to 8 of b, g, m")
TICK = Switch(label="scaled", default=True)


@pytest.mark.parametrize(
    ("dial", "value"),
    [
        (EPSILON, 0.0123),
        (EPSILON, 1e-12),
        (THETA, -2),
        (DEPTH, 150),
        (DEPTH, 7.0),
        (NAME, "exp"),
        (MOVES, "bgm"),
        (TICK, False),
    ],
)
def test_allowed_values_are_held_and_linked_exactly(dial, value):
    held = dial.check(value)
    assert held == value
    assert type(held) is type(dial.default)
    assert dial.parse(dial.link(held)) == held


@pytest.mark.parametrize(
    ("dial", "value", "allowed"),
    [
        (EPSILON, 0, "a number from 1e-12 to 1"),
        (EPSILON, float("nan"), "a number from 1e-12 to 1"),
        (EPSILON, float("inf"), "a number from 1e-12 to 1"),
        (EPSILON, "0.01", "a number from 1e-12 to 1"),
        (EPSILON, True, "a number from 1e-12 to 1"),
        (EPSILON, None, "a number from 1e-12 to 1"),
        (EPSILON, [1], "a number from 1e-12 to 1"),
        (THETA, 2.1, "a number from -2 to 2"),
        (THETA, 10**400, "a number from -2 to 2"),
        (DEPTH, 2.5, "a whole number from 1 to 150"),
        (NAME, "cos", "sin, exp"),
        (NAME, ["sin"], "sin, exp"),
        (MOVES, "x", "up to 8 of b, g, m"),
        (TICK, 1, "on or off"),
    ],
)
def test_other_values_are_refused_with_what_is_allowed(dial, value, allowed):
    with pytest.raises(ValueError, match=f"it takes {allowed}$"):
        dial.check(value)


@pytest.mark.parametrize(
    ("dial", "text"),
    [
        (EPSILON, "banana"),
        (EPSILON, "1e400"),
        (EPSILON, "nan"),
        (EPSILON, "9" * 10**6),
        (TICK, "?"),
    ],
)
def test_a_bad_text_is_refused_in_one_short_sentence(dial, text):
    with pytest.raises(ValueError, match="it takes") as refused:
        dial.parse(text)
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize("dial", [EPSILON, THETA, DEPTH])
def test_the_grid_is_its_own_nearest_point_and_holds_ends_and_default(dial):
    raw = np.linspace(dial.low, dial.high, 401)
    if dial.log:
        raw = np.geomspace(dial.low, dial.high, 401)
    for value in map(dial.snap, raw.tolist()):
        assert dial.snap(value) == value == dial.check(value)
    for value in (dial.low, dial.high, dial.default):
        assert dial.snap(value) == value
    assert dial.snap(dial.low - 1) == dial.low
    assert dial.snap(dial.high + 1) == dial.high


def test_a_value_is_shown_as_it_is_used():
    decade = [EPSILON.snap(10 ** (k / 10 - 2)) for k in range(11)]
    assert [EPSILON.write(value) for value in decade] == [
        *(
            "0.01",
            "0.013",
            "0.016",
            "0.02",
            "0.025",
            "0.032",
            "0.04",
            "0.05",
            "0.063",
            "0.079",
            "0.1",
        )
    ]
    assert [float(EPSILON.write(value)) for value in decade] == decade


def test_ends_are_extremes_that_the_dial_allows():
    for dial in (EPSILON, THETA, DEPTH, NAME, MOVES, TICK):
        for value in dial.ends():
            assert dial.check(value) == value

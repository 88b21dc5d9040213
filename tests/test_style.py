"""Contrast by WCAG 2.2, and colours apart for colour-blind viewers, both computed."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from deepdials import style

# Machado, Oliveira and Fernandes 2009, IEEE TVCG 15(6), full severity, on linear RGB.
SEEN_WITH = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
LINES = ("ink", "muted", "one_sided", "two_sided")
# A difference of 2.3 is just noticeable; lines of a picture stay much further apart.
APART = 15


def linear(colour):
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIE 1976 L*a*b* of linear sRGB, white D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = (np.array(to_xyz) @ np.clip(rgb, 0, 1)) / [0.9505, 1.0, 1.089]
    f = lambda t: np.cbrt(t) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116  # noqa: E731
    return np.array([116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))])


@pytest.fixture(params=style.PALETTES.values(), ids=style.PALETTES.keys())
def palette(request):
    return request.param


def test_black_on_white_has_the_contrast_that_the_standard_gives():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("line", LINES)
def test_every_line_stands_out_from_the_paper(palette, line):
    assert contrast(getattr(palette, line), palette.paper) >= 3


@pytest.mark.parametrize("text", ["ink", "muted"])
def test_text_can_be_read(palette, text):
    assert contrast(getattr(palette, text), palette.paper) >= 4.5


@pytest.mark.parametrize("eyes", SEEN_WITH)
@pytest.mark.parametrize("pair", list(combinations(LINES, 2)), ids="-".join)
def test_lines_of_one_picture_stay_apart(palette, pair, eyes):
    one, other = (lab(SEEN_WITH[eyes] @ linear(getattr(palette, name))) for name in pair)
    assert np.linalg.norm(one - other) >= APART


@pytest.mark.parametrize("width", [320, 639, 640, 1400])
def test_panes_stack_on_narrow_pages_and_stay_apart(width):
    from matplotlib.figure import Figure

    size = (width / style.CSS_DPI, style.height(width, 3) / style.CSS_DPI)
    boxes = [axes.get_position() for axes in style.panes(Figure(figsize=size), 3)]
    stacked = width < style.STACKED_BELOW
    for before, after in pairwise(boxes):
        assert (after.y1 < before.y0) == stacked
        assert (after.x0 > before.x1) != stacked


@pytest.mark.parametrize("eyes", SEEN_WITH)
def test_a_worse_grade_stands_out_more_and_is_told_from_the_others(palette, eyes):
    contrasts = [contrast(grade, palette.paper) for grade in palette.grades]
    assert contrasts == sorted(contrasts)
    for one, other in combinations(palette.grades, 2):
        seen = [lab(SEEN_WITH[eyes] @ linear(colour)) for colour in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) >= APART

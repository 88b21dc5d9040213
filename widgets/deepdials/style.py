"""One palette, one place: colours by meaning, light and dark; type; panes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

CSS_DPI = 96
STACKED_BELOW = 640
TOP, RIGHT, BOTTOM, LEFT = 40, 18, 48, 56


@dataclass(frozen=True)
class Palette:
    """Colours by meaning. One quantity keeps its colour in all lessons.

    ``grades`` are the course's verdicts on a difference, from great to a bug; each stands
    out more from the paper than the one before.
    """

    name: str
    paper: str
    ink: str
    muted: str
    faint: str
    one_sided: str
    two_sided: str
    grades: tuple[str, str, str, str]


LIGHT = Palette(
    name="light",
    paper="#ffffff",
    ink="#1c1f23",
    muted="#5a6270",
    faint="#dfe3e8",
    one_sided="#d55e00",
    two_sided="#0072b2",
    grades=("#cfe1ef", "#eebf45", "#d9701e", "#7f1540"),
)
DARK = Palette(
    name="dark",
    paper="#111111",
    ink="#eceff3",
    muted="#a4adb8",
    faint="#33383f",
    one_sided="#f08c3c",
    two_sided="#56b4e9",
    grades=("#22384a", "#77621c", "#d9822b", "#ffa3b8"),
)
PALETTES = {palette.name: palette for palette in (LIGHT, DARK)}


def points(css_px: float) -> float:
    """Return a size in CSS px as Matplotlib's points, 1/72 inch."""
    return css_px * 72 / CSS_DPI


@contextmanager
def applied(palette: Palette) -> Iterator[None]:
    """Set the type, the lines and the colours of the stage while a picture is made."""
    with matplotlib.rc_context(
        {
            "figure.facecolor": palette.paper,
            "axes.facecolor": palette.paper,
            "savefig.facecolor": palette.paper,
            "axes.edgecolor": palette.muted,
            "axes.labelcolor": palette.muted,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": points(1),
            "text.color": palette.ink,
            "xtick.color": palette.muted,
            "ytick.color": palette.muted,
            "xtick.major.size": points(4),
            "ytick.major.size": points(4),
            "xtick.minor.size": 0,
            "ytick.minor.size": 0,
            "font.size": points(12.5),
            "axes.labelsize": points(12.5),
            "xtick.labelsize": points(12),
            "ytick.labelsize": points(12),
            "lines.linewidth": points(2),
            "lines.solid_capstyle": "round",
            "svg.hashsalt": "deepdials",
        }
    ):
        yield


def stacked(width: int) -> bool:
    """Whether panes stand one above the other at this width in CSS px."""
    return width < STACKED_BELOW


def height(width: int, count: int, wide: int = 372, narrow: int = 290) -> int:
    """Return the height in CSS px of a picture of ``count`` panes."""
    return narrow * count if stacked(width) else wide


def panes(figure: Figure, count: int, shares: Sequence[float] | None = None) -> list[Axes]:
    """Lay out ``count`` axes with margins in CSS px.

    Side by side, as wide as their ``shares`` say; equal and stacked on a narrow page.
    """
    width, tall = (figure.get_size_inches() * CSS_DPI).tolist()
    if stacked(round(width)):
        cells = [(0.0, tall * (count - i - 1) / count, width, tall / count) for i in range(count)]
    else:
        parts = [share / sum(shares) for share in shares] if shares else [1 / count] * count
        starts = accumulate(parts, initial=0.0)
        cells = [(x * width, 0.0, w * width, tall) for x, w in zip(starts, parts, strict=False)]
    return [
        figure.add_axes(
            (
                (x + LEFT) / width,
                (y + BOTTOM) / tall,
                (w - LEFT - RIGHT) / width,
                (h - TOP - BOTTOM) / tall,
            )
        )
        for x, y, w, h in cells
    ]


def heading(axes: Axes, text: str) -> Text:
    """Write a pane's heading above its left end."""
    return axes.annotate(
        text,
        (0, 1),
        (0, points(14)),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=points(13.5),
        fontweight="bold",
        va="baseline",
    )


def below(axes: Axes) -> Text:
    """Return an empty text where the label of the x axis would stand."""
    return axes.annotate(
        "",
        (0.5, 0),
        (0, -points(25)),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        va="top",
    )


def without_labels(axes: Axes) -> tuple[float, float, float, float]:
    """Return a pane's box, grown into the margins that its tick labels do not need."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    spare = (LEFT - RIGHT) / (figure.get_figwidth() * CSS_DPI)
    x, y, width, tall = axes.get_position().bounds
    return x - spare, y, width + spare, tall

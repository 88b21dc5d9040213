"""Tables for a terminal."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import median

from tests.benchmarks.cost import STEPS, Cost
from tests.benchmarks.pages import Speed

PACKAGES = ("numpy", "matplotlib", "ipywidgets", "anywidget", "voila", "jupyterlab", "ipympl")
SPEED_HEAD = (
    "",
    "kernel CPU ms",
    "kB a move",
    "key to pixels ms",
    "p95",
    "pictures/s in a drag",
    "after it",
)
LEGEND = """
Kernel CPU is the whole process's, for each key. Bytes are the median of all that the websocket
brought for a key. Key to pixels runs from keydown to the first screen refresh after the new
picture is there; the next key comes when all is quiet. In a drag the mouse moves at every
refresh; pictures are counted by refreshes, and those that come after it apart."""
COST_HEAD = ("", "dial", "ratio", *(f"{step} ms" for step in STEPS), "all ms", "p95", "kB PNG")

Row = Sequence[str]


@dataclass(frozen=True)
class Budget:
    """A number that must not be above ``limit``, or below it where ``least``."""

    what: str
    value: float
    limit: float
    unit: str = ""
    least: bool = False

    @property
    def row(self) -> Row:
        kept = self.value >= self.limit if self.least else self.value <= self.limit
        bound = f"{'>=' if self.least else '<='} {self.limit:g}"
        return (self.what, f"{self.value:.3g} {self.unit}", bound, "ok" if kept else "missed")


def machine(browser: str) -> str:
    """Return what the numbers depend on, in two lines."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    known = ", ".join(f"{name} {installed(name)}" for name in PACKAGES)
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load}\n"
        f"Python {platform.python_version()}, {known}, Chromium {browser}"
    )


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def speed_row(name: str, speed: Speed) -> Row:
    numbers = (speed.cpu, speed.kilobytes, speed.median, speed.p95, speed.rate)
    return (name, *(f"{number:.1f}" for number in numbers), str(speed.late))


def cost_row(cost: Cost) -> Row:
    numbers = (*cost.steps, cost.mean, cost.p95, median(cost.kilobytes))
    return (cost.slug, cost.dial, f"{cost.ratio:g}", *(f"{number:.1f}" for number in numbers))


def show(title: str, rows: Sequence[Row]) -> None:
    """Print rows under a title, the first column and words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print(f"\n{title}")
    for row in rows:
        cells = (
            cell.ljust(width) if index == 0 or cell.isalpha() else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join(cells).rstrip(), flush=True)

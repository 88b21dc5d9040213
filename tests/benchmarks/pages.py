"""Drives one way in a browser, as a hand would, and reads what the page and the kernel took."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, cycle, islice, repeat
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from deepdials.lessons import LESSONS
from tests.benchmarks import processes
from tests.benchmarks.cost import grid
from tests.benchmarks.ways import Open, Place, Subject, Way

PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
WINDOW = {"width": 1366, "height": 768}
PATIENCE = 30_000
# Stock servers hold small messages back for 40 ms.
QUIET = 100
LONG_QUIET = 1000
WARM_UP = 6
STRETCH = 20


@dataclass(frozen=True)
class Effort:
    """How much is measured: keys, seconds of dragging, visits."""

    moves: int
    seconds: float
    visits: int


@dataclass(frozen=True)
class Speed:
    """What one way took. Times in ms, ``late`` in pictures, ``pss`` in MiB."""

    cpu: float
    kilobytes: float
    latencies: list[float]
    rate: float
    late: int
    pss: float | None
    width: int

    @property
    def median(self) -> float:
        return median(self.latencies)

    @property
    def p95(self) -> float:
        return float(np.quantile(self.latencies, 0.95))


def speed(
    browser: Browser, place: Place, way: Way, subject: Subject, effort: Effort, ratio: float = 1.0
) -> Speed:
    """Open one way and measure it."""
    with place(way, subject) as open_page, visit(browser, way, open_page, ratio) as page:
        handle = page.locator(subject.handle(way)).first
        handle.focus()
        press(page, islice(keys(subject), WARM_UP))
        page.evaluate("bench.moves = []")
        kernel = processes.kernel()
        before = processes.cpu(kernel)
        press(page, islice(keys(subject), effort.moves))
        spent = processes.cpu(kernel) - before
        moves = page.evaluate("bench.moves")
        given = [effort.seconds, LONG_QUIET]
        pulled = handle.evaluate("(handle, given) => bench.drag(handle, ...given)", given)
        return Speed(
            cpu=1000 * spent / effort.moves,
            kilobytes=median(move["bytes"] for move in moves) / 1000,
            latencies=[move["painted"] - move["at"] for move in moves],
            **pulled,
            pss=processes.pss(kernel),
            width=page.evaluate("document.querySelector('canvas')?.width ?? 0"),
        )


def first_pictures(browser: Browser, place: Place, way: Way, subject: Subject, visits: int) -> Any:
    """Return the seconds from navigation to the first picture, of new visitors one by one."""
    seconds = []
    with place(way, subject) as open_page:
        for _ in range(visits):
            with visit(browser, way, open_page) as page:
                seconds.append(page.evaluate("bench.pictures[0]") / 1000)
    return seconds


@contextmanager
def visit(browser: Browser, way: Way, open_page: Open, ratio: float = 1.0) -> Iterator[Page]:
    """Open a page with a cache of its own, and wait until it has come to rest."""
    with browser.new_context(viewport=WINDOW, device_scale_factor=ratio) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.add_init_script(f"window.benchHook = '{way.hook}';\n{PROBE}")
        open_page(page)
        page.wait_for_function("() => window.bench.pictures.length")
        page.evaluate(f"bench.quiet({LONG_QUIET})")
        yield page


def keys(subject: Subject) -> Iterator[str]:
    """Yield arrow keys, first towards the farther end of the slider, then back, and again."""
    dial = LESSONS[subject.slug].dials[subject.dial]
    values = grid(dial)
    there, back = "ArrowLeft", "ArrowRight"
    if values.index(dial.snap(dial.default)) < len(values) / 2:
        there, back = back, there
    stretch = min(STRETCH, len(values) // 2 - 1)
    return cycle(chain(repeat(there, stretch), repeat(back, stretch)))


def press(page: Page, pressed: Iterator[str]) -> None:
    """Press keys one by one, each after the picture of the one before."""
    for key in pressed:
        page.keyboard.press(key)
        page.evaluate(f"bench.answered({QUIET}, {PATIENCE})")

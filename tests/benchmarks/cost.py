"""What one move costs in the kernel, in this process: compute, draw, encode."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np

from deepdials import style
from deepdials.dials import Slider
from deepdials.lesson import Lesson
from deepdials.lessons import LESSONS
from deepdials.panel.frames import frame
from deepdials.panel.stage import Stage

STEPS = ("compute", "draw", "encode")


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of each move of one slider, shape (moves, steps), and kB of pictures."""

    slug: str
    dial: str
    ratio: float
    slow: bool
    times: Any
    kilobytes: list[float]

    @property
    def steps(self) -> list[float]:
        return self.times.mean(axis=0).tolist()

    @property
    def mean(self) -> float:
        return float(self.times.sum(axis=1).mean())

    @property
    def p95(self) -> float:
        return float(np.quantile(self.times.sum(axis=1), 0.95))


def grid(dial: Slider) -> list[float]:
    """Return every value at which a slider's handle can stand."""
    ends = np.array([dial.low, dial.high])
    low, high = np.log10(ends) if dial.log else ends
    even = np.linspace(low, high, round((high - low) / dial.step) + 1)
    return [dial.snap(value) for value in (10**even if dial.log else even).tolist()]


def sliders(lesson: Lesson) -> dict[str, Slider]:
    return {name: dial for name, dial in lesson.dials.items() if isinstance(dial, Slider)}


def to_and_fro(values: list[float], moves: int) -> Iterator[float]:
    return islice(cycle([*values, *values[-2:0:-1]]), moves)


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    made = step()
    return 1000 * (time.process_time() - start), made


def measure(lesson: Lesson, name: str, ratio: float, width: int, moves: int) -> Cost:
    """Move one slider along its whole range and back, the other dials at their defaults."""
    stage = Stage(lesson.picture, style.LIGHT, width, ratio)
    before, times, sizes = stage.draw(lesson.result(lesson.defaults)), [], []
    for value in to_and_fro(grid(lesson.dials[name]), moves):
        values = lesson.settings(**{name: value})
        computing, result = timed(lambda values=values: lesson.result(values))
        drawing, pixels = timed(lambda result=result: stage.draw(result))
        encoding, news = timed(lambda new=pixels, old=before: frame(new, old))
        times.append((computing, drawing, encoding))
        sizes.append(len(news.image) / 1000)
        before = pixels
    return Cost(lesson.slug, name, ratio, lesson.slow, np.array(times), sizes)


def all_costs(width: int, moves: int) -> Iterator[Cost]:
    for lesson in LESSONS.values():
        for name in sliders(lesson):
            for ratio in (1.0, 2.0):
                yield measure(lesson, name, ratio, width, moves)

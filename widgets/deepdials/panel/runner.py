"""Computes a lesson's result: at once, or in slices that give way to a newer setting."""

import asyncio
import time
from collections.abc import Callable, Generator
from typing import Any

from deepdials.dials import Values
from deepdials.lesson import Lesson, drain

SLICE = 0.030
DONE = -1.0


class Runner:
    """Runs one computation at a time; a newer one closes the one before.

    A short computation runs at once: the one update in flight that the page allows itself
    is back-pressure enough. A long one, a generator, runs in slices of 30 ms, so that the
    kernel hears of newer settings in between.
    """

    def __init__(
        self,
        lesson: Lesson,
        on_result: Callable[[Values, Any], None],
        on_progress: Callable[[float], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._lesson = lesson
        self._on_result, self._on_progress = on_result, on_progress
        self._on_failure = on_failure
        self._task: asyncio.Task[None] | None = None

    def run(self, values: Values) -> None:
        """Compute the result for ``values`` and hand it on."""
        self.cancel()
        work = self._lesson.start(values)
        loop = _running_loop()
        if self._lesson.slow and loop:
            self._task = loop.create_task(self._in_slices(values, work))
        else:
            self._at_once(values, work)

    def cancel(self) -> None:
        """Give up the computation that is under way."""
        if self._task:
            self._task.cancel()
            self._task = None
            self._on_progress(DONE)

    def _at_once(self, values: Values, work: Generator[float, None, Any]) -> None:
        try:
            self._on_result(values, drain(work))
        except Exception as error:
            self._on_failure(error)

    async def _in_slices(self, values: Values, work: Generator[float, None, Any]) -> None:
        try:
            ended, news = _advance(work)
            while not ended:
                self._on_progress(news)
                await asyncio.sleep(0)
                ended, news = _advance(work)
            self._on_progress(DONE)
            self._on_result(values, news)
        except Exception as error:
            self._on_progress(DONE)
            self._on_failure(error)
        finally:
            work.close()


def _advance(work: Generator[float, None, Any]) -> tuple[bool, Any]:
    """Run for one slice; return whether it ended, and the result or the share done."""
    end, share = time.perf_counter() + SLICE, 0.0
    try:
        while time.perf_counter() < end:
            share = next(work)
    except StopIteration as stop:
        return True, stop.value
    return False, share


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

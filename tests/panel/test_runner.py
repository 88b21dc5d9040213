import asyncio
import time
from dataclasses import replace

from deepdials.lessons import find
from deepdials.panel.runner import DONE, Runner


class Log:
    def __init__(self):
        self.results, self.shares, self.failures, self.closed = [], [], [], []


def busy(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def slow_lesson(log, steps=20, failing=None):
    def compute(theta):
        try:
            for step in range(steps):
                busy(0.005)
                if theta == failing:
                    raise ZeroDivisionError
                yield step / steps
        finally:
            log.closed.append(theta)
        return theta * 10

    return replace(find("numerical-gradients"), compute=compute)


def runner(lesson, log):
    return Runner(
        lesson,
        lambda values, result: log.results.append((dict(values), result)),
        log.shares.append,
        log.failures.append,
    )


async def until(look):
    while not look():
        await asyncio.sleep(0.001)


def test_a_long_computation_runs_in_slices_and_shows_progress():
    log = Log()

    async def main():
        runner(slow_lesson(log), log).run({"theta": 1})
        beats = 0
        while not log.results:
            await asyncio.sleep(0)
            beats += 1
        return beats

    assert asyncio.run(main()) >= 3
    assert log.results == [({"theta": 1}, 10)]
    assert log.shares[-1] == DONE
    assert sorted(log.shares[:-1]) == log.shares[:-1]


def test_a_newer_setting_closes_the_one_before():
    log = Log()

    async def main():
        one = runner(slow_lesson(log), log)
        for theta in range(10):
            one.run({"theta": theta})
            await asyncio.sleep(0.001)
        await until(lambda: log.results)

    asyncio.run(main())
    assert log.results == [({"theta": 9}, 90)]
    assert log.closed == list(range(10))


def test_without_a_loop_it_is_drained():
    log = Log()
    runner(slow_lesson(log, steps=2), log).run({"theta": 2})
    assert log.results == [({"theta": 2}, 20)]


def test_a_failure_is_told_and_the_next_setting_works():
    log = Log()

    async def main():
        one = runner(slow_lesson(log, failing=0), log)
        one.run({"theta": 0})
        await until(lambda: log.failures)
        one.run({"theta": 3})
        await until(lambda: log.results)

    asyncio.run(main())
    assert [type(error) for error in log.failures] == [ZeroDivisionError]
    assert log.results == [({"theta": 3}, 30)]


def test_a_short_failure_is_told_too():
    log = Log()
    lesson = replace(find("numerical-gradients"), compute=lambda theta: 1 / theta)
    runner(lesson, log).run({"theta": 0})
    assert [type(error) for error in log.failures] == [ZeroDivisionError]

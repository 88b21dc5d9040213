"""Print how fast the lessons are beside other ways to draw them, and whether budgets are kept.

Budgets are told, never enforced: a number depends on the machine. The exit status is 1 only
if something could not be measured.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from playwright.sync_api import Browser, sync_playwright

from deepdials.lessons import LESSONS
from tests.benchmarks import checking, cost, pages, report, ways
from tests.benchmarks.pages import Effort, Speed
from tests.benchmarks.report import Budget
from tests.benchmarks.ways import FLOOR, INTERACT, OURS, WAYS, Place, Subject
from tests.browser import chromium

PARTS = ("app", "lab", "kernel", "checks")
# Of a picture in the app's window, when no browser was asked.
WIDTH = 960

Made = TypeVar("Made")


@dataclass
class Bench:
    """One run."""

    effort: Effort
    subject: Subject
    budgets: list[Budget] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def attempt(self, what: str, measure: Callable[[], Made]) -> Made | None:
        """Measure, or note why not and go on."""
        try:
            return measure()
        except Exception as error:
            reason = (str(error).strip().splitlines() or [""])[0]
            self.failures.append(f"{what}: {type(error).__name__}: {reason}")
            return None

    def promise(self, *budget: object, **more: object) -> None:
        self.budgets.append(Budget(*budget, **more))

    def compare(self, browser: Browser, name: str, place: Place) -> dict[str, Speed]:
        """Measure every way in one place; ours goes first, as the others take its width."""
        speeds: dict[str, Speed] = {}
        subject = self.subject
        for way in sorted(WAYS, key=lambda way: way is not OURS):
            measured = self.attempt(
                f"{way.name}, {name}",
                lambda way=way, subject=subject: pages.speed(
                    browser, place, way, subject, self.effort
                ),
            )
            if measured:
                speeds[way.name] = measured
            if way is OURS:
                subject = replace(subject, width=measured.width if measured else WIDTH)
        rows = [report.speed_row(w.name, speeds[w.name]) for w in WAYS if w.name in speeds]
        title = f"{name}: {subject.slug}, {subject.dial}, {subject.width} px wide, pixel ratio 1"
        report.show(title, [report.SPEED_HEAD, *rows])
        return speeds

    def app(self, browser: Browser) -> None:
        speeds = self.compare(browser, "App", ways.app)
        ours, least = speeds.get(OURS.name), speeds.get(FLOOR.name)
        if ours and least:
            ratio = ours.median / least.median
            self.promise("App: key to pixels, against no drawing", ratio, 1.2)
        if ours and (interact := speeds.get(INTERACT.name)):
            ratio = interact.median / ours.median
            self.promise("App: key to pixels, interact against ours", ratio, 10, least=True)
        others = dict(self.other_sliders(browser))
        self.app_budgets([*filter(None, [ours]), *others.values()])
        self.sharp(browser)
        self.first(browser)

    def other_sliders(self, browser: Browser) -> Iterator[tuple[str, Speed]]:
        """Measure ours on every other slider of the lesson, and print them."""
        rows = []
        for name in cost.sliders(LESSONS[self.subject.slug]):
            subject = replace(self.subject, dial=name)
            if subject != self.subject and (speed := self.ours(browser, subject)):
                rows.append(report.speed_row(name, speed))
                yield name, speed
        if rows:
            report.show("App: deepdials, other sliders", [report.SPEED_HEAD, *rows])

    def ours(self, browser: Browser, subject: Subject, ratio: float = 1.0) -> Speed | None:
        return self.attempt(
            f"deepdials, {subject.dial}, pixel ratio {ratio:g}",
            lambda: pages.speed(browser, ways.app, OURS, subject, self.effort, ratio),
        )

    def app_budgets(self, speeds: list[Speed]) -> None:
        """Hold the slowest slider to the budgets."""
        if not speeds:
            return
        rate, late = min(speed.rate for speed in speeds), max(speed.late for speed in speeds)
        size = max(speed.kilobytes for speed in speeds)
        self.promise("App: pictures a second in a drag", rate, 45, least=True)
        self.promise("App: pictures after the hand stops", late, 2)
        self.promise("App: median of a move's bytes, all messages", size, 25, "kB")
        sizes = [speed.pss for speed in speeds if speed.pss]
        if sizes:
            self.promise("App: the kernel, one lesson open, PSS", max(sizes), 100, "MiB")
        else:
            print("  No PSS: this system does not tell it.")

    def sharp(self, browser: Browser) -> None:
        if speed := self.ours(browser, self.subject, 2.0):
            row = report.speed_row("deepdials", speed)
            report.show("App: pixel ratio 2", [report.SPEED_HEAD, row])
            self.promise("App: pictures a second at pixel ratio 2", speed.rate, 30, least=True)

    def first(self, browser: Browser) -> None:
        seconds = self.attempt(
            "first picture",
            lambda: pages.first_pictures(browser, ways.app, OURS, self.subject, self.effort.visits),
        )
        if seconds:
            each = ", ".join(f"{one:.2f}" for one in seconds)
            print(f"\nApp: first picture of new visitors after {each} s")
            self.promise("App: first picture, the slowest, cold", max(seconds), 1.5, "s")

    def lab(self, browser: Browser) -> None:
        speeds = self.compare(browser, "JupyterLab", ways.lab)
        if ours := speeds.get(OURS.name):
            self.promise("JupyterLab: pictures a second in a drag", ours.rate, 30, least=True)

    def kernel(self, moves: int) -> None:
        rows = []
        for one in cost.all_costs(WIDTH, moves):
            rows.append(report.cost_row(one))
            limit = 120 if one.slow else 9 if one.ratio == 1 else 20
            what = f"Kernel: {one.slug}, {one.dial}, pixel ratio {one.ratio:g}"
            self.promise(what, one.mean, limit, "ms")
        title = f"Kernel: CPU of a move in one process, mean of {moves}, {WIDTH} px wide"
        report.show(title, [report.COST_HEAD, *rows])

    def checks(self, times: int) -> None:
        title = "Checking 9,760 parameters, 32 examples, and how many times faster than the first"
        report.show(title, list(checking.speed_rows(times)))
        report.show("Verdicts", list(checking.verdict_rows()))


def options() -> argparse.Namespace:
    command = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    add = command.add_argument
    add("--moves", type=int, default=80, help="keys a way (default: %(default)s)")
    add("--quick", action="store_true", help="few keys, short drags: to see that it works")
    add("--only", choices=PARTS, action="append", help="one part; can be given again")
    add("--lesson", choices=LESSONS, default=next(iter(LESSONS)), help="what is drawn")
    add("--dial", help="the slider that is moved (default: the lesson's first)")
    return command.parse_args()


def run(bench: Bench, parts: list[str], moves: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        print(report.machine(browser.version), report.LEGEND, sep="\n", flush=True)
        if "kernel" in parts:
            bench.kernel(moves)
        if "checks" in parts:
            bench.checks(3 if moves < 100 else 9)
        for part in ("app", "lab"):
            if part in parts:
                getattr(bench, part)(browser)
        browser.close()


def main() -> None:
    chosen = options()
    dial = chosen.dial or next(iter(cost.sliders(LESSONS[chosen.lesson])))
    effort = Effort(12, 1.0, 1) if chosen.quick else Effort(chosen.moves, 3.0, 3)
    bench = Bench(effort, Subject(chosen.lesson, dial))
    run(bench, chosen.only or list(PARTS), 40 if chosen.quick else 200)
    report.show("Budgets", [budget.row for budget in bench.budgets])
    if bench.failures:
        sys.exit("\nCould not be measured:\n  " + "\n  ".join(bench.failures))


if __name__ == "__main__":
    main()

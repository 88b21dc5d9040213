# Runs in a notebook's cell: a lesson that takes two seconds for every setting of its one dial.
import time
from dataclasses import dataclass

from deepdials import play
from deepdials.dials import Slider
from deepdials.lesson import Lesson

begun, closed, finished = [], [], []


@dataclass(frozen=True)
class Result:
    iteration: int


def compute(iteration):
    begun.append(iteration)
    try:
        for step in range(400):
            end = time.perf_counter() + 0.005
            while time.perf_counter() < end:
                pass
            yield step / 400
    except GeneratorExit:
        closed.append(iteration)
        raise
    finished.append(iteration)
    return Result(iteration)


class Picture:
    opaque = False

    def __init__(self, figure, palette):
        axes = figure.add_subplot()
        axes.set(xlim=(0, 10), ylim=(0, 1))
        (self.dot,) = axes.plot([], [], "o", animated=True)

    def show(self, result):
        self.dot.set_data([result.iteration], [0.5])

    def handles(self):
        return []

    def pick(self, axes, x, y):
        return {}

    @staticmethod
    def height(width):
        return 300


play(
    Lesson(
        slug="slow",
        title="Slow",
        question="Does it give way?",
        dials={"iteration": Slider(label="iteration", default=0, low=0, high=10, step=1)},
        compute=compute,
        picture=Picture,
        caption=lambda result: f"Here is iteration {result.iteration}.",
    )
)

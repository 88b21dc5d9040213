"""Ways to check a gradient: how long each takes, and what each says of the catalogue's bugs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np

from deepdials.core.bugs import BUGS, applies, faulty
from deepdials.core.dropout import draw_masks
from deepdials.core.exact_checking import check_network
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.gradient_report import GREAT
from deepdials.core.initialization import initialize
from deepdials.core.network import Network
from deepdials.core.parameters import to_parameters, to_vector
from deepdials.lessons.gradient_checking import problems

SIZES, EXAMPLES, PART = (64, 80, 50, 10), 32, 200
HIDDEN = ("relu", "tanh")
SETTINGS = (
    *((hidden, lambd, keep) for hidden in ("relu", "tanh", "sigmoid") for lambd in (0.0, 0.7)
      for keep in (1.0, 0.7)),
)  # fmt: skip


@dataclass
class Problem:
    """A network, a theta, a batch, and what the cost has."""

    net: Network
    parameters: dict
    X: np.ndarray
    Y: np.ndarray
    how: tuple

    def cost(self, parameters):
        return self.net.cost(parameters, self.X, self.Y, *self.how)

    @property
    def gradients(self):
        return self.net.gradients(self.parameters, self.X, self.Y, *self.how)


def problem(sizes, hidden, lambd=0.0, keep=1.0, m=EXAMPLES) -> Problem:
    rng = np.random.default_rng(0)
    net = Network(sizes, hidden, "softmax" if sizes[-1] > 1 else "sigmoid")
    parameters = initialize(sizes, "he", rng=rng)
    for name, array in parameters.items():
        parameters[name] = array + 0.1 * rng.standard_normal(array.shape)
    classes = rng.integers(0, max(sizes[-1], 2), m)
    Y = np.eye(sizes[-1])[classes].T if sizes[-1] > 1 else classes[None, :].astype(float)
    masks = draw_masks(sizes, keep, m, rng) if keep < 1 else None
    X = rng.standard_normal((sizes[0], m))
    return Problem(net, parameters, X, Y, (lambd, "l2", masks))


def plain_cost(at: Problem, hidden: str) -> Callable:
    """Return the cost in the plainest NumPy, without any validation."""
    g = {"relu": lambda Z: np.maximum(0, Z), "tanh": np.tanh}[hidden]

    def cost(p):
        A = g(p["W2"] @ g(p["W1"] @ at.X + p["b1"]) + p["b2"])
        Z = p["W3"] @ A + p["b3"]
        E = np.exp(Z - Z.max(axis=0))
        return -np.sum(at.Y * np.log(E / E.sum(axis=0))) / EXAMPLES

    return cost


def course_loop(cost: Callable, at: Problem, count: int) -> None:
    """Check ``count`` components as the course's exercise does: two copies of theta for each."""
    theta = to_vector(at.parameters)
    for i in range(count):
        for step in (1e-7, -1e-7):
            nudged = np.copy(theta)
            nudged[i] += step
            cost(to_parameters(nudged, at.parameters))


def in_place_loop(cost: Callable, at: Problem, count: int) -> None:
    """Check ``count`` components of W1 with ours, the rest of theta left out."""
    few = {"W1": at.parameters["W1"].ravel()[:count].copy()}
    rest, shape = at.parameters["W1"].ravel()[count:], at.parameters["W1"].shape

    def of_few(p):
        W1 = np.concatenate([p["W1"], rest]).reshape(shape)
        return cost({**at.parameters, "W1": W1})

    check_gradients(of_few, few, few)


def seconds(step: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        step()
        took.append(time.perf_counter() - start)
    return median(took)


def speed_rows(times: int) -> Iterator[tuple[str, ...]]:
    """Time each way on 9,760 parameters; a loop on a part of them, and scaled up."""
    yield ("", *(f"{hidden} ms" for hidden in HIDDEN), *(f"{hidden} x" for hidden in HIDDEN))
    columns = [list(ways_of(hidden, times)) for hidden in HIDDEN]
    for (name, one), (_, other) in zip(*columns, strict=True):
        firsts = [column[0][1] for column in columns]
        ratios = [f"{first / each:.0f}" for first, each in zip(firsts, (one, other), strict=True)]
        yield (name, f"{1000 * one:.2f}", f"{1000 * other:.2f}", *ratios)


def ways_of(hidden: str, times: int) -> Iterator[tuple[str, float]]:
    at = problem(SIZES, hidden)
    cost, g = plain_cost(at, hidden), at.gradients
    scale = sum(array.size for array in at.parameters.values()) / PART
    loop = seconds(lambda: course_loop(cost, at, PART), times)
    yield "the course's loop", scale * loop
    yield "in place", scale * seconds(lambda: in_place_loop(cost, at, PART), times)
    exact = seconds(lambda: check_network(at.net, at.parameters, at.X, at.Y, g), 4 * times)
    yield "exact", exact
    both = seconds(lambda: (cost(at.parameters), at.gradients), 4 * times)
    yield "one forward and backward", both


def verdict_rows() -> Iterator[tuple[str, ...]]:
    """Say which wrong gradients each way lets pass, and which right ones it fails."""
    yield ("", "checks", "course's rule", "exact")
    bugs = [
        (problem((4, 4, 4, 1), *setting, m=16), bug)
        for setting in SETTINGS
        for bug in BUGS.values()
    ]
    wrong = [
        (at, faulty(bug)(at.net, at.parameters, at.X, at.Y, *at.how))
        for at, bug in bugs
        if applies(bug, at.net, *at.how, m=16)
    ]
    wrong += [(at, faulty(bug)(at.net, at.parameters, at.X, at.Y, *at.how)) for at, bug in HARD]
    right = [problem((4, 4, 4, 1), *setting, m=16) for setting in SETTINGS]
    right += [of_lesson("deep", "sigmoid"), of_lesson("square", "relu")]
    # Behind a layer at rest, wrong code gives right gradients.
    wrong = [(at, g) for at, g in wrong if not same(g, at.gradients)]
    yield row("wrong, and passed", [passes(at, gradients) for at, gradients in wrong])
    fails = [tuple(not ok for ok in passes(at, at.gradients)) for at in right]
    yield row("right, and failed", fails)


def same(gradients: dict, others: dict) -> bool:
    return all(np.array_equal(gradients[name], others[name]) for name in others)


def of_lesson(network, activation, scale=1.0, lambd=0.0, keep=1.0) -> Problem:
    """Return a setting of the lesson, where the course's rule is led astray."""
    at = problems.problem(network, activation, scale, keep)
    return Problem(at.net, dict(at.parameters), at.X, at.Y, (lambd, "l2", at.dropout))


HARD = (
    (of_lesson("square", "tanh", scale=0.001), BUGS["tanh-one"]),
    (of_lesson("exercise", "relu", scale=0.001, keep=0.5), BUGS["not-rescaled"]),
)


def passes(at: Problem, gradients: dict) -> tuple[bool, bool]:
    """Whether the course's rule at 1e-7 passes it, and whether the exact check does."""
    course = check_gradients(at.cost, at.parameters, gradients)
    exact = check_network(at.net, at.parameters, at.X, at.Y, gradients, *at.how)
    return course.difference <= GREAT, not exact.suspects


def row(name: str, outcomes: list[tuple[bool, bool]]) -> tuple[str, ...]:
    course, exact = zip(*outcomes, strict=True)
    return (name, str(len(outcomes)), str(sum(course)), str(sum(exact)))

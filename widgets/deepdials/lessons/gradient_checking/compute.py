"""One gradient check: a backward pass, right or with a mistake, against nudged costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from deepdials.core.bugs import BUGS, Bug
from deepdials.core.exact_checking import check_network
from deepdials.core.functions import Array
from deepdials.core.gradient_checking import expected_noise, rounding_of
from deepdials.core.gradient_report import GradientReport, relative_difference
from deepdials.core.losses_as_written import AS_WRITTEN
from deepdials.core.nudging import Nudges
from deepdials.core.parameters import names_of_components, to_vector
from deepdials.core.reading_numbers import read_number
from deepdials.lessons.gradient_checking.problems import Problem
from deepdials.lessons.gradient_checking.setting import NONE, SURPRISE, Setting, hidden
from deepdials.lessons.heatmaps import Layout

WORST = "worst"
EPSILONS = np.array([float(f"{10 ** (k / 2):.1e}") for k in range(-24, 0)])
MANY, SAMPLED = 200, 64


@dataclass(frozen=True)
class Check:
    """What one check found, flat in theta's order: arrays of shape (n,).

    ``consistent_with`` is empty while the mistake is hidden: it may all but name the line.
    """

    difference: float
    floor: float
    grade: str
    suspects: tuple[str, ...]
    consistent_with: tuple[str, ...]
    names: tuple[str, ...]
    grad: Array
    gradapprox: Array
    relative_error: Array

    @classmethod
    def of(cls, report: GradientReport, names: tuple[str, ...]) -> "Check":
        """Flatten a report."""
        return cls(
            difference=report.difference,
            floor=report.floor,
            grade=report.grade,
            suspects=report.suspects,
            consistent_with=report.diagnosis,
            names=names,
            grad=to_vector(report.gradients),
            gradapprox=to_vector(report.gradapprox),
            relative_error=to_vector(report.relative_error),
        )


@dataclass(frozen=True)
class Valley:
    """The difference of the two-sided loop at each epsilon, over ``sampled`` components."""

    epsilons: Array
    differences: Array
    sampled: int


@dataclass(frozen=True)
class Result:
    """A check, and what the learner looks at.

    ``unseen`` says why a mistake cannot show in this setting; ``clicked`` is the chosen
    component's place in theta, ``found`` whether there is one of that name; ``yours`` reads
    the learner's own number.
    """

    check: Check
    valley: Valley
    layout: Layout = field(metadata={"csv": False})
    bug: Bug | None = field(metadata={"csv": False})
    hidden: bool
    unseen: str
    epsilon: float
    clicked: int
    found: bool
    yours: tuple[str, ...]


def compute(
    network: str,
    activation: str,
    bug: str,
    number: int,
    method: str,
    epsilon: float,
    scale: float,
    lambd: float,
    keep_prob: float,
    factor: str,
    component: str,
    yours: str,
) -> Result:
    """Check the gradients of one network, component by component."""
    setting = Setting(network, activation, scale, lambd, keep_prob, bug, float(factor))
    if bug == SURPRISE:
        setting = replace(setting, bug=hidden(setting, number))
    unseen = setting.unseen
    if unseen:
        setting = replace(setting, bug=NONE)
    report, check = _checked(setting, method, epsilon)
    if bug == SURPRISE:
        check = replace(check, consistent_with=())
    found = component in check.names
    return Result(
        check=check,
        valley=_valley(setting),
        layout=Layout.of({name: array.shape for name, array in report.parameters.items()}),
        bug=BUGS.get(setting.bug),
        hidden=bug == SURPRISE,
        unseen=unseen,
        epsilon=epsilon,
        clicked=check.names.index(component if found else report.worst(1)[0].name),
        found=found or component == WORST,
        yours=tuple(each.words for each in read_number(float(yours))) if yours else (),
    )


@lru_cache(maxsize=4)
def _names(at: Problem) -> tuple[str, ...]:
    return tuple(names_of_components(at.parameters))


@lru_cache(maxsize=4)
def _checked(setting: Setting, method: str, epsilon: float) -> tuple[GradientReport, Check]:
    report = _exact(setting) if method == "exact" else _looped(setting, method, epsilon)
    return report, Check.of(report, _names(setting.problem))


def _looped(setting: Setting, method: str, epsilon: float) -> GradientReport:
    nudges, factor, gradients = _nudges(setting, method), setting.factor, setting.gradients
    loop = "one-sided" if method == "one-sided" else "two-sided"
    approx = nudges.gradapprox(epsilon, loop)
    gradapprox = {name: factor * a.astype(np.float64) for name, a in approx.items()}
    rounding = factor * _rounding(nudges)
    noise = {
        name: expected_noise(array, gradients[name], gradapprox[name], rounding, epsilon)
        for name, array in nudges.parameters.items()
    }
    J, count = factor * nudges.cost(nudges.parameters), 2 * len(_names(setting.problem))
    theta = setting.problem.parameters
    return GradientReport(loop, epsilon, J, theta, gradients, gradapprox, noise, count)


def _exact(setting: Setting) -> GradientReport:
    """Check the cost itself: a factor scales both sides alike."""
    at = setting.problem
    plain = {name: array / setting.factor for name, array in setting.gradients.items()}
    return check_network(
        at.net, dict(at.parameters), at.X, at.Y, plain, setting.lambd, "l2", at.dropout
    )


@lru_cache(maxsize=4)
def _rounding(nudges: Nudges) -> float:
    return rounding_of(nudges.cost, nudges.parameters)


@lru_cache(maxsize=4)
def _nudges(setting: Setting, method: str) -> Nudges:
    at, precision = setting.problem, np.float32 if method == "float32" else np.float64
    parameters = {name: array.astype(precision) for name, array in at.parameters.items()}
    losses = AS_WRITTEN[at.net.output] if method == "as-written" else None
    return Nudges(at.net, parameters, at.X, at.Y, setting.lambd, "l2", at.dropout, losses)


@lru_cache(maxsize=4)
def _valley(setting: Setting) -> Valley:
    nudges, gradients = _nudges(setting, "two-sided"), setting.gradients
    chosen = _sample(nudges.parameters)
    grad = np.concatenate([gradients[name].ravel()[flat] for name, flat in chosen.items()])
    differences = [
        relative_difference(grad, setting.factor * np.concatenate(list(approx.values())))
        for epsilon in EPSILONS
        for approx in [nudges.gradapprox(float(epsilon), names=chosen)]
    ]
    return Valley(EPSILONS, np.array(differences), len(grad))


def _sample(parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return flat indices by array: all of them, or some spread over a large theta."""
    total = sum(array.size for array in parameters.values())
    picked = np.arange(total)
    if total > MANY:
        picked = np.sort(np.random.default_rng(0).choice(total, SAMPLED, replace=False))
    ends = np.cumsum([0, *(array.size for array in parameters.values())])
    parts = {
        name: picked[(start <= picked) & (picked < end)] - start
        for name, start, end in zip(parameters, ends, ends[1:], strict=False)
    }
    return {name: flat for name, flat in parts.items() if flat.size}

from itertools import pairwise

import numpy as np
import pytest

from deepdials.core.gradient_checking import check_gradients
from deepdials.core.gradient_report import GradientReport, component_name, norm
from deepdials.core.network import Network
from deepdials.core.parameters import names_of_components

SHAPES = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}


class Exercise:
    """The course's own: 47 parameters, two mistakes in the backward pass."""

    def __init__(self):
        # The numbers are those of the legacy generator, drawn in this order.
        random = np.random.RandomState(1)
        self.X = random.randn(4, 3)
        self.Y = np.array([1, 1, 0])
        self.parameters = {name: random.randn(*shape) for name, shape in SHAPES.items()}

    def forward(self, p):
        A1 = np.maximum(0, p["W1"] @ self.X + p["b1"])
        A2 = np.maximum(0, p["W2"] @ A1 + p["b2"])
        A3 = 1 / (1 + np.exp(-(p["W3"] @ A2 + p["b3"])))
        return A1, A2, A3

    def cost(self, p):
        _, _, A3 = self.forward(p)
        return 1 / 3 * np.sum(-np.log(A3) * self.Y - np.log(1 - A3) * (1 - self.Y))

    def gradients(self, factor_dW2=2, factor_db1=4):
        p, (A1, A2, A3) = self.parameters, self.forward(self.parameters)
        dZ3 = A3 - self.Y
        dA2 = p["W3"].T @ dZ3
        dZ2 = dA2 * (A2 > 0)
        dA1 = p["W2"].T @ dZ2
        dZ1 = dA1 * (A1 > 0)
        mean = {"axis": 1, "keepdims": True}
        return {
            **{"dZ3": dZ3, "dW3": dZ3 @ A2.T / 3, "db3": np.mean(dZ3, **mean)},
            **{"dA2": dA2, "dZ2": dZ2, "dW2": dZ2 @ A1.T / 3 * factor_dW2},
            **{"db2": np.mean(dZ2, **mean), "dA1": dA1, "dZ1": dZ1},
            **{"dW1": dZ1 @ self.X.T / 3, "db1": factor_db1 * np.mean(dZ1, **mean)},
        }

    def check(self, factor_dW2=2, factor_db1=4, epsilon=1e-7):
        return check_gradients(
            self.cost, self.parameters, self.gradients(factor_dW2, factor_db1), epsilon
        )


@pytest.fixture(scope="module")
def exercise():
    return Exercise()


def line(p):
    """J = sum of c theta, for arrays of any names and shapes, and its gradients c."""
    return sum(np.sum(np.cos(np.arange(a.size)).reshape(a.shape) * a) for a in p.values())


def slopes_of_line(p):
    return {name: np.cos(np.arange(np.size(a))).reshape(np.shape(a)) for name, a in p.items()}


def small():
    rng = np.random.default_rng(3)
    return {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=(2, 1))}


def network(sizes=(4, 5, 3), hidden="tanh", output="softmax", seed=0, m=6, lambd=0.0):
    rng = np.random.default_rng(seed)
    net = Network(sizes, hidden, output)
    p = {}
    for layer, (n_prev, n) in enumerate(pairwise(sizes), 1):
        p[f"W{layer}"] = rng.normal(size=(n, n_prev)) * np.sqrt(2 / n_prev)
        p[f"b{layer}"] = rng.normal(size=(n, 1)) / 10
    X = rng.normal(size=(sizes[0], m))
    Y = np.eye(sizes[-1])[:, rng.integers(0, sizes[-1], m)]
    return (lambda p: net.cost(p, X, Y, lambd)), p, net.gradients(p, X, Y, lambd)


# The course's exercise.


@pytest.mark.parametrize(
    ("factor_dW2", "factor_db1", "difference"),
    [(2, 4, 0.2850931567), (2, 1, 0.1734419689), (1, 4, 0.2544229712)],
)
def test_the_exercise_with_its_mistakes(exercise, factor_dW2, factor_db1, difference):
    report = exercise.check(factor_dW2, factor_db1)
    assert report.difference == pytest.approx(difference, abs=1e-8)
    assert report.grade == "bug"
    assert report.verdict == "bug: a bug is likely"
    wrong = {"W2": factor_dW2 != 1, "b1": factor_db1 != 1}
    assert report.suspects == tuple(name for name in SHAPES if wrong.get(name))


@pytest.mark.parametrize(
    ("epsilon", "least", "most", "grade"),
    [(1e-7, 5e-8, 3e-7, ("great", "look closer")), (1e-5, 3e-10, 3e-9, ("great",))],
)
def test_the_exercise_put_right(exercise, epsilon, least, most, grade):
    report = exercise.check(1, 1, epsilon)
    assert least < report.difference < most
    assert report.grade in grade
    assert report.suspects == ()


def test_a_right_gradient_that_fails_the_rule_is_explained(exercise):
    report = exercise.check(1, 1, epsilon=1e-8)
    assert report.grade == "look closer"
    assert report.verdict == (
        "look closer, says the course's rule, but rounding alone explains this much"
    )


def test_the_worst_components_are_those_that_are_wrong(exercise):
    report = exercise.check()
    nonzero = sum(np.count_nonzero(report.gradapprox[name]) for name in ("W2", "b1"))
    found = report.worst(nonzero)
    assert {each.name[:2] for each in found} == {"W2", "b1"}
    for name, grad, gradapprox, relative_error in found:
        factor = {"W2": 2, "b1": 4}[name[:2]]
        assert grad == pytest.approx(factor * gradapprox, rel=1e-4)
        assert relative_error == pytest.approx((factor - 1) / (factor + 1), rel=1e-4)
    assert [each.relative_error for each in found] == sorted(
        (each.relative_error for each in found), reverse=True
    )
    assert len(report.worst(1000)) == 47


def test_the_report_in_words(exercise):
    lines = str(exercise.check()).splitlines()
    assert lines[0] == "difference  2.851e-01  bug: a bug is likely"
    assert lines[1].startswith("floor       ")
    assert lines[2] == "47 components, 106 evaluations, two-sided, epsilon = 1e-07"
    assert [line.split()[0] for line in lines[5:11]] == list(SHAPES)
    assert [line.split()[0] for line in lines[5:11] if line.endswith("differs")] == ["b1", "W2"]
    assert lines[12].split() == ["component", "analytic", "numeric", "relative", "error"]
    assert len(lines) == 18
    assert lines[13].startswith("b1[") and lines[13].endswith("6.0e-01")
    assert repr(exercise.check()) == str(exercise.check())


def test_evaluations_are_two_a_component_and_twelve(exercise):
    calls = []
    report = check_gradients(
        lambda p: calls.append(1) or exercise.cost(p), exercise.parameters, exercise.gradients()
    )
    assert report.evaluations == len(calls) == 2 * 47 + 12


# What the report holds.


def test_gradapprox_is_the_loop_of_the_course():
    """Bit by bit: theta copied, one component moved, two forward passes."""
    cost, parameters, gradients = network()
    report = check_gradients(cost, parameters, gradients, 1e-6)
    for name, array in parameters.items():
        for index in np.ndindex(array.shape):
            moved = [{**parameters, name: array.copy()} for _ in range(2)]
            moved[0][name][index] += 1e-6
            moved[1][name][index] -= 1e-6
            expected = (cost(moved[0]) - cost(moved[1])) / (2 * 1e-6)
            assert report.gradapprox[name][index] == expected


def test_the_report_adds_up():
    cost, parameters, gradients = network()
    gradients["dW2"] = gradients["dW2"] * 1.5
    report = check_gradients(cost, parameters, gradients)
    grad = np.concatenate([a.ravel() for a in report.gradients.values()])
    approx = np.concatenate([a.ravel() for a in report.gradapprox.values()])
    sizes = np.linalg.norm(grad) + np.linalg.norm(approx)
    assert report.difference == pytest.approx(np.linalg.norm(grad - approx) / sizes, rel=1e-12)
    noise = np.concatenate([a.ravel() for a in report.noise.values()])
    assert report.floor == pytest.approx(np.linalg.norm(noise) / sizes, rel=1e-12)
    assert pytest.approx(cost(parameters), rel=1e-15) == report.J
    for name, array in parameters.items():
        g, a = report.gradients[name], report.gradapprox[name]
        np.testing.assert_array_equal(report.parameters[name], array)
        np.testing.assert_array_equal(g, gradients[f"d{name}"])
        np.testing.assert_array_equal(report.relative_error[name], abs(g - a) / (abs(g) + abs(a)))
        block = np.linalg.norm(g - a) / (np.linalg.norm(g) + np.linalg.norm(a))
        assert report.blocks[name] == pytest.approx(block, rel=1e-12)
    assert not report.layers


def test_names_are_those_of_the_vector():
    parameters = {"W1": np.ones((3, 1)), "b1": np.ones((3, 1)), "W2": np.ones((2, 3))}
    expected = names_of_components(parameters)
    found = [component_name(n, a.shape, i) for n, a in parameters.items() for i in range(a.size)]
    assert found == expected


@pytest.mark.parametrize(
    ("difference", "grade"),
    [
        (0.9e-7, "great"),
        (1.1e-7, "look closer"),
        (0.9e-5, "look closer"),
        (1.1e-5, "worry"),
        (0.9e-3, "worry"),
        (1.1e-3, "bug"),
        (np.nan, "bug"),
    ],
)
def test_the_thresholds_of_the_course(difference, grade):
    report = of_one_array(np.ones(3) * (1 + difference) / (1 - difference), np.ones(3))
    assert report.grade == grade
    assert report.verdict.startswith(f"{grade}: ")


def of_one_array(grad, gradapprox, noise=0.0):
    return GradientReport(
        method="two-sided",
        epsilon=1e-7,
        J=1.0,
        parameters={"W1": np.ones(3)},
        gradients={"W1": grad},
        gradapprox={"W1": gradapprox},
        noise={"W1": np.full(3, noise)},
        evaluations=8,
    )


def test_a_small_wrong_array_does_not_hide_behind_a_large_one():
    parameters = {"W1": np.full(3, 0.5), "W2": np.full(3, 0.5)}
    gradients = {"W1": np.full(3, 1e-8), "W2": np.full(3, 1e6)}
    report = check_gradients(
        lambda p: 1e6 * np.sum(p["W2"]) + 0.0 * np.sum(p["W1"]), parameters, gradients, 1e-3
    )
    assert report.grade == "great"
    assert report.blocks["W1"] == 1
    # J is 1.5e6, and rounding makes 1e-7 of that.
    assert report.suspects == ()
    report = check_gradients(
        lambda p: 1e6 * np.sum(p["W2"] - 0.5) + 0 * p["W1"][0], parameters, gradients, 1e-3
    )
    assert report.suspects == ("W1",)
    assert report.verdict == "great as a whole, but not in W1"


def test_components_that_rounding_explains_are_not_the_worst():
    report = of_one_array(np.array([1.0, 1e-12, 0]), np.array([1.1, 3e-12, 0]), noise=1e-11)
    assert [each.name for each in report.worst()] == ["W1[0]", "W1[1]", "W1[2]"]
    assert report.worst()[1].relative_error > 10 * report.worst()[0].relative_error


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_gradients_that_vanish_or_explode(scale):
    grad, approx = scale * np.array([1.0, 2.0, 2.0]), scale * np.array([3.0, 6.0, 6.0])
    assert of_one_array(grad, approx).difference == pytest.approx(0.5, rel=1e-12)
    assert norm(grad) == pytest.approx(3 * scale, rel=1e-12)


def test_all_zero_gradients_agree():
    parameters = small()
    zeros = {name: np.zeros(a.shape) for name, a in parameters.items()}
    for J in (0.0, 1.0):
        report = check_gradients(lambda p, J=J: J, parameters, zeros)
        assert report.difference == 0
        assert report.grade == "great"
        assert report.floor == J
        assert all(value == 0 for value in report.blocks.values())
        assert not any(np.any(error) for error in report.relative_error.values())
        assert "nan" not in str(report)


# The floor.


@pytest.mark.parametrize("epsilon", [1e-7, 1e-6])
@pytest.mark.parametrize("hidden", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("sizes", [(4, 5, 3, 2), (3, 8, 8, 3), (6, 4, 2), (*(5,) * 7, 3)])
@pytest.mark.parametrize("lambd", [0.0, 0.7])
def test_right_gradients_differ_by_a_part_of_the_floor(sizes, hidden, lambd, epsilon):
    for seed in range(3):
        cost, parameters, gradients = network(sizes, hidden, seed=seed, lambd=lambd)
        report = check_gradients(cost, parameters, gradients, epsilon)
        assert report.floor / 30 < report.difference < report.floor
        assert report.suspects == ()


def test_the_floor_sees_a_cost_that_cancels(exercise):
    """1 - A3 has lost digits: J is worse than u |J|."""
    ratios = [r.difference / r.floor for r in (exercise.check(1, 1, e) for e in (1e-7, 1e-6))]
    assert all(1 / 30 < ratio < 1 for ratio in ratios)
    least = np.finfo(float).eps * exercise.cost(exercise.parameters) / 1e-7
    assert np.max(exercise.check(1, 1).noise["b3"]) > 5 * least


def test_the_first_layers_of_a_deep_right_network_fail_the_rule_but_not_the_floor():
    cost, parameters, gradients = network((4, *(5,) * 11, 3), "sigmoid")
    report = check_gradients(cost, parameters, gradients)
    assert report.blocks["W1"] > 1e-3
    assert report.suspects == ()


@pytest.mark.parametrize("python_float", [False, True])
def test_float32_works_and_says_how_little(python_float):
    cost, parameters, gradients = network()
    single = {name: a.astype(np.float32) for name, a in parameters.items()}
    returned = float if python_float else np.float32
    report = check_gradients(lambda p: returned(cost(p)), single, gradients)
    assert report.floor > 0.1
    assert report.suspects == ()
    assert report.verdict.endswith("rounding alone explains this much")
    better = check_gradients(lambda p: returned(cost(p)), single, gradients, 1e-2)
    assert better.difference < 1e-3 < 10 * better.floor
    assert report.gradapprox["W1"].dtype == np.float64


# Any parameters.


def test_any_names_and_shapes():
    parameters = {
        "Wax": np.ones((2, 3)),
        "ba": np.ones(2),
        "gamma": np.array(0.3),
        "beta": 0.7,
        "kernel": np.ones((2, 1, 2, 2)),
        "list": [0.1, 0.2],
        "empty": np.ones((0, 3)),
    }
    gradients = slopes_of_line(parameters)
    keyed = [gradients, {f"d{name}": grad for name, grad in gradients.items()}]
    keyed.append({"dWax": gradients["Wax"], **{n: g for n, g in gradients.items() if n != "Wax"}})
    for each in keyed:
        report = check_gradients(line, parameters, each)
        assert report.difference < 1e-8
        assert list(report.gradients) == list(report.blocks) == list(parameters)
    names = {each.name for each in report.worst(100)}
    assert {"Wax[1, 2]", "ba[1]", "gamma", "beta", "kernel[1, 0, 1, 1]", "list[0]"} <= names
    assert len(names) == 6 + 2 + 1 + 1 + 8 + 2


def test_other_memory_layouts():
    cost, parameters, gradients = network()
    expected = check_gradients(cost, parameters, gradients)
    strided = {n: np.repeat(np.asfortranarray(a), 2, axis=0)[::2] for n, a in parameters.items()}
    report = check_gradients(cost, strided, gradients)
    assert report.difference == pytest.approx(expected.difference, rel=1)


@pytest.mark.parametrize("returned", [float, np.float64, np.asarray, lambda J: np.array([[J]])])
def test_what_counts_as_one_number(returned):
    parameters = small()
    report = check_gradients(lambda p: returned(line(p)), parameters, slopes_of_line(parameters))
    assert report.difference < 1e-8


# The caller's arrays.


def bytes_of(arrays):
    return {name: array.tobytes() for name, array in arrays.items()}


def test_the_callers_arrays_are_untouched():
    cost, parameters, gradients = network()
    before = bytes_of(parameters), bytes_of(gradients)
    report = check_gradients(cost, parameters, gradients)
    report.parameters["W1"][:] = 7
    report.gradients["W1"][:] = 7
    assert (bytes_of(parameters), bytes_of(gradients)) == before


@pytest.mark.parametrize("after", [1, 5, 20, 31])
def test_they_are_untouched_if_the_cost_raises(after):
    cost, parameters, gradients = network()
    before = bytes_of(parameters), bytes_of(gradients)
    calls = []

    def raising(p):
        calls.append(1)
        if len(calls) == after:
            raise KeyError("oops")
        return cost(p)

    with pytest.raises(KeyError, match="oops"):
        check_gradients(raising, parameters, gradients)
    assert (bytes_of(parameters), bytes_of(gradients)) == before


def test_each_component_is_restored_exactly():
    seen = []
    parameters = {"W1": np.array([0.1, 1 / 3, 1e-9, 1e9, -0.7])}
    check_gradients(
        lambda p: seen.append(p["W1"].copy()) or line(p), parameters, slopes_of_line(parameters)
    )
    for i, moved in enumerate(np.array(seen[12:]).reshape(5, 2, 5)):
        others = np.arange(5) != i
        for each in moved:
            np.testing.assert_array_equal(each[others], parameters["W1"][others])


def test_a_cost_may_rebind_the_keys_of_its_dict():
    parameters = small()

    def rebinding(p):
        p["W1"] = p["W1"] * 1
        p["cache"] = p.pop("b1")
        return np.sum(p["W1"]) + np.sum(p["cache"])

    ones = {name: np.ones(a.shape) for name, a in parameters.items()}
    assert check_gradients(rebinding, parameters, ones).difference < 1e-8


# Bad input.


def refuse(message, cost=line, parameters=None, gradients=None, epsilon=1e-7):
    parameters = small() if parameters is None else parameters
    gradients = slopes_of_line(small()) if gradients is None else gradients
    with pytest.raises(ValueError, match=message):
        check_gradients(cost, parameters, gradients, epsilon)


@pytest.mark.parametrize("epsilon", [0, -1e-7, np.nan, np.inf, "1e-7", None, [1e-7], 1j])
def test_epsilon_must_be_positive(epsilon):
    refuse(r"^epsilon must be a positive and finite number, not", epsilon=epsilon)


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (3.0, r"^cost must be a function of the parameters, not a float$"),
        (lambda p: None, r"^cost must return one real number, not None$"),
        (lambda p: 1j, r"one real number, not a complex$"),
        (lambda p: "high", r"one real number, not a str$"),
        (lambda p: p["W1"], r"one real number, not an array of shape \(2, 3\) and dtype float64$"),
        (lambda p: (1.0, {"Z1": p["W1"]}), r"not a tuple; .* check lambda p: cost\(p\)\[0\]$"),
        (lambda p: (1.0, p["W1"]), r"not a tuple; .* check lambda p: cost\(p\)\[0\]$"),
        (lambda p: np.nan, r"^cost must be finite, but at these parameters it is nan$"),
        (lambda p: np.inf, r"^cost must be finite, but at these parameters it is inf$"),
        (
            lambda p: line(p) if p["W1"][1, 2] <= small()["W1"][1, 2] + 1e-9 else np.nan,
            r"^cost must be finite, but with W1\[1, 2\] raised by epsilon it is nan$",
        ),
        (
            lambda p: line(p) if p["b1"][1, 0] >= small()["b1"][1, 0] - 1e-9 else np.inf,
            r"^cost must be finite, but with b1\[1\] lowered by epsilon it is inf$",
        ),
    ],
)
def test_the_cost_must_be_one_finite_number(cost, message):
    refuse(message, cost=cost)


def test_the_cost_must_be_the_same_twice():
    rng = np.random.default_rng(0)

    def dropping(p):
        return np.sum(p["W1"] * (rng.random((2, 3)) < 0.5))

    refuse(r"^cost must give the same value for the same parameters, .*dropout", cost=dropping)


@pytest.mark.parametrize("after", [1, 13, 24])
def test_the_cost_must_not_change_its_parameters(after):
    calls = []

    def changing(p):
        calls.append(1)
        if len(calls) == after:
            p["b1"][...] = 0
        return line(p)

    refuse(r"^cost must not change its parameters, but it changed b1; let", cost=changing)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ([np.ones(3)], r"^parameters must be a dict of arrays, not a list$"),
        ({}, r"^parameters must be a dict of arrays, not \{\}$"),
        ({"W1": np.ones((2, 3), int)}, r"^W1 must hold floats, .* holds int64; .*astype\(float\)$"),
        ({"W1": 3}, r"^W1 must hold floats, as an integer does not move by epsilon"),
        ({"W1": np.ones((2, 3), bool)}, r"^W1 must hold floats, .* holds bool"),
        ({"W1": np.ones((2, 3), complex)}, r"^W1 must hold real numbers, not complex128$"),
        ({"W1": "abc"}, r"^W1 must hold real numbers, not <U3$"),
        ({"W1": None}, r"^W1 must hold real numbers, not object$"),
        ({"W1": [[1.0], [1.0, 2.0]]}, r"^W1 must hold real numbers, not object$"),
        ({"W1": np.array([[1, 2], [np.nan, 0]])}, r"^W1 must be finite, but at W1\[1, 0\] it is"),
    ],
)
def test_parameters_must_be_finite_floats(parameters, message):
    refuse(message, parameters=parameters)


def without(key):
    return {name: grad for name, grad in slopes_of_line(small()).items() if name != key}


@pytest.mark.parametrize(
    ("gradients", "message"),
    [
        ([np.ones(3)], r"^gradients must be a dict of arrays, not a list$"),
        (without("b1"), r"^gradients must hold .* but there is none for b1$"),
        (
            {**without("W1"), "dw1": np.ones((2, 3))},
            r"there is none for W1, and 'dw1' belongs to no parameter: is it dW1\?$",
        ),
        (
            {"grad_W1": np.ones((2, 3)), "grad_b1": np.ones((2, 1))},
            r"'grad_W1' belongs to no parameter: is it dW1\?, and 'grad_b1' .*: is it db1\?$",
        ),
        ({**without(""), "dW2": 1.0}, r"but 'dW2' belongs to no parameter$"),
        ({**without(""), "dW1": 1.0}, r"but 'W1' belongs to no parameter$"),
        ({**without(""), 3: 1.0}, r"but 3 belongs to no parameter$"),
        (
            {**without("b1"), "db1": np.ones(2)},
            r"^db1 must have the shape of b1, \(2, 1\), but has shape \(2,\)$",
        ),
        (
            {**without("W1"), "dW1": np.ones((3, 2))},
            r"^dW1 must have .*, \(2, 3\), but has shape \(3, 2\); it looks transposed$",
        ),
        (
            {**without("W1"), "dW1": np.ones((2, 3), complex)},
            r"^dW1 must hold real numbers, not complex128$",
        ),
        (
            {**without("W1"), "dW1": np.array([[0, 1, 2], [3, np.nan, np.inf]])},
            r"^dW1 must be finite, but at W1\[1, 1\] it is nan, and 1 more are not$",
        ),
    ],
)
def test_gradients_must_fit_the_parameters(gradients, message):
    refuse(message, gradients=gradients)


def test_intermediate_results_of_backprop_are_ignored():
    gradients = {**slopes_of_line(small()), "dZ1": np.ones((2, 9)), "dA12": None}
    assert check_gradients(line, small(), gradients).difference < 1e-8

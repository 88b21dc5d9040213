from itertools import pairwise

import numpy as np
import pytest

from deepdials.core import exact_checking
from deepdials.core.dropout import Dropout, draw_masks
from deepdials.core.exact_checking import check_network
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.network import Network

HIDDEN = ("relu", "tanh", "sigmoid")
SIZES = {
    "sigmoid": [(2, 1), (4, 5, 3, 2), (6, 4, 1), (3, *(4,) * 6, 2)],
    "softmax": [(2, 3), (4, 5, 3, 2), (3, 8, 8, 3)],
    "linear": [(2, 1), (4, 5, 3, 2), (3, 8, 8, 3)],
}
PENALTIES = {"none": (0.0, "l2"), "l2": (0.7, "l2"), "l1": (0.7, "l1")}

each_hidden = pytest.mark.parametrize("hidden", HIDDEN)
each_output = pytest.mark.parametrize("output", SIZES)


class Case:
    """A network with parameters and data, and its gradients."""

    def __init__(
        self, sizes, hidden="tanh", output="sigmoid", m=6, penalty="none", keep=None, seed=0
    ):
        rng = np.random.default_rng(seed)
        self.net = Network(sizes, hidden, output)
        self.parameters = {}
        for layer, (n_prev, n) in enumerate(pairwise(sizes), 1):
            self.parameters[f"W{layer}"] = rng.normal(size=(n, n_prev)) * np.sqrt(2 / n_prev)
            self.parameters[f"b{layer}"] = rng.normal(size=(n, 1)) / 10
        self.X = rng.normal(size=(sizes[0], m))
        self.Y = self.labels(output, (sizes[-1], m), rng)
        dropout = None if keep is None else draw_masks(sizes, keep, m, rng)
        lambd, name = PENALTIES[penalty]
        self.options = {"lambd": lambd, "penalty": name, "dropout": dropout}

    @staticmethod
    def labels(output, shape, rng):
        if output == "softmax":
            return np.eye(shape[0])[:, rng.integers(0, shape[0], shape[1])]
        return rng.normal(size=shape) if output == "linear" else rng.random(shape).round()

    @property
    def arguments(self):
        return self.net, self.parameters, self.X, self.Y

    def gradients(self, **changes):
        return self.net.gradients(*self.arguments[1:], **{**self.options, **changes})

    def check(self, gradients=None):
        gradients = self.gradients() if gradients is None else gradients
        return check_network(*self.arguments, gradients, **self.options)

    def cost(self, parameters):
        return self.net.cost(parameters, self.X, self.Y, **self.options)


def grid():
    for output, shapes in SIZES.items():
        for sizes in shapes:
            for hidden in HIDDEN if len(sizes) > 2 else HIDDEN[:1]:
                for penalty in PENALTIES:
                    for m in (1, 6, 40):
                        keep = 0.7 if m == 6 and len(sizes) > 2 else None
                        yield sizes, hidden, output, m, penalty, keep


# Exact.


def test_no_false_alarm_and_every_block_exact():
    ratios = []
    for case in grid():
        report = Case(*case).check()
        assert max(report.blocks.values()) <= 1e-12, case
        assert report.difference <= max(report.floor, 1e-15), case
        assert report.suspects == (), case
        assert report.grade == "great"
        for layer in report.layers.values():
            assert layer.dW_right and layer.db_right and layer.dZ_consistent
        ratios += [report.difference / report.floor] if report.floor else []
    assert 1 / 30 < np.median(ratios) < 1


class Digits:
    """The cost in arithmetic of 60 digits, and its difference quotients."""

    def __init__(self, exact, case):
        self.mp, self.case = exact.mp, case
        self.number = exact.numbers
        self.each = {
            "relu": lambda z: max(z, self.mp.mpf(0)),
            "tanh": self.mp.tanh,
            "sigmoid": lambda z: 1 / (1 + self.mp.exp(-z)),
        }

    def over(self, function, *arrays):
        return np.vectorize(function, otypes=[object])(*arrays)

    def losses(self, Z, Y):
        output = self.case.net.output
        if output == "linear":
            return (Z - Y) ** 2 / 2
        if output == "softmax":
            E = self.over(self.mp.exp, Z)
            return -Y * self.over(self.mp.log, E / np.sum(E, axis=0))
        A = self.over(self.each["sigmoid"], Z)
        return -Y * self.over(self.mp.log, A) - (1 - Y) * self.over(self.mp.log, 1 - A)

    def cost(self, parameters):
        net, options = self.case.net, self.case.options
        A, m = self.number(self.case.X), self.case.X.shape[1]
        masks = options["dropout"].masks if options["dropout"] else {}
        for layer in range(1, net.L + 1):
            Z = parameters[f"W{layer}"] @ A + parameters[f"b{layer}"]
            if layer < net.L:
                A = self.over(self.each[net.activations[layer - 1]], Z)
            if layer in masks:
                A = A * masks[layer] / self.mp.mpf(options["dropout"].keep_prob[layer])
        weights = np.concatenate([a.ravel() for n, a in parameters.items() if n[0] == "W"])
        sizes = weights**2 / 2 if options["penalty"] == "l2" else np.abs(weights)
        losses = np.sum(self.losses(Z, self.number(self.case.Y)))
        return (losses + self.mp.mpf(options["lambd"]) * np.sum(sizes)) / m

    def slope(self, name, index):
        epsilon = self.mp.mpf(10) ** -25
        right, left = (
            {n: self.number(a) for n, a in self.case.parameters.items()} for _ in range(2)
        )
        right[name][index] += epsilon
        left[name][index] -= epsilon
        return (self.cost(right) - self.cost(left)) / (2 * epsilon)


@each_hidden
@each_output
@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_against_many_digits(exact, hidden, output, penalty):
    case = Case((2, 3, 2), hidden, output, m=3, penalty=penalty, keep={1: 0.8}, seed=1)
    report, digits = case.check(), Digits(exact, case)
    for name, gradapprox in report.gradapprox.items():
        for index, value in np.ndenumerate(gradapprox):
            assert float(abs(value - digits.slope(name, index))) <= 1e-15 * max(1, abs(value))


@each_hidden
@each_output
def test_against_a_complex_step_of_each_parameter(hidden, output):
    """The whole cost is computed anew, nothing is known of layers or of dZ."""
    case = Case((4, 5, 3, 2), hidden, output, penalty="l1", keep={0: 0.9, 1: 0.6, 2: 0.8})
    report = case.check()
    for name, array in case.parameters.items():
        for index in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[index] += 1e-30j
            slope = case.cost({**case.parameters, name: moved}).imag / 1e-30
            assert report.gradapprox[name][index] == pytest.approx(slope, rel=1e-12, abs=1e-16)


@each_output
def test_the_output_layer_is_known(output):
    case = Case((4, 5, 3, 2), output=output)
    report = case.check()
    cache = case.net.forward(case.parameters, case.X)
    np.testing.assert_allclose(report.layers[3].dZ, cache.Y_hat - case.Y, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(report.layers[3].A_prev, cache.A[2])


def test_a_deep_network_where_the_rule_fails_the_right_gradients():
    """Sigmoids all the way down, and biases that make the gradients small."""
    case = Case((4, *(5,) * 11, 3), "sigmoid", "softmax")
    cache = case.net.forward(case.parameters, case.X)
    likely = np.log(np.mean(case.Y, axis=1, keepdims=True) + 1e-3)
    case.parameters["b12"] = likely - np.mean(
        cache.Z[12] - case.parameters["b12"], 1, keepdims=True
    )
    rule = check_gradients(case.cost, case.parameters, case.gradients())
    assert rule.difference > 1e-7
    assert rule.suspects == ()
    assert max(case.check().blocks.values()) <= 1e-12


# Kinks.


def at_kinks():
    """Z1 is exactly 0 for one unit and example, and so is a weight."""
    case = Case((2, 2, 1), "relu", penalty="l1", m=3)
    case.X = np.array([[1.0, 2.0, -1.0], [1.0, -1.0, 0.5]])
    case.parameters["W1"] = np.array([[1.0, -1.0], [0.0, 2.0]])
    case.parameters["b1"] = np.zeros((2, 1))
    return case


def test_at_the_kinks_the_derivative_is_0():
    case = at_kinks()
    report = case.check()
    assert case.net.forward(case.parameters, case.X).Z[1][0, 0] == 0
    assert report.layers[1].dZ[0, 0] == 0
    assert report.layers[1].penalty[1, 0] == 0
    assert report.difference < 1e-15
    assert check_gradients(case.cost, case.parameters, case.gradients()).difference > 1e-3


def test_near_a_kink_nothing_is_crossed():
    case = at_kinks()
    case.parameters["b1"][0] = 1e-12
    assert case.check().difference < 1e-15
    rule = check_gradients(case.cost, case.parameters, case.gradients())
    assert rule.difference > 1e-3
    assert {"W1", "b1"} <= set(rule.suspects)


# Extremes.


@each_hidden
def test_weights_that_are_all_alike(hidden):
    """The gradients of the first layer are 0, up to rounding, which is no alarm."""
    case = Case((3, 4, 4, 3), hidden, "softmax")
    for name, array in case.parameters.items():
        case.parameters[name] = np.full(array.shape, 0.3)
    case.X = np.abs(case.X)
    report = case.check()
    assert norm_of(report, "W1") < 1e-15
    assert report.suspects == ()


def norm_of(report, name):
    return np.linalg.norm(report.gradapprox[name])


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_a_network_that_is_sure_of_itself(output):
    case = Case((3, 4, 2), "tanh", output)
    case.parameters["W2"] *= 15
    assert case.check().suspects == ()


@pytest.mark.parametrize("scale", [1e-200, 1e-150, 1e-30, 1e30, 1e60, 1e150])
def test_vanishing_and_exploding_signals(scale):
    case = Case((3, 4, 4, 1), "relu", "sigmoid")
    case.parameters["W2"] *= scale
    report = case.check()
    assert max(report.blocks.values()) <= 1e-12
    assert report.suspects == ()


def test_units_at_rest():
    case = Case((3, 4, 1), "relu")
    case.parameters["b1"][:] = -100
    report = case.check()
    assert not np.any(report.layers[1].dZ)
    assert report.blocks["W1"] == report.floors["W1"] == 0
    assert report.difference < 1e-15
    assert not report.layers[1].dZ_shown_right


def test_dropping_everything():
    dropout = Dropout({1: np.zeros((4, 6))}, {1: 0.5})
    case = Case((3, 4, 1))
    case.options["dropout"] = dropout
    assert case.check().difference < 1e-15


def test_float32_gradients_are_no_alarm():
    case = Case((4, 5, 3, 2), "tanh", "softmax", penalty="l2")
    case.parameters = {name: a.astype(np.float32) for name, a in case.parameters.items()}
    for given in (np.float32, np.float64):
        gradients = {name: a.astype(given) for name, a in case.gradients().items()}
        report = case.check(gradients)
        assert 1e-9 < report.difference < report.floor < 1e-5
        assert report.suspects == ()


# Every wrong block is found.


WRONG = {
    "twice": lambda case, grad: 2 * grad,
    "sign": lambda case, grad: -grad,
    "by a millionth": lambda case, grad: grad * (1 + 1e-6),
    "transposed": lambda case, grad: grad.T,
    "permuted": lambda case, grad: np.roll(grad, 1, axis=0),
    "zero": lambda case, grad: 0 * grad,
}


def works(mistake, grad):
    """Whether the mistake changes anything."""
    wrong = WRONG[mistake](None, grad)
    return wrong.shape == grad.shape and not np.array_equal(wrong, grad)


@pytest.mark.parametrize("mistake", WRONG)
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("m", [1, 6, 40])
def test_every_wrong_block_is_found(mistake, penalty, m):
    for hidden, output in zip(HIDDEN, SIZES, strict=True):
        case = Case((4, 4, 4, 3), hidden, output, m=m, penalty=penalty)
        right = case.gradients()
        wrong = [key for key, grad in right.items() if works(mistake, grad)]
        assert len(wrong) >= 2
        for key in wrong:
            report = case.check({**right, key: WRONG[mistake](case, right[key])})
            assert report.suspects == (key[1:],)
            assert report.worst(1)[0].name.startswith(key[1:])


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_a_penalty_that_was_left_out_is_found(penalty):
    case = Case((4, 5, 3, 2), penalty=penalty)
    right, without = case.gradients(), case.gradients(lambd=0.0)
    for layer in (1, 2, 3):
        report = case.check({**right, f"dW{layer}": without[f"dW{layer}"]})
        assert report.suspects == (f"W{layer}",)
        left_out = report.gradapprox[f"W{layer}"] - report.gradients[f"W{layer}"]
        np.testing.assert_allclose(report.layers[layer].penalty, left_out, atol=1e-15)


def test_other_masks_are_found():
    case = Case((4, 5, 3, 2), keep=0.5, m=20)
    without = case.gradients(dropout=None)
    assert set(case.check(without).suspects) >= {"W1", "b1", "W2", "b2"}


# A wrong dZ, or a wrong formula.


def few_examples():
    """Three of them, as in the course's exercise: a layer of 4 or 5 units tells them apart."""
    return Case((4, 5, 4, 1), "tanh", m=3, penalty="l2")


def formulas(case, layer, dZ):
    """dW and db of one layer, by the right formulas."""
    A_prev = case.net.forward(case.parameters, case.X).A[layer - 1]
    m = dZ.shape[1]
    dW = dZ @ A_prev.T / m + case.options["lambd"] / m * case.parameters[f"W{layer}"]
    return {f"dW{layer}": dW, f"db{layer}": np.mean(dZ, axis=1, keepdims=True)}


def test_a_wrong_formula_of_the_weights():
    case = few_examples()
    right = case.gradients()
    layer = case.check({**right, "dW2": 2 * right["dW2"]}).layers[2]
    assert (layer.dW_right, layer.db_right) == (False, True)
    assert layer.dZ_consistent is False
    assert layer.dZ_shown_right
    assert layer.dZ_implied is None


def test_a_wrong_formula_of_the_biases():
    case = few_examples()
    right = case.gradients()
    layer = case.check({**right, "db1": 4 * right["db1"]}).layers[1]
    assert (layer.dW_right, layer.db_right) == (True, False)
    assert layer.dZ_consistent is False
    assert layer.dZ_shown_right


def test_a_penalty_left_out_is_a_wrong_formula():
    case = few_examples()
    without = case.gradients(lambd=0.0)
    assert case.check(without).layers[1].dZ_consistent is False


def test_a_wrong_slope_is_a_wrong_derivative_of_the_layer():
    """The slope of layer 1 is forgotten: dZ1 = dA1."""
    case = few_examples()
    right = case.check()
    dA1 = case.parameters["W2"].T @ right.layers[2].dZ
    report = case.check({**case.gradients(), **formulas(case, 1, dA1)})
    layer = report.layers[1]
    assert report.suspects == ("W1", "b1")
    assert (layer.dW_right, layer.db_right) == (False, False)
    assert layer.dZ_consistent is True
    assert not layer.dZ_shown_right
    np.testing.assert_allclose(layer.dZ_implied, dA1, rtol=1e-9)
    assert np.max(np.abs(layer.dZ - dA1)) > 1e-3


def test_a_forgotten_division_by_m_is_consistent():
    case = few_examples()
    m, right = case.X.shape[1], case.check()
    report = case.check({**case.gradients(), **formulas(case, 1, m * right.layers[1].dZ)})
    assert report.layers[1].dZ_consistent is True
    np.testing.assert_allclose(report.layers[1].dZ_implied, m * right.layers[1].dZ, rtol=1e-9)


def test_with_many_examples_any_gradients_are_consistent():
    case = Case((4, 5, 4, 1), "tanh", m=30)
    right = case.gradients()
    layer = case.check({**right, "dW1": 2 * right["dW1"]}).layers[1]
    assert layer.dZ_consistent is None
    assert layer.dZ_implied is None


def test_where_several_would_fit_none_is_implied():
    """Rank 2 with the row of ones: three examples cannot be told apart."""
    case = few_examples()
    case.X = np.ones((4, 1)) * np.array([[1.0, 2.0, 3.0]])
    dZ = np.random.default_rng(0).normal(size=(5, 3))
    layer = case.check({**case.gradients(), **formulas(case, 1, dZ)}).layers[1]
    assert layer.dZ_consistent is True
    assert layer.dZ_implied is None


def test_a_right_layer_below_vouches_for_those_above():
    case = Case((4, 5, 4, 1), "tanh", m=30)
    right = case.gradients()
    wrong = {name: 2 * right[name] for name in ("dW3", "db3")}
    report = case.check({**right, **wrong})
    assert report.layers[3].dZ_shown_right
    wrong = {name: 2 * right[name] for name in ("dW1", "db1")}
    report = case.check({**right, **wrong})
    assert [report.layers[layer].dZ_shown_right for layer in (1, 2, 3)] == [False, True, True]


def test_a_penalty_alone_vouches_for_nothing():
    case = Case((3, 4, 1), "relu", penalty="l2")
    case.parameters["b1"][:] = -100
    assert case.check().layers[1].dW_right
    assert not case.check().layers[1].dZ_shown_right


# The report, and bad input.


def test_the_report():
    case = Case((4, 5, 3, 2), penalty="l2")
    report = case.check()
    assert report.method == "complex step"
    assert report.evaluations == 1 + 5 + 3 + 2
    assert list(report.layers) == [1, 2, 3]
    assert pytest.approx(case.cost(case.parameters), rel=1e-15) == report.J
    assert list(report.gradients) == list(report.gradapprox) == list(case.parameters)
    assert "complex step, epsilon = 1e-30" in str(report)


def test_keys_in_another_order_and_integers():
    case = Case((4, 5, 3, 2))
    case.parameters = {name: case.parameters[name] for name in reversed(case.parameters)}
    case.parameters["W1"] = np.arange(20).reshape(5, 4) % 3 - 1
    report = case.check()
    assert list(report.blocks) == list(report.noise) == list(case.parameters)
    assert report.difference < 1e-14


@pytest.mark.parametrize("chunk", [1, 13, 50, 2**16])
def test_the_parts_make_no_difference(monkeypatch, chunk):
    case = Case((4, 5, 3, 2), "relu", keep=0.7)
    monkeypatch.setattr(exact_checking, "_CHUNK", chunk)
    assert max(case.check().blocks.values()) < 1e-14


def test_the_callers_arrays_are_untouched():
    case = Case((4, 5, 3, 2), penalty="l1", keep=0.7)
    gradients = case.gradients()
    arrays = [*case.parameters.values(), *gradients.values(), case.X, case.Y]
    before = [array.tobytes() for array in arrays]
    report = case.check(gradients)
    for changed in (report.parameters, report.gradients):
        changed["W1"][:] = 7
    assert [array.tobytes() for array in arrays] == before


def refuse(message, case, gradients=None):
    gradients = case.gradients() if gradients is None else gradients
    with pytest.raises(ValueError, match=message):
        case.check(gradients)


def test_parameters_must_be_finite():
    case = Case((4, 5, 3, 2))
    gradients = case.gradients()
    case.parameters["W2"][1, 3] = np.nan
    refuse(r"^W2 must be finite, but at W2\[1, 3\] it is nan$", case, gradients)


def test_the_cost_must_be_finite():
    case = Case((4, 5, 3, 2), "relu", "linear")
    gradients = case.gradients()
    case.parameters["W1"] *= 1e200
    refuse(r"^the cost must be finite, but at these parameters it is (inf|nan)$", case, gradients)


def test_gradients_must_fit_the_parameters():
    case = Case((4, 5, 3, 2))
    gradients = case.gradients()
    refuse(r"^dW2 must have the shape of W2", case, {**gradients, "dW2": np.ones((5, 3))})
    refuse(r"there is none for W2", case, {n: g for n, g in gradients.items() if n != "dW2"})
    refuse(
        r"^db1 must be finite, but at b1\[0\]", case, {**gradients, "db1": np.full((5, 1), np.nan)}
    )


def test_what_the_network_does_not_take():
    case = Case((4, 5, 3, 2))
    gradients = case.gradients()
    with pytest.raises(ValueError, match=r"^penalty must be one of 'l2', 'l1', not 'l3'$"):
        check_network(*case.arguments, gradients, penalty="l3")
    with pytest.raises(ValueError, match=r"^lambd must be"):
        check_network(*case.arguments, gradients, lambd=-1)
    case.X = case.X.T
    refuse(r"^X has shape .* transposed", case, gradients)

import numpy as np
import pytest

from deepdials.core.bugs import BUGS, applies, faulty
from deepdials.core.diagnosis import diagnose
from deepdials.core.dropout import draw_masks
from deepdials.core.exact_checking import check_network
from deepdials.core.gradient_checking import check_gradients
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

M = 9


def setting(sizes, hidden="tanh", output="sigmoid", lambd=0.7, penalty="l2", keep_prob=None):
    net = Network(sizes, hidden, output)
    dropout = keep_prob and draw_masks(sizes, keep_prob, M, np.random.default_rng(8))
    return {"net": net, "lambd": lambd, "penalty": penalty, "dropout": dropout}


SETTINGS = {
    "tanh": setting((4, 4, 4, 1)),
    "relu": setting((4, 4, 4, 1), "relu"),
    "uneven": setting((5, 6, 3, 1)),
    "softmax": setting((5, 6, 4, 3), "relu", "softmax"),
    "sigmoid": setting((4, 4, 4, 1), "sigmoid"),
    "plain": setting((4, 4, 4, 1), lambd=0.0),
    "L1": setting((4, 4, 4, 1), penalty="l1"),
    "dropout": setting((4, 6, 5, 1), keep_prob={1: 0.6, 2: 0.8}),
    "same dropout": setting((4, 6, 5, 1), keep_prob=0.8),
}


def problem(net, seed=1):
    rng = np.random.default_rng(seed)
    parameters = initialize(net.layer_sizes, "he", rng=rng)
    for name, b in parameters.items():
        if name[0] == "b":
            b += 0.3 * rng.standard_normal(b.shape)
    X, n_L = rng.standard_normal((net.layer_sizes[0], M)), net.layer_sizes[-1]
    if net.output == "softmax":
        return parameters, X, np.eye(n_L)[:, rng.integers(n_L, size=M)]
    return parameters, X, rng.integers(2, size=(n_L, M)).astype(float)


def numerical(at, gradients, epsilon=1e-6, seed=1):
    net, *rest = at.values()
    parameters, X, Y = problem(net, seed)
    return check_gradients(lambda p: net.cost(p, X, Y, *rest), parameters, gradients, epsilon)


def exact(at, gradients):
    net, *rest = at.values()
    return check_network(net, *problem(net), gradients, *rest)


def run(function, at, seed=1):
    net, *rest = at.values()
    return function(net, *problem(net, seed), *rest)


def words_of(findings, first=3):
    return [finding.words for finding in findings[:first]]


# The true cause is among the first.

FACTOR_M = "Every dW and db: 9 times what it should be"
MINUS = "Every dW and db: minus what it should be"
DZ = "in the mask or keep_prob of layer"

NUMERICALLY = [
    ("tanh", "no-m", FACTOR_M),
    ("softmax", "no-m", "a missing 1/m"),
    ("L1", "no-m", FACTOR_M),
    ("tanh", "no-m-in-db", "Every db: 9 times what it should be. Consistent with a missing 1/m."),
    ("tanh", "m-twice", "1/m taken twice"),
    ("tanh", "m-from-rows", "m counted along the wrong axis of X"),
    ("tanh", "no-penalty", "times W, every db right. Consistent with the L2 penalty forgotten"),
    ("relu", "penalty-without-m", "lambd W in dW, without the 1/m"),
    ("tanh", "half-penalty", "lambd / (2m) W in dW"),
    ("tanh", "penalty-on-b", "a penalty on b"),
    ("L1", "no-l1-penalty", "an L1 penalty that is forgotten"),
    ("L1", "l1-absolute", "|W|, the penalty's size and not its slope"),
    ("L1", "l1-as-l2", "W itself, the slope of an L2 penalty"),
    ("tanh", "dW-transposed", "dW1 and dW2: the transpose of what it should be"),
    ("uneven", "dW-transposed", "the transpose, reshaped to fit,"),
    ("tanh", "A-off-by-one", "dW2 and dW3 are off, and every db right"),
    ("tanh", "db-one-example", "the sum over the examples"),
    ("tanh", "db-over-units", "db1 and db2 are off, and every dW right"),
    ("tanh", "W-not-transposed", "that is in dA1 = W2^T dZ2"),
    ("tanh", "W-updated-first", "that is in dA2 = W3^T dZ3"),
    ("relu", "no-slope", "the slope of its activation"),
    ("tanh", "tanh-not-squared", "the slope of its activation"),
    ("tanh", "tanh-of-a", "the slope of its activation"),
    ("tanh", "tanh-one", "the slope of its activation"),
    ("sigmoid", "sigmoid-of-a", "the slope of its activation"),
    ("tanh", "slope-at-output", "an error in dZ3"),
    ("tanh", "sign", f"{MINUS}, but for the part of the penalty"),
    ("plain", "sign", f"{MINUS}. Consistent with a wrong sign"),
    ("tanh", "factor-2", "2 times what it should be, but for the part of the penalty"),
    ("dropout", "mask-redrawn", "the mask or keep_prob of layer 2"),
    ("dropout", "mask-missing", "the mask or keep_prob of layer 2"),
    ("dropout", "not-rescaled", "0.8 in dW2 and db2, 0.48 in dW1 and db1"),
    ("dropout", "rescaled-wrongly", "Each layer has a factor of its own"),
    ("same dropout", "keep-prob-off-by-one", "lost or added in dA2, such as the keep_prob"),
    ("dropout", "A-before-dropout", "before or after dropout"),
    ("dropout", "cache-without-dropout", "the forward pass and its masks"),
    ("tanh", "course-pair", "dW2: 2 times what it should be"),
    ("tanh", "course-pair", "db1: 4 times what it should be"),
]

EXACTLY = [
    ("tanh", "A-off-by-one", "dW2 and dW3: what comes out with A[l-2] in the place of A[l-1]"),
    ("tanh", "db-one-example", "Every db: what comes out with the first example alone"),
    ("tanh", "db-over-units", "db1 and db2: what comes out with db summed over the units too"),
    ("tanh", "W-not-transposed", "W2 in the place of W2^T"),
    ("softmax", "W-not-transposed", "W3 in the place of W3^T"),
    ("tanh", "W-updated-first", "a W3 that is updated already"),
    ("relu", "no-slope", "no slope of the activation"),
    ("tanh", "tanh-not-squared", "1 - a for the slope"),
    ("tanh", "tanh-of-a", "1 - tanh(a)^2 for the slope"),
    ("tanh", "tanh-one", "no slope of the activation"),
    ("tanh", "sigmoid-everywhere", "a (1 - a) for the slope"),
    ("relu", "sigmoid-everywhere", "a (1 - a) for the slope"),
    ("tanh", "slope-at-output", "the slope of the output's sigmoid"),
    ("tanh", "no-m", FACTOR_M),
    ("tanh", "m-from-rows", "m counted along the wrong axis of X"),
    ("tanh", "no-penalty", "the L2 penalty forgotten"),
    ("tanh", "half-penalty", "lambd / (2m) W in dW"),
    ("L1", "l1-as-l2", "W itself, the slope of an L2 penalty"),
    ("uneven", "dW-transposed", "the transpose, reshaped to fit,"),
    ("dropout", "not-rescaled", "0.8 in dW2 and db2, 0.48 in dW1 and db1"),
    ("plain", "sign", MINUS),
]


@pytest.mark.parametrize(("name", "slug", "words"), NUMERICALLY)
def test_the_cause_is_among_the_first_findings(name, slug, words):
    at = SETTINGS[name]
    report = numerical(at, run(faulty(BUGS[slug]), at))
    findings = diagnose(report, m=M, lambd=at["lambd"])
    assert any(words in each for each in words_of(findings)), words_of(findings)


@pytest.mark.parametrize(("name", "slug", "words"), EXACTLY)
def test_a_known_network_gives_more_definite_findings(name, slug, words):
    at = SETTINGS[name]
    findings = diagnose(exact(at, run(faulty(BUGS[slug]), at)))
    assert words in findings[0].words, words_of(findings)


@pytest.mark.parametrize("slug", BUGS)
@pytest.mark.parametrize("check", [numerical, exact])
def test_findings_are_ordered_and_never_certain(slug, check):
    for at in SETTINGS.values():
        if not applies(BUGS[slug], **at, m=M):
            continue
        gradients = run(faulty(BUGS[slug]), at)
        report = check(at, gradients)
        findings = diagnose(report)
        assert findings
        weights = [finding.weight for finding in findings]
        assert weights == sorted(weights, reverse=True)
        assert all(0 < weight <= 1 for weight in weights)
        for finding in findings:
            assert set(finding.blocks) <= set(report.gradients)
            assert "onsistent with" in finding.words or "Nothing is off" in finding.words
            assert finding.words[0].isupper() or finding.words[0] == "d"
            assert finding.words.endswith(".") and "  " not in finding.words


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("no-penalty", "forgotten in dW if lambd / m is 0.07778, halved if it is 0.1556"),
        ("half-penalty", "forgotten in dW if lambd / m is 0.03889, halved if it is 0.07778"),
        ("penalty-without-m", "not in the cost, or has another coefficient there"),
        ("factor-2", "Every dW and db: 2 times what it should be, but for the part"),
        ("no-m", "9 times what it should be"),
    ],
)
def test_without_m_and_lambd_it_still_says_what_it_can(slug, words):
    at = SETTINGS["tanh"]
    findings = diagnose(numerical(at, run(faulty(BUGS[slug]), at)))
    assert any(words in each for each in words_of(findings)), words_of(findings)


def test_a_penalty_with_an_unusual_coefficient():
    at = SETTINGS["tanh"]
    parameters, *_ = problem(at["net"])
    gradients = run(Network.gradients, at)
    for layer in (1, 2, 3):
        gradients[f"dW{layer}"] = gradients[f"dW{layer}"] + 0.3 * parameters[f"W{layer}"]
    (first, *_) = diagnose(numerical(at, gradients), m=M, lambd=0.7)
    assert "a penalty of 0.3778 W in dW, where the slope of the cost's is 0.07778 W" in first.words


# What no bug of the catalogue does.


def changed(**changes):
    gradients = run(Network.gradients, SETTINGS["plain"])
    for name, change in changes.items():
        gradients[name] = change(gradients[name])
    return numerical(SETTINGS["plain"], gradients)


def test_zeros():
    (first, *_) = diagnose(changed(dW2=np.zeros_like))
    assert first.words.startswith("dW2: all zeros")
    assert first.blocks == ("W2",)


def test_a_cost_that_does_not_depend_on_it():
    parameters = {"W1": np.ones((2, 3)), "b1": np.ones((2, 1))}
    gradients = {"dW1": np.ones((2, 3)), "db1": np.ones((2, 1))}
    report = check_gradients(lambda p: np.sum(p["W1"]), parameters, gradients)
    (first, *_) = diagnose(report)
    assert first.words.startswith("The cost does not change with b1")


def test_another_order():
    (first, *_) = diagnose(changed(dW1=lambda dW: dW.ravel()[::-1].reshape(dW.shape)))
    assert first.words.startswith("dW1: the right numbers in another order")


def test_single_components():
    def change(dW):
        dW = dW.copy()
        dW[2, 3] += 1
        return dW

    (first, *_) = diagnose(changed(dW1=change))
    assert first.words.startswith("Only 1 component of dW1 off, such as W1[2, 3]")


def test_blocks_without_a_pattern_are_named():
    rng = np.random.default_rng(0)

    def noise(gradient):
        return gradient + rng.standard_normal(gradient.shape)

    (only,) = diagnose(changed(dW1=noise, db2=noise))
    assert only.words.startswith("dW1 and db2 are off, and db1, dW2, dW3 and db3 right.")
    assert only.blocks == ("W1", "b2")


def test_names_of_another_form():
    theta = {"gamma": np.arange(1.0, 4), "scale": np.array(2.0)}

    def cost(p):
        return np.sum(p["gamma"] ** 2) * p["scale"]

    wrong = {"gamma": 8 * theta["gamma"], "scale": np.array(14.0)}
    (first, *_) = diagnose(check_gradients(cost, theta, wrong, epsilon=1e-5))
    assert first.words.startswith("dgamma: 2 times what it should be")
    right = {"gamma": 4 * theta["gamma"], "scale": np.array(14.0)}
    (only,) = diagnose(check_gradients(cost, theta, right, epsilon=1e-5))
    assert only.words.startswith("Nothing is off")


def test_names_of_another_form_beside_layers():
    theta = {"W1": np.ones((2, 2)), "b1": np.ones((2, 1)), "W2": np.ones((1, 2))}
    theta |= {"gamma": np.arange(1.0, 4)}
    factors = {"W1": 3.0, "b1": 5.0, "W2": 1.0, "gamma": 7.0}

    def cost(p):
        return sum(np.sum(array**2) for array in p.values())

    wrong = {name: 2 * factors[name] * array for name, array in theta.items()}
    findings = diagnose(check_gradients(cost, theta, wrong, epsilon=1e-5))
    assert "dgamma: 7 times what it should be. Consistent with a constant factor." in words_of(
        findings, len(findings)
    )
    assert not any("Each layer" in finding.words for finding in findings)


# Right gradients.


@pytest.mark.parametrize("epsilon", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
@pytest.mark.parametrize("name", SETTINGS)
def test_no_finding_against_right_gradients(name, epsilon):
    at = SETTINGS[name]
    # Within a large epsilon of a kink, even right gradients differ.
    if ("relu" in at["net"].activations or at["penalty"] == "l1") and epsilon > 1e-4:
        return
    for seed in range(1, 6):
        report = numerical(at, run(Network.gradients, at, seed), epsilon, seed)
        (only,) = diagnose(report)
        assert only.words.startswith("Nothing is off") or "with right gradients" in only.words


@pytest.mark.parametrize("name", SETTINGS)
def test_no_finding_against_right_gradients_of_a_known_network(name):
    at = SETTINGS[name]
    (only,) = diagnose(exact(at, run(Network.gradients, at)))
    assert only.words == "Nothing is off: all gradients agree with the numerical ones."
    assert only.blocks == () and only.weight == 1


def test_a_kink_is_named():
    net = Network((1, 4, 1))
    parameters = initialize(net.layer_sizes, "he", rng=np.random.default_rng(2))
    # For the example at 0, b is all of Z: with one unit, b - epsilon is behind the kink.
    parameters["b1"][:] = [[0.5], [0.4], [5e-7], [0.3]]
    X, Y = np.array([[0.0, 1.0, 2.0, -1.0]]), np.array([[1.0, 0.0, 1.0, 0.0]])
    gradients = net.gradients(parameters, X, Y)
    (first, *_) = diagnose(
        check_gradients(lambda p: net.cost(p, X, Y), parameters, gradients, 1e-6)
    )
    assert first.words.startswith("Only 1 component of db1 off, such as b1[2]")
    assert "a kink of ReLU" in first.words
    (only,) = diagnose(check_gradients(lambda p: net.cost(p, X, Y), parameters, gradients, 1e-7))
    assert only.words.startswith("Nothing is off")


def resting_below():
    """Where an example finds all units of layer 1 at rest, so that all of layer 2 is at b."""
    net, rng = Network((2, 3, 3, 1)), np.random.default_rng(3)
    parameters = initialize(net.layer_sizes, "he", rng=rng)
    parameters["W1"][:] = np.abs(parameters["W1"])
    parameters["b3"][:] = 0.1
    X = np.abs(rng.standard_normal((2, 5)))
    X[:, 1] *= -1
    Y = np.array([[1.0, 0.0, 0.0, 1.0, 1.0]])
    return net, parameters, X, Y


KINK = "or with a kink of ReLU right at these parameters."


@pytest.mark.parametrize("epsilon", [1e-5, 1e-7])
def test_a_kink_right_at_the_parameters_is_named(epsilon):
    net, parameters, X, Y = resting_below()
    gradients = net.gradients(parameters, X, Y)
    first, *_ = diagnose(
        check_gradients(lambda p: net.cost(p, X, Y), parameters, gradients, epsilon)
    )
    assert first.words.startswith("db2 is off, and every dW right")
    assert first.words.endswith(KINK)
    (only,) = diagnose(check_network(net, parameters, X, Y, gradients))
    assert only.words.startswith("Nothing is off")


@pytest.mark.parametrize("layer", [2, 3])
def test_no_kink_where_b_is_not_0_or_behind_the_last_layer(layer):
    net, parameters, X, Y = resting_below()
    parameters["b2"][:], parameters["b3"][:] = 0.1, 0.0
    gradients = net.gradients(parameters, X, Y)
    gradients[f"db{layer}"] = gradients[f"db{layer}"] + 0.1
    findings = diagnose(check_gradients(lambda p: net.cost(p, X, Y), parameters, gradients, 1e-6))
    assert any("every dW right" in each for each in words_of(findings))
    assert not any(KINK in finding.words for finding in findings)


def test_rounding_is_told_from_a_bug():
    # Small gradients beside a large cost: what is left is rounding.
    theta = {"W1": np.array([[1.0, 2.0]])}
    report = check_gradients(
        lambda p: 1000 + 1e-3 * np.sum(np.sin(p["W1"])),
        theta,
        {"dW1": 1e-3 * np.cos(theta["W1"])},
        epsilon=1e-7,
    )
    assert report.difference > 1e-7
    (only,) = diagnose(report)
    assert "than rounding can come to with epsilon = 1e-07" in only.words
    assert "larger epsilon" in only.words


def test_truncation_is_told_from_a_bug():
    at = SETTINGS["tanh"]
    (only,) = diagnose(numerical(at, run(Network.gradients, at), epsilon=1e-2))
    assert "no more than the formula itself can be with epsilon = 0.01" in only.words

from textwrap import indent

import numpy as np
import pytest

from deepdials.core import backward as backward_module
from deepdials.core.backward import backward
from deepdials.core.bugs import BUGS, applies, changed_blocks, faulty, listing
from deepdials.core.dropout import draw_masks
from deepdials.core.initialization import initialize
from deepdials.core.network import Network

M = 9

# Their matrix products are summed, or their slopes computed, in another order.
RIGHT_TO_ROUNDING = ("dW-transposed", "tanh-of-dropped-a")

each_bug = pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)


def setting(sizes, hidden="relu", output="sigmoid", lambd=0.7, penalty="l2", keep_prob=None):
    net = Network(sizes, hidden, output)
    dropout = keep_prob and draw_masks(sizes, keep_prob, M, np.random.default_rng(8))
    return {"net": net, "lambd": lambd, "penalty": penalty, "dropout": dropout}


SETTINGS = {
    "relu": setting((4, 4, 4, 1)),
    "relu, no penalty": setting((4, 4, 4, 1), lambd=0.0),
    "relu, L1": setting((4, 4, 4, 1), penalty="l1"),
    "tanh": setting((4, 4, 4, 1), "tanh"),
    "tanh, four layers": setting((4, 4, 4, 4, 1), "tanh"),
    "sigmoid": setting((4, 4, 4, 1), "sigmoid"),
    "relu, dropout": setting((4, 4, 4, 1), keep_prob={1: 0.6, 2: 0.5}),
    "tanh, dropout": setting((4, 4, 4, 1), "tanh", keep_prob=0.5),
    "tanh, dropout in layer 1": setting((4, 6, 6, 1), "tanh", keep_prob={1: 0.6}),
    "relu, dropout of the input": setting((6, 4, 1), keep_prob={0: 0.7}),
    "softmax": setting((5, 6, 3, 4), output="softmax"),
    "softmax, equal": setting((4, 4, 4, 4), "tanh", "softmax"),
    "linear": setting((5, 3, 2), "tanh", "linear"),
    "narrow": setting((3, 1, 4, 1), "tanh"),
    "mixed": setting((4, 4, 4, 1), ("relu", "identity")),
    "identity": setting((4, 4, 4, 1), "identity"),
    "logistic regression": setting((4, 1)),
}


def labels(net, rng):
    if net.output == "softmax":
        return np.eye(net.layer_sizes[-1])[:, rng.integers(net.layer_sizes[-1], size=M)]
    return rng.integers(2, size=(net.layer_sizes[-1], M)).astype(float)


def problem(net, seed=1):
    """Parameters with biases other than 0, X and Y."""
    rng = np.random.default_rng(seed)
    parameters = initialize(net.layer_sizes, "he", rng=rng)
    for name, b in parameters.items():
        if name[0] == "b":
            b += 0.3 * rng.standard_normal(b.shape)
    return parameters, rng.standard_normal((net.layer_sizes[0], M)), labels(net, rng)


def gradients(function, at):
    net, *rest = at.values()
    return function(net, *problem(net), *rest)


# The catalogue.


def test_keys_are_slugs_and_there_are_enough():
    assert len(BUGS) >= 22
    assert all(slug == bug.slug for slug, bug in BUGS.items())
    assert len({bug.title for bug in BUGS.values()}) == len(BUGS)
    assert len({bug.changes for bug in BUGS.values()}) == len(BUGS)
    assert all(bug.effect.endswith(".") for bug in BUGS.values())
    with pytest.raises(TypeError):
        BUGS["none"] = None


@each_bug
def test_every_right_line_is_in_the_source_once(bug):
    shown = [line.strip() for line in listing().lines]
    for right, wrong in bug.changes:
        assert shown.count(right) == 1
        assert wrong != right and wrong == wrong.strip()
    assert faulty(bug) is faulty(bug)
    assert faulty(bug).__name__ == "backward"


def test_the_right_function_stays_in_its_module():
    for bug in BUGS.values():
        faulty(bug)
    assert backward_module.backward is backward


# What a bug changes.


def changed(bug, at):
    right, wrong = gradients(backward, at), gradients(faulty(bug), at)
    assert list(wrong) == list(right)
    names = []
    for name, gradient in right.items():
        assert wrong[name].shape == gradient.shape
        assert wrong[name].dtype == gradient.dtype
        off = np.max(np.abs(wrong[name] - gradient))
        if off > 1e-6:
            names.append(name)
        elif bug.slug in RIGHT_TO_ROUNDING:
            assert off <= 1e-14
        else:
            np.testing.assert_array_equal(wrong[name], gradient)
    return names


@pytest.mark.parametrize("at", SETTINGS.values(), ids=SETTINGS)
@each_bug
def test_a_bug_changes_exactly_the_blocks_that_it_should(bug, at):
    verdict = applies(bug, **at, m=M)
    if not verdict:
        assert verdict.reason.startswith("Needs ") and verdict.reason.endswith(".")
        return
    assert verdict.reason == ""
    stated = changed_blocks(bug, at["net"], at["dropout"])
    assert stated
    assert sorted(changed(bug, at)) == sorted(stated)


@each_bug
def test_every_bug_applies_in_several_settings(bug):
    assert sum(applies(bug, **at, m=M).yes for at in SETTINGS.values()) >= 2 - (
        bug.slug in ("sigmoid-of-a", "l1-absolute", "l1-as-l2", "no-l1-penalty")
    )


@pytest.mark.parametrize(
    ("slug", "name", "words"),
    [
        ("no-penalty", "relu, no penalty", "lambd above 0"),
        ("no-penalty", "relu, L1", "the L2 penalty"),
        ("no-l1-penalty", "relu", "the L1 penalty"),
        ("dW-transposed", "logistic regression", "two rows and two columns"),
        ("W-not-transposed", "relu, dropout of the input", "above the first layer"),
        ("A-off-by-one", "softmax", "as many inputs as units"),
        ("slope-off-by-one", "softmax", "hidden layers of one width"),
        ("slope-off-by-one", "linear", "of the same or of 1 unit"),
        ("tanh-one", "relu", "tanh in every hidden layer"),
        ("sigmoid-of-a", "relu", "sigmoid in every hidden layer"),
        ("sigmoid-everywhere", "sigmoid", "without sigmoid"),
        ("no-slope", "identity", "other than the identity"),
        ("no-slope", "logistic regression", "a hidden layer"),
        ("slope-at-output", "linear", "a sigmoid output"),
        ("mask-missing", "relu, dropout of the input", "dropout in a hidden layer"),
        ("A-before-dropout", "relu", "dropout with keep_prob below 1"),
        ("tanh-of-dropped-a", "relu", "layer, and dropout in"),
        ("course-pair", "logistic regression", "a hidden layer"),
        ("db-over-units", "logistic regression", "a layer of two units"),
    ],
)
def test_why_a_bug_cannot_show(slug, name, words):
    verdict = applies(BUGS[slug], **SETTINGS[name])
    assert not verdict
    assert words in verdict.reason


@pytest.mark.parametrize(("m", "slug"), [(1, "no-m"), (1, "db-one-example"), (4, "m-from-rows")])
def test_some_bugs_depend_on_the_number_of_examples(m, slug):
    at = SETTINGS["relu"]
    assert applies(BUGS[slug], **at)
    assert not applies(BUGS[slug], **at, m=m)


@pytest.mark.parametrize(
    ("slug", "factor"), [("no-m", M), ("m-twice", 1 / M), ("m-from-rows", M / 4), ("sign", -1)]
)
def test_constant_factors(slug, factor):
    at = SETTINGS["relu, no penalty"]
    right, wrong = gradients(backward, at), gradients(faulty(BUGS[slug]), at)
    for name, gradient in right.items():
        np.testing.assert_allclose(wrong[name], factor * gradient, rtol=1e-13)


def test_in_square_layers_a_reshape_is_the_transpose():
    at = SETTINGS["relu, no penalty"]
    right, wrong = gradients(backward, at), gradients(faulty(BUGS["dW-transposed"]), at)
    np.testing.assert_allclose(wrong["dW2"], right["dW2"].T, rtol=1e-12, atol=1e-16)


def test_half_of_the_penalty_and_all_of_it():
    at = SETTINGS["tanh"]
    parameters, _, _ = problem(at["net"])
    right = gradients(backward, at)
    for slug, share in (("no-penalty", 1), ("half-penalty", 0.5), ("penalty-without-m", 1 - M)):
        missing = right["dW1"] - gradients(faulty(BUGS[slug]), at)["dW1"]
        np.testing.assert_allclose(missing, share * 0.7 / M * parameters["W1"], atol=1e-15)


# What is shown is what runs.


@pytest.mark.parametrize("bug", [None, *BUGS.values()], ids=["right", *BUGS])
def test_the_lines_shown_are_the_lines_that_run(bug):
    shown = listing(bug)
    source = "def shown(net, parameters, X, Y, lambd, penalty, dropout):\n" + indent(
        "\n".join(shown.lines), "    "
    )
    namespace = {"np": np}
    exec(source, namespace)
    function = backward if bug is None else faulty(bug)
    for at in SETTINGS.values():
        if bug is None or applies(bug, **at, m=M):
            expected = gradients(function, at)
            for name, gradient in gradients(namespace["shown"], at).items():
                np.testing.assert_array_equal(gradient, expected[name])


def test_the_listing_of_the_right_source():
    shown = listing()
    assert shown.wrong == ()
    assert shown.lines[0] == "L = net.L"
    assert shown.lines[-1] == "return gradients"
    assert not any('"""' in line or "check" in line for line in shown.lines)


@each_bug
def test_the_listing_marks_the_wrong_lines(bug):
    right, shown = listing().lines, listing(bug)
    assert max(map(len, shown.lines)) <= 88
    wrong = [line.strip() for _, new in bug.changes for line in new.splitlines()]
    if wrong:
        marked = [shown.lines[index].strip() for index in shown.wrong]
        assert marked == [line for line in wrong if line not in dict(bug.changes)]
        return
    # Lines are only missing: up to the one that is marked, all is as it should be but for
    # lines that went with them.
    (gap,) = shown.wrong
    gone = [line for line in right if line not in shown.lines]
    assert len(gone) + len(shown.lines) == len(right)
    assert right[right.index(shown.lines[gap]) + 1] in gone

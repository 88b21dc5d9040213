"""Mistakes in a backward pass, each a small change to the source of `backward`.

Nothing is added to a result: wrong lines take the place of right ones in the source itself,
and what comes out is compiled and run. So the lines that a lesson shows are the ones that
made the numbers.

    bug = BUGS["no-m-in-db"]
    gradients = faulty(bug)(net, parameters, X, Y)
    listing(bug).lines                              # and .wrong, the lines to be found
    applies(bug, net, lambd=0.7).reason             # in words, if it cannot show there
    changed_blocks(bug, net)                        # ("db1", "db2", ...)

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking", whose exercise
  plants the pair that is last in the list.
"""

import __future__

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from types import FunctionType, MappingProxyType
from typing import Any, TypeAlias, cast

from deepdials.core.backward import backward
from deepdials.core.dropout import NO_DROPOUT, Dropout
from deepdials.core.functions import Array
from deepdials.core.network import Network

Backward: TypeAlias = Callable[..., dict[str, Array]]
Changes: TypeAlias = tuple[tuple[str, str], ...]


# From right source to wrong source: for any function, as the checker has bugs too.


@dataclass(frozen=True)
class Listing:
    """Lines of code to show, and which of them are wrong.

    Attributes
    ----------
    lines : tuple of str
        The body of the function, without docstring and validation.
    wrong : tuple of int
        Indices of the lines that are not in the right source. Where lines are only missing:
        the index of the line after which they should stand.
    """

    lines: tuple[str, ...]
    wrong: tuple[int, ...]


def run_changed(function: Callable[..., Any], changes: Changes) -> Any:
    """Compile the changed source of a function, in the namespace of its module.

    Parameters
    ----------
    function : callable
        A plain function of a module.
    changes : tuple of (str, str)
        Right lines, stripped, and what stands there instead: as for `Bug`.

    Returns
    -------
    callable
        The function with the changes.

    Raises
    ------
    ValueError
        If a right line is not in the source exactly once.
    """
    lines, _ = _rewrite(function, changes)
    name = cast("FunctionType", function).__name__
    # A copy, so that the right function keeps its place in the module.
    namespace = dict(cast("FunctionType", function).__globals__)
    # The names in the annotations exist for the type checker only.
    flags = __future__.annotations.compiler_flag
    exec(compile("\n".join(lines), f"<{name} with a bug>", "exec", flags), namespace)
    return namespace[name]


def list_changed(function: Callable[..., Any], changes: Changes) -> Listing:
    """List the changed body of a function, without docstring and validation.

    Parameters
    ----------
    function : callable
        A plain function of a module.
    changes : tuple of (str, str)
        Right lines, stripped, and what stands there instead: as for `Bug`.

    Returns
    -------
    Listing

    Raises
    ------
    ValueError
        If a right line is not in the source exactly once.
    """
    lines, wrong = _rewrite(function, changes)
    shown = _body(lines)
    text = dedent("\n".join(lines[index] for index in shown))
    return Listing(tuple(text.split("\n")), tuple(shown.index(index) for index in wrong))


def _rewrite(function: Callable[..., Any], changes: Changes) -> tuple[list[str], list[int]]:
    """Change the source: its lines, and the indices of the wrong ones."""
    source = inspect.getsource(function).splitlines()
    _check_unique(source, changes)
    lines: list[str] = []
    wrong, gap = [], []
    for line in source:
        right = line.strip()
        new = dict(changes).get(right, right).splitlines()
        indent = line[: len(line) - len(line.lstrip())]
        if not new and right:
            gap = [len(lines) - 1]
        wrong += [len(lines) + k for k, each in enumerate(new) if each != right]
        lines += [indent + each for each in new]
    # A line that is missing beside a wrong one is not what the learner looks for.
    return lines, wrong or gap


def _check_unique(source: list[str], changes: Changes) -> None:
    stripped = [line.strip() for line in source]
    for right, _ in changes:
        if stripped.count(right) != 1:
            raise ValueError(
                f"{right!r} must be one line of the source, but is {stripped.count(right)}"
            )


def _body(lines: list[str]) -> list[int]:
    """Find the lines in the body that a learner should see: their indices."""
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    hidden = {
        line - 1
        for number, node in enumerate(tree.body)
        if (number == 0 and ast.get_docstring(tree) is not None) or ".check(" in ast.unparse(node)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return [index for index in range(tree.body[0].lineno - 1, len(lines)) if index not in hidden]


# What a bug needs to show, and which blocks it then changes.


@dataclass(frozen=True)
class Setting:
    """Where a bug is to run.

    Attributes
    ----------
    net : Network
    lambd, penalty
        As for `Network.cost`.
    dropout : Dropout
    m : int or None
        The number of examples, if it is known.
    """

    net: Network
    lambd: float = 0.0
    penalty: str = "l2"
    dropout: Dropout = NO_DROPOUT
    m: int | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        """(n_x, n_1, ..., n_L)."""
        return tuple(self.net.layer_sizes)

    @property
    def wide(self) -> list[int]:
        """The layers whose W has more than one row and more than one column."""
        pairs = zip(self.widths, self.widths[1:], strict=False)
        return [layer for layer, pair in enumerate(pairs, 1) if min(pair) > 1]

    @property
    def dropped(self) -> list[int]:
        """The layers that lose units, the input among them."""
        return [layer for layer, keep_prob in self.dropout.keep_prob.items() if keep_prob < 1]


@dataclass(frozen=True)
class Need:
    """A condition without which a bug cannot run, or changes nothing.

    Attributes
    ----------
    words : str
        What is needed, to follow "needs".
    holds : callable
        From a `Setting` to bool.
    """

    words: str
    holds: Callable[[Setting], bool]


_HIDDEN = Need("a hidden layer", lambda at: at.net.L > 1)
_L2 = Need("the L2 penalty with lambd above 0", lambda at: at.penalty == "l2" and at.lambd > 0)
_L1 = Need("the L1 penalty with lambd above 0", lambda at: at.penalty == "l1" and at.lambd > 0)
_EXAMPLES = Need("more than one example", lambda at: at.m is None or at.m > 1)
_OTHER_M = Need("m other than the number of inputs, n_x", lambda at: at.m != at.widths[0])
_WIDE = Need("a W of two rows and two columns or more", lambda at: bool(at.wide))
_WIDE_ABOVE = Need(
    "a W of two rows and two columns or more above the first layer",
    lambda at: max(at.wide, default=1) > 1,
)
_UNITS = Need("a layer of two units or more", lambda at: max(at.widths[1:]) > 1)
_EQUAL_INPUTS = Need(
    "as many inputs as units in every hidden layer",
    lambda at: at.net.L > 1 and len(set(at.widths[:-1])) == 1,
)
_EQUAL_HIDDEN = Need(
    "hidden layers of one width, and an output of the same or of 1 unit",
    lambda at: (
        at.net.L > 1 and len(set(at.widths[1:-1])) == 1 and at.widths[-1] in (1, at.widths[1])
    ),
)
_TANH = Need("tanh in every hidden layer", lambda at: set(at.net.activations) == {"tanh"})
_SIGMOID = Need("sigmoid in every hidden layer", lambda at: set(at.net.activations) == {"sigmoid"})
_NO_SIGMOID = Need(
    "hidden layers without sigmoid",
    lambda at: at.net.L > 1 and "sigmoid" not in at.net.activations,
)
_BENT = Need(
    "a hidden layer with an activation other than the identity",
    lambda at: any(name != "identity" for name in at.net.activations),
)
_SIGMOID_OUTPUT = Need("a sigmoid output", lambda at: at.net.output == "sigmoid")
_DROPOUT = Need(
    "dropout in a hidden layer, with keep_prob below 1", lambda at: max(at.dropped, default=0) > 0
)
_ANY_DROPOUT = Need("dropout with keep_prob below 1", lambda at: bool(at.dropped))

Reach: TypeAlias = Callable[[Setting], Iterable[str]]


def _layers(at: Setting) -> range:
    return range(1, at.net.L + 1)


def _up_to(top: int) -> list[str]:
    """All blocks of the layers 1 to top: an error in dZ or dA travels down."""
    return [f"d{letter}{layer}" for layer in range(1, top + 1) for letter in "Wb"]


def _everything(at: Setting) -> list[str]:
    return _up_to(at.net.L)


def _below_output(at: Setting) -> list[str]:
    return _up_to(at.net.L - 1)


def _below_wide(at: Setting) -> list[str]:
    return _up_to(max(at.wide) - 1)


def _below_bent(at: Setting) -> list[str]:
    names = at.net.activations
    return _up_to(max(layer for layer, name in enumerate(names, 1) if name != "identity"))


def _from_dropped(at: Setting) -> list[str]:
    return _up_to(max(at.dropped))


def _from_other_keep_prob(at: Setting) -> list[str]:
    keep_prob = at.dropout.keep_prob
    other = (layer for layer in keep_prob if keep_prob[layer] != keep_prob.get(layer + 1, 1.0))
    return _up_to(max(other))


def _weights(at: Setting) -> list[str]:
    return [f"dW{layer}" for layer in _layers(at)]


def _biases(at: Setting) -> list[str]:
    return [f"db{layer}" for layer in _layers(at)]


def _wide_weights(at: Setting) -> list[str]:
    return [f"dW{layer}" for layer in at.wide]


def _upper_weights(at: Setting) -> list[str]:
    return [f"dW{layer}" for layer in _layers(at) if layer > 1]


def _weights_above_dropped(at: Setting) -> list[str]:
    return [f"dW{layer + 1}" for layer in at.dropped]


def _biases_of_many_units(at: Setting) -> list[str]:
    return [f"db{layer}" for layer in _layers(at) if at.widths[layer] > 1]


# The catalogue.


@dataclass(frozen=True)
class Bug:
    """A mistake in the backward pass.

    Attributes
    ----------
    slug : str
        The key in `BUGS`.
    title : str
        The mistake, in a few words.
    effect : str
        What happens, and to which blocks.
    changes : tuple of (str, str)
        Lines of `backward`, stripped, and what stands there instead: one line, several
        (separated by newlines, indented from the right line's indent), or nothing.
    reach : callable
        From a `Setting` to the names of the blocks that change: see `changed_blocks`.
    needs : tuple of Need
        Without them it cannot run, or changes nothing: see `applies`.
    """

    slug: str
    title: str
    effect: str
    changes: Changes
    reach: Reach
    needs: tuple[Need, ...] = ()


_DZ_L = "dZ = A[L] - Y"
_DW = "dW = dZ @ A[layer - 1].T / m"
_IF_L2 = 'if penalty == "l2":'
_IF_L1 = 'if penalty == "l1":'
_DW_L2 = "dW = dW + lambd / m * W"
_DW_L1 = "dW = dW + lambd / m * np.sign(W)"
_DB = "db = np.sum(dZ, axis=1, keepdims=True) / m"
_DA = "dA = W.T @ dZ"
_MASK = "D = dropout.masks[layer - 1]"
_KEEP_PROB = "keep_prob = dropout.keep_prob[layer - 1]"
_DROP = "dA = dA * D"
_RESCALE = "dA = dA / keep_prob"
_SLOPE = "slope = net.activation(layer - 1).slope"
_DZ = "dZ = dA * slope(Z[layer - 1])"

_LIST = (
    # The mean over the examples.
    Bug(
        slug="no-m",
        title="1/m is missing",
        effect="The sum over the examples is taken for their mean: every dW_l and db_l is m "
        "times too large, but for the penalty's part.",
        changes=(
            (_DW, "dW = dZ @ A[layer - 1].T"),
            (_DB, "db = np.sum(dZ, axis=1, keepdims=True)"),
        ),
        reach=_everything,
        needs=(_EXAMPLES,),
    ),
    Bug(
        slug="no-m-in-db",
        title="1/m is missing in db",
        effect="Every db_l is m times too large; every dW_l is right.",
        changes=((_DB, "db = np.sum(dZ, axis=1, keepdims=True)"),),
        reach=_biases,
        needs=(_EXAMPLES,),
    ),
    Bug(
        slug="m-twice",
        title="1/m is taken twice",
        effect="Divided in dZ and again in dW and db: every dW_l and db_l is m times too small, "
        "but for the penalty's part.",
        changes=((_DZ_L, "dZ = (A[L] - Y) / m"),),
        reach=_everything,
        needs=(_EXAMPLES,),
    ),
    Bug(
        slug="m-from-rows",
        title="m counts the rows of X",
        effect="m is the number of features, n_x: every dW_l and db_l is off by the "
        "factor m / n_x.",
        changes=(("m = X.shape[1]", "m = X.shape[0]"),),
        reach=_everything,
        needs=(_OTHER_M,),
    ),
    # The penalty.
    Bug(
        slug="no-penalty",
        title="The L2 penalty is forgotten in dW",
        effect="lambd / m W is in the slope of J but not in dW: every dW_l is off by a multiple "
        "of W_l; every db_l is right.",
        changes=((_IF_L2, ""), (_DW_L2, "")),
        reach=_weights,
        needs=(_L2,),
    ),
    Bug(
        slug="penalty-without-m",
        title="The L2 penalty without 1/m",
        effect="lambd W instead of lambd / m W: every dW_l is off by a multiple of W_l; every "
        "db_l is right.",
        changes=((_DW_L2, "dW = dW + lambd * W"),),
        reach=_weights,
        needs=(_L2, _EXAMPLES),
    ),
    Bug(
        slug="half-penalty",
        title="lambd / (2m), as in the cost",
        effect="The 2 of the square is forgotten: half the penalty is missing in every dW_l; "
        "every db_l is right.",
        changes=((_DW_L2, "dW = dW + lambd / (2 * m) * W"),),
        reach=_weights,
        needs=(_L2,),
    ),
    Bug(
        slug="penalty-on-b",
        title="The penalty is on b too",
        effect="The cost does not penalize b: every db_l is off by a multiple of b_l (and right "
        "as long as b is 0); every dW_l is right.",
        changes=((_DB, _DB + ' + lambd / m * parameters[f"b{layer}"]'),),
        reach=_biases,
        needs=(_L2,),
    ),
    Bug(
        slug="l1-absolute",
        title="|W| for the slope of |W|",
        effect="The slope of |W| is the sign of W, not its size: every dW_l is off; every db_l "
        "is right.",
        changes=((_DW_L1, "dW = dW + lambd / m * np.abs(W)"),),
        reach=_weights,
        needs=(_L1,),
    ),
    Bug(
        slug="l1-as-l2",
        title="The slope of the L2 penalty under an L1 cost",
        effect="W stands where its sign should: every dW_l is off; every db_l is right.",
        changes=((_DW_L1, _DW_L2),),
        reach=_weights,
        needs=(_L1,),
    ),
    Bug(
        slug="no-l1-penalty",
        title="The L1 penalty is forgotten in dW",
        effect="lambd / m sign(W) is in the slope of J but not in dW: every dW_l is off by the "
        "same amount up to sign; every db_l is right.",
        changes=((_IF_L1, ""), (_DW_L1, "")),
        reach=_weights,
        needs=(_L1,),
    ),
    # dW.
    Bug(
        slug="dW-transposed",
        title="dW is transposed",
        effect="The shapes were made to fit, so nothing complains: every dW_l with more than one "
        "row and column is scrambled (transposed, if W_l is square); every db_l is right.",
        changes=((_DW, "dW = (A[layer - 1] @ dZ.T / m).reshape(W.shape)"),),
        reach=_wide_weights,
        needs=(_WIDE,),
    ),
    Bug(
        slug="A-off-by-one",
        title="A of the wrong layer in dW",
        effect="A[l-2] stands where A[l-1] should: every dW_l but dW_1 is wrong; every db_l is "
        "right.",
        changes=((_DW, "dW = dZ @ A[max(layer - 2, 0)].T / m"),),
        reach=_upper_weights,
        needs=(_EQUAL_INPUTS,),
    ),
    # db.
    Bug(
        slug="db-one-example",
        title="db from one example",
        effect="The sum over the examples is missing: every db_l is wrong; every dW_l is right.",
        changes=((_DB, "db = dZ[:, [0]] / m"),),
        reach=_biases,
        needs=(_EXAMPLES,),
    ),
    Bug(
        slug="db-over-units",
        title="db is summed over the units too",
        effect="Without axis=1 all units of a layer get one number: every db_l of more than one "
        "unit is wrong; every dW_l is right.",
        changes=((_DB, "db = np.full((len(dZ), 1), np.sum(dZ) / m)"),),
        reach=_biases_of_many_units,
        needs=(_UNITS,),
    ),
    # dA: from a layer to the one below.
    Bug(
        slug="W-not-transposed",
        title="W instead of W^T",
        effect="reshape makes the shape fit, but is not a transpose: everything below the "
        "topmost W_l of more than one row and column is wrong.",
        changes=((_DA, "dA = W.reshape(W.shape[::-1]) @ dZ"),),
        reach=_below_wide,
        needs=(_WIDE_ABOVE,),
    ),
    Bug(
        slug="W-updated-first",
        title="W is updated before it is used for dA",
        effect="dA is computed with the next step's W: every dW_l and db_l below the output "
        "layer is a little off.",
        changes=((_DA, "W = W - 0.1 * dW\n" + _DA),),
        reach=_below_output,
        needs=(_HIDDEN,),
    ),
    Bug(
        slug="clipped",
        title="The gradient is clipped inside backprop",
        effect="Clipped before the check, dA is no derivative any more: every dW_l and db_l "
        "below the output layer is off, as soon as an entry of dA is above 0.1.",
        changes=((_DA, "dA = np.clip(W.T @ dZ, -0.1, 0.1)"),),
        reach=_below_output,
        needs=(_HIDDEN,),
    ),
    # The slope of the activation.
    Bug(
        slug="no-slope",
        title="The activation's slope is forgotten",
        effect="g'(Z) is missing: every dW_l and db_l below the output layer is wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA")),
        reach=_below_bent,
        needs=(_BENT,),
    ),
    Bug(
        slug="slope-off-by-one",
        title="The slope is taken at the wrong layer's Z",
        effect="g'(Z[l]) stands where g'(Z[l-1]) should: every dW_l and db_l below the output "
        "layer is wrong.",
        changes=((_DZ, "dZ = dA * slope(Z[layer])"),),
        reach=_below_bent,
        needs=(_BENT, _EQUAL_HIDDEN),
    ),
    Bug(
        slug="tanh-not-squared",
        title="tanh' = 1 - a",
        effect="The square is forgotten: every dW_l and db_l below the output layer is wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * (1 - np.tanh(Z[layer - 1]))")),
        reach=_below_output,
        needs=(_TANH,),
    ),
    Bug(
        slug="tanh-of-a",
        title="tanh' = 1 - tanh(a)^2",
        effect="tanh is applied to what is already a tanh: every dW_l and db_l below the output "
        "layer is somewhat off.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * (1 - np.tanh(A[layer - 1]) ** 2)")),
        reach=_below_output,
        needs=(_TANH,),
    ),
    Bug(
        slug="tanh-one",
        title="tanh' = 1",
        effect="That is tanh' at 0 only: every dW_l and db_l below the output layer is somewhat "
        "off, the less so the smaller Z.",
        changes=((_SLOPE, "slope = np.ones_like"),),
        reach=_below_output,
        needs=(_TANH,),
    ),
    Bug(
        slug="tanh-of-dropped-a",
        title="tanh' from the activation after dropout",
        effect="1 - a^2 holds for tanh itself, not for tanh / keep_prob: every dW_l and db_l up "
        "to the topmost layer with dropout is wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * (1 - A[layer - 1] ** 2)")),
        reach=_from_dropped,
        needs=(_TANH, _DROPOUT),
    ),
    Bug(
        slug="sigmoid-of-a",
        title="sigmoid'(a) instead of sigmoid'(z)",
        effect="The slope is taken at the activation: every dW_l and db_l below the output layer "
        "is wrong.",
        changes=((_DZ, "dZ = dA * slope(A[layer - 1])"),),
        reach=_below_output,
        needs=(_SIGMOID,),
    ),
    Bug(
        slug="sigmoid-everywhere",
        title="a (1 - a) in a layer that is no sigmoid",
        effect="The slope of another activation: every dW_l and db_l below the output layer is "
        "wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * A[layer - 1] * (1 - A[layer - 1])")),
        reach=_below_output,
        needs=(_NO_SIGMOID,),
    ),
    # The output layer.
    Bug(
        slug="slope-at-output",
        title="(a - y) a (1 - a) with cross-entropy",
        effect="The slope of the output's sigmoid has cancelled already; here it is again: every "
        "dW_l and db_l is wrong, mostly too small.",
        changes=((_DZ_L, "dZ = (A[L] - Y) * A[L] * (1 - A[L])"),),
        reach=_everything,
        needs=(_SIGMOID_OUTPUT,),
    ),
    Bug(
        slug="sign",
        title="y - a instead of a - y",
        effect="Every dW_l and db_l has the wrong sign, but for the penalty's part.",
        changes=((_DZ_L, "dZ = Y - A[L]"),),
        reach=_everything,
    ),
    Bug(
        slug="factor-2",
        title="2 (a - y)",
        effect="As if the loss were a square without its 1/2: every dW_l and db_l is twice too "
        "large, but for the penalty's part.",
        changes=((_DZ_L, "dZ = 2 * (A[L] - Y)"),),
        reach=_everything,
    ),
    # Dropout.
    Bug(
        slug="mask-redrawn",
        title="The mask is drawn again on the way back",
        effect="Other units are dropped than on the way forward: every dW_l and db_l up to the "
        "topmost layer with dropout is wrong.",
        changes=(
            (
                _MASK,
                "rng = np.random.default_rng(2024)\n"
                "D = rng.random(dA.shape) < dropout.keep_prob[layer - 1]",
            ),
        ),
        reach=_from_dropped,
        needs=(_DROPOUT,),
    ),
    Bug(
        slug="mask-missing",
        title="The mask is not applied on the way back",
        effect="Units that were dropped get a gradient: every dW_l and db_l up to the topmost "
        "layer with dropout is wrong.",
        changes=((_MASK, ""), (_DROP, "")),
        reach=_from_dropped,
        needs=(_DROPOUT,),
    ),
    Bug(
        slug="not-rescaled",
        title="dA is not divided by keep_prob",
        effect="Every dW_l and db_l up to the topmost layer with dropout is too small, by one "
        "keep_prob for each layer with dropout on the way.",
        changes=((_KEEP_PROB, ""), (_RESCALE, "")),
        reach=_from_dropped,
        needs=(_DROPOUT,),
    ),
    Bug(
        slug="rescaled-wrongly",
        title="dA is multiplied by keep_prob",
        effect="Every dW_l and db_l up to the topmost layer with dropout is too small, by "
        "keep_prob^2 for each layer with dropout on the way.",
        changes=((_RESCALE, "dA = dA * keep_prob"),),
        reach=_from_dropped,
        needs=(_DROPOUT,),
    ),
    Bug(
        slug="keep-prob-off-by-one",
        title="keep_prob of the wrong layer",
        effect="keep_prob[l] stands where keep_prob[l-1] should: every dW_l and db_l up to the "
        "topmost layer where the two differ is off by a factor.",
        changes=((_KEEP_PROB, "keep_prob = dropout.keep_prob.get(layer, 1.0)"),),
        reach=_from_other_keep_prob,
        needs=(_DROPOUT,),
    ),
    Bug(
        slug="A-before-dropout",
        title="A is computed again, without dropout",
        effect="The layer above saw the dropped and rescaled A: every dW_l on top of a layer "
        "with dropout is wrong; every db_l is right.",
        changes=(
            (
                _DW,
                "A_prev = net.activation(layer - 1).value(Z[layer - 1]) if layer > 1 else X\n"
                "dW = dZ @ A_prev.T / m",
            ),
        ),
        reach=_weights_above_dropped,
        needs=(_ANY_DROPOUT,),
    ),
    Bug(
        slug="cache-without-dropout",
        title="The cache is from a pass without dropout",
        effect="Z and A are not those of the cost that is checked: every dW_l and db_l is wrong.",
        changes=(
            (
                "cache = net.forward(parameters, X, dropout)",
                "cache = net.forward(parameters, X)",
            ),
        ),
        reach=_everything,
        needs=(_ANY_DROPOUT,),
    ),
    # Two at once.
    Bug(
        slug="course-pair",
        title="The two that the course planted: dW2 times 2, db1 times 4",
        effect="dW_2 is twice and db_1 four times what it should be; all else is right.",
        changes=(
            (_DW, _DW + " * (2 if layer == 2 else 1)"),
            (_DB, _DB + " * (4 if layer == 1 else 1)"),
        ),
        reach=lambda at: ("db1", "dW2"),
        needs=(_HIDDEN,),
    ),
)

BUGS: Mapping[str, Bug] = MappingProxyType({bug.slug: bug for bug in _LIST})


@cache
def faulty(bug: Bug) -> Backward:
    """Make a backward pass with the bug in it.

    Parameters
    ----------
    bug : Bug

    Returns
    -------
    callable
        With the signature of `backward`.

    Raises
    ------
    ValueError
        If a right line of the bug is not in the source of `backward` exactly once.
    """
    return cast("Backward", run_changed(backward, bug.changes))


def listing(bug: Bug | None = None) -> Listing:
    """List the lines of `backward`, with a bug or as they are.

    Parameters
    ----------
    bug : Bug, optional

    Returns
    -------
    Listing
        The body, without docstring and validation. What `faulty` runs has the same lines.
    """
    return list_changed(backward, () if bug is None else bug.changes)


@dataclass(frozen=True)
class Verdict:
    """Whether a bug can show, and if not, why.

    Attributes
    ----------
    yes : bool
        Also the verdict's own truth.
    reason : str
        A sentence, empty if it can.
    """

    yes: bool
    reason: str

    def __bool__(self) -> bool:
        return self.yes


def applies(
    bug: Bug,
    net: Network,
    lambd: float = 0.0,
    penalty: str = "l2",
    dropout: Dropout | None = None,
    m: int | None = None,
) -> Verdict:
    """Tell whether a bug runs in a setting and can change anything there.

    Parameters
    ----------
    bug : Bug
    net : Network
    lambd, penalty, dropout
        As for `Network.cost`.
    m : int, optional
        The number of examples. Unknown, it is taken to be what the bug needs.

    Returns
    -------
    Verdict
        It does not see the parameters: "penalty-on-b" changes nothing while b is 0, and
        "clipped" nothing while dA is small.
    """
    at = Setting(net, lambd, penalty, dropout or NO_DROPOUT, m)
    missing = [need.words for need in bug.needs if not need.holds(at)]
    return Verdict(not missing, f"Needs {', and '.join(missing)}." if missing else "")


def changed_blocks(bug: Bug, net: Network, dropout: Dropout | None = None) -> tuple[str, ...]:
    """Name the blocks that a bug changes.

    Parameters
    ----------
    bug : Bug
        One that applies.
    net : Network
    dropout : Dropout, optional

    Returns
    -------
    tuple of str
        "dW1", "db1", "dW2", ...: some of them, in this order.
    """
    at = Setting(net, dropout=dropout or NO_DROPOUT)
    reached = set(bug.reach(at))
    return tuple(name for name in _everything(at) if name in reached)

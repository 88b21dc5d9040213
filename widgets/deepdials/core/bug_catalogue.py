"""The usual mistakes in a backward pass, as changes to the source of `backward`.

References
----------
- Andrew Ng, "Improving Deep Neural Networks", week 1, "Gradient checking", whose exercise
  plants the pair that is last in the list.
"""

from dataclasses import dataclass

from deepdials.core import bug_needs as needs
from deepdials.core import bug_reach as reach
from deepdials.core.bug_needs import Need
from deepdials.core.bug_reach import Reach
from deepdials.core.source_changes import Changes


@dataclass(frozen=True)
class Bug:
    """A mistake in the backward pass.

    Attributes
    ----------
    slug : str
        The key in `bugs.BUGS`.
    title : str
        The mistake, in a few words.
    effect : str
        What happens, and to which blocks.
    changes : tuple of (str, str)
        Lines of `backward`, stripped, and what stands there instead: one line, several
        (separated by newlines, indented from the right line's indent), or nothing.
    reach : callable
        From a `Setting` to the names of the blocks that change: see `bugs.changed_blocks`.
    needs : tuple of Need
        Without them it cannot run, or changes nothing: see `bugs.applies`.
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

CATALOGUE = (
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
        reach=reach.everything,
        needs=(needs.EXAMPLES,),
    ),
    Bug(
        slug="no-m-in-db",
        title="1/m is missing in db",
        effect="Every db_l is m times too large; every dW_l is right.",
        changes=((_DB, "db = np.sum(dZ, axis=1, keepdims=True)"),),
        reach=reach.biases,
        needs=(needs.EXAMPLES,),
    ),
    Bug(
        slug="m-twice",
        title="1/m is taken twice",
        effect="Divided in dZ and again in dW and db: every dW_l and db_l is m times too small, "
        "but for the penalty's part.",
        changes=((_DZ_L, "dZ = (A[L] - Y) / m"),),
        reach=reach.everything,
        needs=(needs.EXAMPLES,),
    ),
    Bug(
        slug="m-from-rows",
        title="m counts the rows of X",
        effect="m is the number of features, n_x: every dW_l and db_l is off by the "
        "factor m / n_x.",
        changes=(("m = X.shape[1]", "m = X.shape[0]"),),
        reach=reach.everything,
        needs=(needs.OTHER_M,),
    ),
    # The penalty.
    Bug(
        slug="no-penalty",
        title="The L2 penalty is forgotten in dW",
        effect="lambd / m W is in the slope of J but not in dW: every dW_l is off by a multiple "
        "of W_l; every db_l is right.",
        changes=((_IF_L2, ""), (_DW_L2, "")),
        reach=reach.weights,
        needs=(needs.L2,),
    ),
    Bug(
        slug="penalty-without-m",
        title="The L2 penalty without 1/m",
        effect="lambd W instead of lambd / m W: every dW_l is off by a multiple of W_l; every "
        "db_l is right.",
        changes=((_DW_L2, "dW = dW + lambd * W"),),
        reach=reach.weights,
        needs=(needs.L2, needs.EXAMPLES),
    ),
    Bug(
        slug="half-penalty",
        title="lambd / (2m), as in the cost",
        effect="The 2 of the square is forgotten: half the penalty is missing in every dW_l; "
        "every db_l is right.",
        changes=((_DW_L2, "dW = dW + lambd / (2 * m) * W"),),
        reach=reach.weights,
        needs=(needs.L2,),
    ),
    Bug(
        slug="penalty-on-b",
        title="The penalty is on b too",
        effect="The cost does not penalize b: every db_l is off by a multiple of b_l (and right "
        "as long as b is 0); every dW_l is right.",
        changes=((_DB, _DB + ' + lambd / m * parameters[f"b{layer}"]'),),
        reach=reach.biases,
        needs=(needs.L2,),
    ),
    Bug(
        slug="l1-absolute",
        title="|W| for the slope of |W|",
        effect="The slope of |W| is the sign of W, not its size: every dW_l is off; every db_l "
        "is right.",
        changes=((_DW_L1, "dW = dW + lambd / m * np.abs(W)"),),
        reach=reach.weights,
        needs=(needs.L1,),
    ),
    Bug(
        slug="l1-as-l2",
        title="The slope of the L2 penalty under an L1 cost",
        effect="W stands where its sign should: every dW_l is off; every db_l is right.",
        changes=((_DW_L1, _DW_L2),),
        reach=reach.weights,
        needs=(needs.L1,),
    ),
    Bug(
        slug="no-l1-penalty",
        title="The L1 penalty is forgotten in dW",
        effect="lambd / m sign(W) is in the slope of J but not in dW: every dW_l is off by the "
        "same amount up to sign; every db_l is right.",
        changes=((_IF_L1, ""), (_DW_L1, "")),
        reach=reach.weights,
        needs=(needs.L1,),
    ),
    # dW.
    Bug(
        slug="dW-transposed",
        title="dW is transposed",
        effect="The shapes were made to fit, so nothing complains: every dW_l with more than one "
        "row and column is scrambled (transposed, if W_l is square); every db_l is right.",
        changes=((_DW, "dW = (A[layer - 1] @ dZ.T / m).reshape(W.shape)"),),
        reach=reach.wide_weights,
        needs=(needs.WIDE,),
    ),
    Bug(
        slug="A-off-by-one",
        title="A of the wrong layer in dW",
        effect="A[l-2] stands where A[l-1] should: every dW_l but dW_1 is wrong; every db_l is "
        "right.",
        changes=((_DW, "dW = dZ @ A[max(layer - 2, 0)].T / m"),),
        reach=reach.upper_weights,
        needs=(needs.EQUAL_INPUTS,),
    ),
    # db.
    Bug(
        slug="db-one-example",
        title="db from one example",
        effect="The sum over the examples is missing: every db_l is wrong; every dW_l is right.",
        changes=((_DB, "db = dZ[:, [0]] / m"),),
        reach=reach.biases,
        needs=(needs.EXAMPLES,),
    ),
    Bug(
        slug="db-over-units",
        title="db is summed over the units too",
        effect="Without axis=1 all units of a layer get one number: every db_l of more than one "
        "unit is wrong; every dW_l is right.",
        changes=((_DB, "db = np.full((len(dZ), 1), np.sum(dZ) / m)"),),
        reach=reach.biases_of_many_units,
        needs=(needs.UNITS,),
    ),
    # dA: from a layer to the one below.
    Bug(
        slug="W-not-transposed",
        title="W instead of W^T",
        effect="reshape makes the shape fit, but is not a transpose: everything below the "
        "topmost W_l of more than one row and column is wrong.",
        changes=((_DA, "dA = W.reshape(W.shape[::-1]) @ dZ"),),
        reach=reach.below_wide,
        needs=(needs.WIDE_ABOVE,),
    ),
    Bug(
        slug="W-updated-first",
        title="W is updated before it is used for dA",
        effect="dA is computed with the next step's W: every dW_l and db_l below the output "
        "layer is a little off.",
        changes=((_DA, "W = W - 0.1 * dW\n" + _DA),),
        reach=reach.below_output,
        needs=(needs.HIDDEN,),
    ),
    Bug(
        slug="clipped",
        title="The gradient is clipped inside backprop",
        effect="Clipped before the check, dA is no derivative any more: every dW_l and db_l "
        "below the output layer is off, as soon as an entry of dA is above 0.1.",
        changes=((_DA, "dA = np.clip(W.T @ dZ, -0.1, 0.1)"),),
        reach=reach.below_output,
        needs=(needs.HIDDEN,),
    ),
    # The slope of the activation.
    Bug(
        slug="no-slope",
        title="The activation's slope is forgotten",
        effect="g'(Z) is missing: every dW_l and db_l below the output layer is wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA")),
        reach=reach.below_bent,
        needs=(needs.BENT,),
    ),
    Bug(
        slug="slope-off-by-one",
        title="The slope is taken at the wrong layer's Z",
        effect="g'(Z[l]) stands where g'(Z[l-1]) should: every dW_l and db_l below the output "
        "layer is wrong.",
        changes=((_DZ, "dZ = dA * slope(Z[layer])"),),
        reach=reach.below_bent,
        needs=(needs.BENT, needs.EQUAL_HIDDEN),
    ),
    Bug(
        slug="tanh-not-squared",
        title="tanh' = 1 - a",
        effect="The square is forgotten: every dW_l and db_l below the output layer is wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * (1 - np.tanh(Z[layer - 1]))")),
        reach=reach.below_output,
        needs=(needs.TANH,),
    ),
    Bug(
        slug="tanh-of-a",
        title="tanh' = 1 - tanh(a)^2",
        effect="tanh is applied to what is already a tanh: every dW_l and db_l below the output "
        "layer is somewhat off.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * (1 - np.tanh(A[layer - 1]) ** 2)")),
        reach=reach.below_output,
        needs=(needs.TANH,),
    ),
    Bug(
        slug="tanh-one",
        title="tanh' = 1",
        effect="That is tanh' at 0 only: every dW_l and db_l below the output layer is somewhat "
        "off, the less so the smaller Z.",
        changes=((_SLOPE, "slope = np.ones_like"),),
        reach=reach.below_output,
        needs=(needs.TANH,),
    ),
    Bug(
        slug="tanh-of-dropped-a",
        title="tanh' from the activation after dropout",
        effect="1 - a^2 holds for tanh itself, not for tanh / keep_prob: every dW_l and db_l up "
        "to the topmost layer with dropout is wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * (1 - A[layer - 1] ** 2)")),
        reach=reach.from_dropped,
        needs=(needs.TANH, needs.DROPOUT),
    ),
    Bug(
        slug="sigmoid-of-a",
        title="sigmoid'(a) instead of sigmoid'(z)",
        effect="The slope is taken at the activation: every dW_l and db_l below the output layer "
        "is wrong.",
        changes=((_DZ, "dZ = dA * slope(A[layer - 1])"),),
        reach=reach.below_output,
        needs=(needs.SIGMOID,),
    ),
    Bug(
        slug="sigmoid-everywhere",
        title="a (1 - a) in a layer that is no sigmoid",
        effect="The slope of another activation: every dW_l and db_l below the output layer is "
        "wrong.",
        changes=((_SLOPE, ""), (_DZ, "dZ = dA * A[layer - 1] * (1 - A[layer - 1])")),
        reach=reach.below_output,
        needs=(needs.NO_SIGMOID,),
    ),
    # The output layer.
    Bug(
        slug="slope-at-output",
        title="(a - y) a (1 - a) with cross-entropy",
        effect="The slope of the output's sigmoid has cancelled already; here it is again: every "
        "dW_l and db_l is wrong, mostly too small.",
        changes=((_DZ_L, "dZ = (A[L] - Y) * A[L] * (1 - A[L])"),),
        reach=reach.everything,
        needs=(needs.SIGMOID_OUTPUT,),
    ),
    Bug(
        slug="sign",
        title="y - a instead of a - y",
        effect="Every dW_l and db_l has the wrong sign, but for the penalty's part.",
        changes=((_DZ_L, "dZ = Y - A[L]"),),
        reach=reach.everything,
    ),
    Bug(
        slug="factor-2",
        title="2 (a - y)",
        effect="As if the loss were a square without its 1/2: every dW_l and db_l is twice too "
        "large, but for the penalty's part.",
        changes=((_DZ_L, "dZ = 2 * (A[L] - Y)"),),
        reach=reach.everything,
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
        reach=reach.from_dropped,
        needs=(needs.DROPOUT,),
    ),
    Bug(
        slug="mask-missing",
        title="The mask is not applied on the way back",
        effect="Units that were dropped get a gradient: every dW_l and db_l up to the topmost "
        "layer with dropout is wrong.",
        changes=((_MASK, ""), (_DROP, "")),
        reach=reach.from_dropped,
        needs=(needs.DROPOUT,),
    ),
    Bug(
        slug="not-rescaled",
        title="dA is not divided by keep_prob",
        effect="Every dW_l and db_l up to the topmost layer with dropout is too small, by one "
        "keep_prob for each layer with dropout on the way.",
        changes=((_KEEP_PROB, ""), (_RESCALE, "")),
        reach=reach.from_dropped,
        needs=(needs.DROPOUT,),
    ),
    Bug(
        slug="rescaled-wrongly",
        title="dA is multiplied by keep_prob",
        effect="Every dW_l and db_l up to the topmost layer with dropout is too small, by "
        "keep_prob^2 for each layer with dropout on the way.",
        changes=((_RESCALE, "dA = dA * keep_prob"),),
        reach=reach.from_dropped,
        needs=(needs.DROPOUT,),
    ),
    Bug(
        slug="keep-prob-off-by-one",
        title="keep_prob of the wrong layer",
        effect="keep_prob[l] stands where keep_prob[l-1] should: every dW_l and db_l up to the "
        "topmost layer where the two differ is off by a factor.",
        changes=((_KEEP_PROB, "keep_prob = dropout.keep_prob.get(layer, 1.0)"),),
        reach=reach.from_other_keep_prob,
        needs=(needs.DROPOUT,),
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
        reach=reach.weights_above_dropped,
        needs=(needs.ANY_DROPOUT,),
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
        reach=reach.everything,
        needs=(needs.ANY_DROPOUT,),
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
        needs=(needs.HIDDEN,),
    ),
)

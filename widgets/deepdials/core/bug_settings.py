"""Where a bug is to run: what decides whether it shows, and how far it reaches."""

from dataclasses import dataclass

from deepdials.core.dropout import NO_DROPOUT, Dropout
from deepdials.core.network import Network


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

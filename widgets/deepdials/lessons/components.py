"""Two panes of one theta: every component as a cell of its array, and as a point of the vector."""

from matplotlib.axes import Axes

from deepdials.dials import Values
from deepdials.lessons.heatmaps import Array, Heatmaps, Layout
from deepdials.lessons.vector_view import VectorView
from deepdials.style import Palette


class Components:
    """The heatmaps and the vector view, which show and choose the same component."""

    def __init__(self, network: Axes, vector: Axes, palette: Palette) -> None:
        self.heatmaps, self.vector = Heatmaps(network, palette), VectorView(vector, palette)
        self.names: tuple[str, ...] = ()

    @property
    def axes(self) -> list[Axes]:
        """The axes that take a press."""
        return [self.heatmaps.axes, self.vector.axes]

    def show(
        self, layout: Layout, names: tuple[str, ...], relative_error: Array, chosen: int
    ) -> None:
        """Show the relative errors of the named components, shape (n,)."""
        self.names = names
        self.heatmaps.show(layout, relative_error, chosen)
        self.vector.show(relative_error, chosen)

    def pick(self, axes: Axes, x: float, y: float) -> Values:
        """Return the component that a press at (x, y) chooses, if there is one."""
        in_cells = axes is self.heatmaps.axes
        at = self.heatmaps.layout.cell_at(x, y) if in_cells else self.vector.component_at(x)
        if at is None or not 0 <= at < len(self.names):
            return {}
        return {"component": self.names[at]}

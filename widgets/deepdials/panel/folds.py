"""What is folded away under a lesson: one part is open at a time."""

from collections.abc import Callable, Mapping

import ipywidgets

from deepdials.panel.controls import Marks
from deepdials.panel.parts import button, dressed, row

Build = Callable[[], ipywidgets.Widget]


class Folds:
    """A row of buttons; each opens its part, which is built when it is first opened."""

    def __init__(self, parts: Mapping[str, tuple[str, Build]], changed: Callable[[], None]) -> None:
        self._builds = {slug: build for slug, (_, build) in parts.items()}
        self._built: dict[str, ipywidgets.Widget] = {}
        self._changed = changed
        self.opened = ""
        bars = [self._bar(slug, title) for slug, (title, _) in parts.items()]
        self.place = dressed(ipywidgets.VBox(), "deepdials-fold")
        self.box = ipywidgets.VBox([row(*bars), self.place])

    def _bar(self, slug: str, title: str) -> ipywidgets.Button:
        return button(title, lambda: self.toggle(slug), "deepdials-bar", f"deepdials-bar-{slug}")

    def toggle(self, slug: str) -> None:
        """Open a part, or close it if it is open."""
        self.opened = "" if self.opened == slug else slug
        if self.opened and slug not in self._built:
            self._built[slug] = self._builds[slug]()
        self.place.children = (self._built[slug],) if self.opened else ()
        self._changed()

    def marks(self) -> Marks:
        """Name the buttons and say which one is open."""
        return {
            f".deepdials-bar-{slug}": {
                "data-fold": slug,
                "aria-expanded": "true" if slug == self.opened else "false",
            }
            for slug in self._builds
        }

"""Save the picture and its numbers; link to it."""

import html
from functools import partial
from typing import Any

import ipywidgets

from deepdials import style
from deepdials.lessons import LESSONS
from deepdials.panel import export
from deepdials.panel.parts import button, prose, row
from deepdials.panel.picture import PictureWidget
from deepdials.panel.state import State


class Save:
    """Buttons for the three files, and the link in both its forms."""

    def __init__(self, state: State, picture: PictureWidget, in_app: bool = False) -> None:
        self.in_app = in_app
        self.state, self.picture = state, picture
        self.palette = style.LIGHT
        self.link = prose("", "deepdials-link")
        files = [button(f"Save {kind.upper()}", partial(self.send, kind)) for kind in export.MIME]
        self.box = ipywidgets.VBox([row(*files, *self._copies()), self.link])
        self.follow()

    @property
    def _linked(self) -> bool:
        """Whether a link can open this lesson: a student's own report has none."""
        return self.state.lesson.slug in LESSONS

    def _copies(self) -> list[ipywidgets.Button]:
        if not self._linked:
            return []
        return [
            button("Copy link", lambda: self._copy(self._query())),
            button("Copy for a notebook", lambda: self._copy(self._call())),
        ]

    def follow(self) -> None:
        """Write the link to where the dials stand."""
        if not self._linked:
            return
        query, call = html.escape(self._query()), html.escape(self._call())
        shown = f"<code>{query}</code>"
        shown = f'<a href="{query}">{shown}</a>' if self.in_app else shown
        self.link.value = (
            f"<p>In the app: {shown}</p>"
            f"<p>In a notebook: <code>from deepdials import play; {call}</code></p>"
        )

    def send(self, kind: str) -> None:
        """Send one file to the page."""
        name = f"deepdials-{self.state.lesson.slug}.{kind}"
        download = {"name": name, "mime": export.MIME[kind]}
        self.picture.send({"download": download}, [self._file(kind)])

    def _file(self, kind: str) -> bytes:
        lesson, values, result = self.state.lesson, self.state.result_of, self.state.result
        if kind == "csv":
            return export.table(lesson, values or {}, result)
        return export.picture(lesson, result, kind, self.palette)

    def _copy(self, text: str) -> Any:
        self.picture.send({"copy": {"text": text}})

    def _query(self) -> str:
        return export.query(self.state.lesson, self.state.values)

    def _call(self) -> str:
        return export.call(self.state.lesson, self.state.values)

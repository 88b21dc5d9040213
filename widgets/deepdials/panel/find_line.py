"""The code behind a result, line by line: the learner presses the one that is wrong."""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets

from deepdials.lesson import Listing
from deepdials.panel.parts import button, dressed, prose
from deepdials.panel.state import State

NO_LINE = -1


class FindLine:
    """A button a line, and what the press showed."""

    def __init__(self, state: State, listing: Callable[[Any], Listing]) -> None:
        self.state, self._listing = state, listing
        self.shown = Listing((), {})
        self.lines = dressed(ipywidgets.VBox(), "deepdials-listing")
        self.outcome = dressed(prose(), "deepdials-outcome", "deepdials-prose")
        self.show_me = button("Show me", self.reveal, "deepdials-quiet", "deepdials-show-me")
        ask = prose("<p>Which line is wrong? Press it.</p>")
        self.box = ipywidgets.VBox([ask, self.lines, self.outcome, self.show_me])
        state.shown.append(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the code of the newest result; a guess about other code is forgotten."""
        if self.state.result_of is None:
            return
        listing = self._listing(self.state.result)
        if listing != self.shown:
            self.shown = listing
            self.outcome.value = ""
            self.show_me.layout.display = "none"
            lines = [self._line(i, line) for i, line in enumerate(listing.lines)]
            none = button("No line is wrong", lambda: self.choose(NO_LINE), "deepdials-quiet")
            self.lines.children = (*lines, none)

    def _line(self, index: int, text: str) -> ipywidgets.Button:
        return button(text, lambda: self.choose(index), "deepdials-line", f"deepdials-line-{index}")

    def choose(self, index: int) -> None:
        """Tell whether this is the line; if it is, show it beside the right one."""
        wrong = self.shown.mended
        if index in wrong or (index == NO_LINE and not wrong):
            self.reveal("✓ That is it.")
        else:
            self.outcome.value = "<p>✗ Not there. Look again, or let me show you.</p>"
            self.show_me.layout.display = None

    def reveal(self, verdict: str = "") -> None:
        """Show every wrong line beside the right one."""
        pairs = "".join(self._pair(i, right) for i, right in self.shown.mended.items())
        self.outcome.value = f"<p>{verdict}</p>{pairs or '<p>No line is wrong here.</p>'}"
        self.show_me.layout.display = "none"

    def _pair(self, index: int, right: str) -> str:
        wrong = html.escape(self.shown.lines[index].strip())
        mended = html.escape(right.strip())
        return f"<p>Wrong: <code>{wrong}</code><br>Right: <code>{mended}</code></p>"

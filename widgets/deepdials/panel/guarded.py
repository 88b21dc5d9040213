"""ipywidgets controls that take nothing from the page but an allowed value."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets
import traitlets

UNREADABLE = (traitlets.TraitError, TypeError, ValueError, OverflowError)


class Guarded(ipywidgets.DOMWidget):
    """Hears one trait from the page, after ``admit`` has looked at what came.

    ``admit`` returns False for a value that is not allowed, and tells the visitor. A page
    cannot move bounds, options or layout. What it sent is not sent back: in a drag that would
    be one more message a move.
    """

    heard = "value"
    admit: Callable[[Any], bool]

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take the one value that is heard, or send the page back to the value held."""
        if self.heard not in sync_data:
            return
        value = sync_data[self.heard]
        if self._admitted(value):
            super().set_state({self.heard: value})
        else:
            self.send_state(self.heard)

    def _admitted(self, value: Any) -> bool:
        try:
            return self.admit(value)
        except UNREADABLE:
            return False


class GuardedSlider(Guarded, ipywidgets.FloatSlider):
    """A slider on a linear scale."""

    value = traitlets.CFloat().tag(sync=True, echo_update=False)


class GuardedLogSlider(Guarded, ipywidgets.FloatLogSlider):
    """A slider on a logarithmic scale."""

    value = traitlets.CFloat(1.0).tag(sync=True, echo_update=False)


class GuardedText(Guarded, ipywidgets.Text):
    """A box for one typed value."""


class GuardedCheckbox(Guarded, ipywidgets.Checkbox):
    """On or off."""


class GuardedDropdown(Guarded, ipywidgets.Dropdown):
    """One of many."""

    heard = "index"


class GuardedButtons(Guarded, ipywidgets.ToggleButtons):
    """One of a few."""

    heard = "index"

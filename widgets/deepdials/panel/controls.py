"""From dials to controls: one for each kind, all with the same three parts.

A control is a name, the thing that moves, and the value as the page writes it.
"""

import html
import math
from collections.abc import Mapping
from typing import Any

import ipywidgets

from deepdials import dials
from deepdials.dials import Dial, Value
from deepdials.panel import guarded
from deepdials.panel.state import State

MOST_BUTTONS, MOST_LETTERS = 4, 16
FUZZ = 1e-9

Marks = dict[str, dict[str, str]]


class Control:
    """One dial on the page: moves the state, and follows it."""

    def __init__(self, name: str, dial: Dial, state: State) -> None:
        self.name, self.dial, self.state = name, dial, state
        self.place = f".deepdials-dial-{name}"
        self.hint = ipywidgets.HTML()
        self.hint.add_class("deepdials-hint")
        self.box = ipywidgets.VBox([*self.parts(), self.hint])
        self.box.add_class("deepdials-dial")
        self.box.add_class(self.place[1:])
        self.follow()

    def parts(self) -> list[ipywidgets.Widget]:
        """Return the widgets of this kind of control."""
        raise NotImplementedError

    def show(self, value: Value) -> None:
        """Put ``value`` on the control."""
        raise NotImplementedError

    def enable(self, active: bool) -> None:
        """Allow or forbid to move it."""
        raise NotImplementedError

    def marks(self) -> Marks:
        """Return the attributes that the page keeps on this control."""
        return {self.place: {"data-dial": self.name}}

    def follow(self) -> None:
        """Show where the state stands."""
        self.show(self.state.values[self.name])
        active = self.dial.active(self.state.values)
        self.enable(active)
        self.hint.value = html.escape(self.dial.help if active else self.dial.reason)
        # Where help has no room, a reason still has.
        (self.hint.remove_class if active else self.hint.add_class)("deepdials-reason")

    def move(self, value: object) -> None:
        """Ask the state for a new value."""
        self.state.move(**{self.name: value})

    def title(self) -> ipywidgets.Widget:
        """Return the dial's name as a label."""
        label = ipywidgets.Label(self.dial.label)
        label.add_class("deepdials-name")
        return label


class SliderControl(Control):
    """A slider, with a box that shows the value and takes a typed one."""

    dial: dials.Slider

    def parts(self) -> list[ipywidgets.Widget]:
        """Return the name beside the box, over the slider."""
        kind = guarded.GuardedLogSlider if self.dial.log else guarded.GuardedSlider
        self.slider = kind(**self._range(), readout=False)
        self.slider.admit = self._admit
        self.typed = guarded.GuardedText(continuous_update=False)
        self.typed.admit = self._admit_typed
        self.slider.observe(self._slid, "value")
        row = ipywidgets.HBox([self.title(), self.typed])
        row.add_class("deepdials-named-value")
        return [row, self.slider]

    def _range(self) -> dict[str, float]:
        ends = (self.dial.low, self.dial.high)
        low, high = (math.log10(end) for end in ends) if self.dial.log else ends
        return {"min": low, "max": high, "step": self.dial.step, "value": self.dial.default}

    def _admit(self, value: Any) -> bool:
        # The page's own powers of ten may end a hair outside of the range.
        low = self.dial.low - FUZZ * abs(self.dial.low)
        high = self.dial.high + FUZZ * abs(self.dial.high)
        near = type(value) in (int, float) and low <= value <= high
        if not near:
            self.move(value)
        return near

    def _admit_typed(self, text: Any) -> bool:
        try:
            value = self.state.lesson.parse(self.name, str(text))
        except ValueError as error:
            self.state.refuse(str(error))
            return False
        self.move(value)
        return False

    def _slid(self, change: Mapping[str, Any]) -> None:
        if not self._stands_at(self.state.values[self.name]):
            self.move(self.dial.snap(change["new"]))

    def _stands_at(self, value: Any) -> bool:
        """Whether the handle is as near to ``value`` as the grid allows.

        The page rounds the handle to the grid and reports that, also for a typed value.
        """
        return self.dial.snap(self.slider.value) == self.dial.snap(value)

    def show(self, value: Value) -> None:
        """Move the handle, unless it is there already: a dragged handle is never pulled."""
        if not self._stands_at(value):
            self.slider.value = float(value)
        self.typed.value = self.dial.write(value)

    def enable(self, active: bool) -> None:
        """Allow or forbid both parts."""
        self.slider.disabled = self.typed.disabled = not active

    def marks(self) -> Marks:
        """Name the handle and the box; the handle says its value as the box shows it."""
        said = {"aria-label": self.dial.label, "aria-valuetext": self.typed.value}
        return super().marks() | {
            f"{self.place} .noUi-handle": said,
            f"{self.place} input": {"aria-label": f"{self.dial.label}, type a value"},
        }


class ChoiceControl(Control):
    """Buttons for a few options, a drop-down list for many."""

    dial: dials.Choice

    def parts(self) -> list[ipywidgets.Widget]:
        """Return the name over the options."""
        labels = self.dial.options.values()
        few = len(labels) <= MOST_BUTTONS and sum(map(len, labels)) <= MOST_LETTERS
        kind = guarded.GuardedButtons if few else guarded.GuardedDropdown
        options = [(label, value) for value, label in self.dial.options.items()]
        self.options = kind(options=options, value=self.dial.default)
        self.options.admit = self._admit
        self.options.observe(lambda change: self.move(change["new"]), "value")
        return [self.title(), self.options]

    def _admit(self, index: Any) -> bool:
        good = type(index) is int and 0 <= index < len(self.dial.options)
        if not good:
            self.move(index)
        return good

    def show(self, value: Value) -> None:
        """Choose the option."""
        self.options.value = value

    def enable(self, active: bool) -> None:
        """Allow or forbid to choose."""
        self.options.disabled = not active

    def marks(self) -> Marks:
        """Name the list, or say which button is pressed."""
        if isinstance(self.options, ipywidgets.Dropdown):
            return super().marks() | {f"{self.place} select": {"aria-label": self.dial.label}}
        buttons = f"{self.place} .widget-toggle-buttons > div:last-child"
        pressed = {
            f"{buttons} > button:nth-of-type({i + 1})": {
                "aria-pressed": "true" if i == self.options.index else "false"
            }
            for i in range(len(self.dial.options))
        }
        group = {"role": "group", "aria-label": self.dial.label}
        return super().marks() | {buttons: group} | pressed


class SwitchControl(Control):
    """A box to tick."""

    dial: dials.Switch

    def parts(self) -> list[ipywidgets.Widget]:
        """Return the box with its name."""
        self.tick = guarded.GuardedCheckbox(
            value=self.dial.default, description=self.dial.label, indent=False
        )
        self.tick.admit = self._admit
        self.tick.observe(lambda change: self.move(change["new"]), "value")
        return [self.tick]

    def _admit(self, value: Any) -> bool:
        if not isinstance(value, bool):
            self.move(value)
        return isinstance(value, bool)

    def show(self, value: Value) -> None:
        """Tick it or not."""
        self.tick.value = value

    def enable(self, active: bool) -> None:
        """Allow or forbid to tick."""
        self.tick.disabled = not active


class TextControl(Control):
    """A box for a short text."""

    dial: dials.Text

    def parts(self) -> list[ipywidgets.Widget]:
        """Return the name over the box."""
        self.typed = guarded.GuardedText(continuous_update=False)
        self.typed.admit = self._admit
        return [self.title(), self.typed]

    def _admit(self, text: Any) -> bool:
        self.move(text)
        return False

    def show(self, value: Value) -> None:
        """Write the text."""
        self.typed.value = str(value)

    def enable(self, active: bool) -> None:
        """Allow or forbid to type."""
        self.typed.disabled = not active

    def marks(self) -> Marks:
        """Name the box."""
        return super().marks() | {f"{self.place} input": {"aria-label": self.dial.label}}


KINDS: dict[type[Dial], type[Control]] = {
    dials.Slider: SliderControl,
    dials.LogSlider: SliderControl,
    dials.Choice: ChoiceControl,
    dials.Switch: SwitchControl,
    dials.Text: TextControl,
}


def control(name: str, state: State) -> Control:
    """Return the control for the dial ``name``."""
    dial = state.lesson.dials[name]
    return KINDS[type(dial)](name, dial, state)

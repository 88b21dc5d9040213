"""The chips: named settings of the dials, each with one line that says why."""

import html

import ipywidgets

from deepdials.lesson import Preset
from deepdials.panel.controls import Marks
from deepdials.panel.parts import button, dressed, prose, row
from deepdials.panel.state import State

SIGNS = {"lecture": "★ ", "good": "", "bad": "⚠ "}


class Presets:
    """A row of chips, and under it why the chosen one is worth a look."""

    def __init__(self, state: State) -> None:
        self.state = state
        # Asked for at every move of a dial.
        self._settings = [state.lesson.preset(preset.dials) for preset in state.lesson.presets]
        self.why = prose("", "deepdials-why")
        self.chips = [self._chip(preset) for preset in state.lesson.presets]
        chips = dressed(row(*self.chips), "deepdials-presets")
        self.box = ipywidgets.VBox([chips, self.why])
        self.follow()

    def _chip(self, preset: Preset) -> ipywidgets.Button:
        chip = button(SIGNS[preset.kind] + preset.label, lambda: self.state.open(preset.dials))
        dressed(chip, "deepdials-chip", f"deepdials-preset-{preset.slug}")
        return chip

    def chosen(self) -> Preset | None:
        """Return the preset at which the dials stand, if any."""
        for preset, setting in zip(self.state.lesson.presets, self._settings, strict=True):
            if setting == self.state.values:
                return preset
        return None

    def follow(self) -> None:
        """Say why the chosen preset is worth a look."""
        chosen = self.chosen()
        self.why.value = html.escape(chosen.why) if chosen else ""

    def marks(self) -> Marks:
        """Name the chips and say which one is pressed."""
        chosen = self.chosen()
        return {
            f".deepdials-preset-{preset.slug}": {
                "data-preset": preset.slug,
                "aria-pressed": "true" if preset is chosen else "false",
            }
            for preset in self.state.lesson.presets
        }

"""Show a lesson in a notebook cell."""

import base64
from typing import Any

from IPython.display import display

from deepdials.lesson import Lesson
from deepdials.lessons import find
from deepdials.panel import export
from deepdials.panel.panel import Panel


def play(lesson: Lesson | str, **dials: Any) -> None:
    """Show ``lesson`` in the cell, with the dials where you want them.

    >>> play("numerical-gradients", epsilon=1e-3)

    A notebook that is saved, exported or read on a code host shows a picture instead.

    Parameters
    ----------
    lesson
        A lesson or its slug.
    **dials
        Where the dials stand at first; those left out stand at their defaults.

    Raises
    ------
    ValueError
        Naming the lesson or the dial that is wrong, and what is allowed.
    """
    chosen = find(lesson) if isinstance(lesson, str) else lesson
    panel = Panel(chosen, chosen.settings(**dials))
    display(_bundle(panel), raw=True, metadata=_described(panel))


def _bundle(panel: Panel) -> dict[str, Any]:
    lesson, result = panel.state.lesson, panel.state.result
    bundle = dict(panel.widget._repr_mimebundle_())
    png = export.picture(lesson, result, "png", ratio=1.5)
    bundle["image/png"] = base64.b64encode(png).decode()
    bundle["text/plain"] = lesson.caption(result)
    return bundle


def _described(panel: Panel) -> dict[str, Any]:
    return {"image/png": {"alt": panel.state.lesson.caption(panel.state.result)}}

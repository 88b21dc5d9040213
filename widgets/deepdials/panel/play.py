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
    values = chosen.settings(**dials)
    result = chosen.result(values)
    said = chosen.caption(result)
    png = export.picture(chosen, result, "png", ratio=1.5)
    bundle = {
        **Panel(chosen, values, result).widget._repr_mimebundle_(),
        "image/png": base64.b64encode(png).decode(),
        "text/plain": said,
    }
    display(bundle, raw=True, metadata={"image/png": {"alt": said}})

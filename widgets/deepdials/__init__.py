"""Interactive lessons on the practical aspects of deep learning.

    from deepdials import play
    play("numerical-gradients", epsilon=1e-3)

Names are imported when they are first used: the mathematics in ``deepdials.core`` needs
NumPy alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepdials.clinic import check_gradients
    from deepdials.lessons import LESSONS
    from deepdials.panel.play import play

__all__ = ["LESSONS", "check_gradients", "play"]

_HOMES = {
    "LESSONS": "deepdials.lessons",
    "check_gradients": "deepdials.clinic",
    "play": "deepdials.panel.play",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'deepdials' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

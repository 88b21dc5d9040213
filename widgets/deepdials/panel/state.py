"""Where the dials of one open lesson stand, and who wants to know."""

from collections.abc import Callable, Iterable
from typing import Any

from deepdials.dials import Value, Values
from deepdials.lesson import Lesson


class State:
    """The values of all dials, the newest result, and what is pinned.

    Listeners on ``moved`` are called after a change of values, those on ``refused`` with one
    clear sentence when a value was not allowed, those on ``shown`` after a new result.
    """

    def __init__(self, lesson: Lesson, values: Values) -> None:
        self.lesson, self.values = lesson, values
        self.result: Any = None
        self.result_of: Values | None = None
        self.pinned: tuple[Values, Any] | None = None
        self.moved: list[Callable[[], None]] = []
        self.shown: list[Callable[[], None]] = []
        self.refused: list[Callable[[str], None]] = []

    def move(self, **changes: object) -> None:
        """Set dials; an error is told to whoever listens, and nothing else changes."""
        try:
            values = self.lesson.settings(self.values, **changes)
        except ValueError as error:
            self.refuse(str(error))
            return
        if values != self.values:
            self.values = values
            tell(self.moved)

    def open(self, values: Values) -> None:
        """Set every dial: ``values`` over the defaults."""
        self.move(**{**self.lesson.defaults, **values})

    def show(self, values: Values, result: Any) -> None:
        """Keep a new result, which belongs to ``values``."""
        self.result, self.result_of = result, values
        tell(self.shown)

    def follow(self, link: Iterable[tuple[str, str]]) -> None:
        """Set the dials that a link names; what it names wrongly is told, the rest is kept."""
        good: dict[str, Value] = {}
        wrong: list[str] = []
        for name, text in link:
            try:
                good[name] = self.lesson.parse(name, text)
            except ValueError as error:
                wrong.append(str(error))
        self.open(good)
        if wrong:
            self.refuse(f"The link could not be followed in full: {'; '.join(wrong)}")

    def refuse(self, why: str) -> None:
        """Tell why something was not done."""
        for listen in self.refused:
            listen(why)


def tell(listeners: Iterable[Callable[[], None]]) -> None:
    """Call each listener."""
    for listen in listeners:
        listen()

"""What a lesson is: plain values, standard library only.

    dials -> compute(**values) -> result -> picture.show(result) and caption(result)

A lesson knows nothing of widgets, browsers or servers.
"""

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Protocol

from deepdials.dials import Dial, Value, Values


@dataclass(frozen=True)
class Preset:
    """A named setting of the dials, and in one line why it is worth a look."""

    slug: str
    label: str
    why: str
    dials: Values = field(default_factory=dict)
    kind: Literal["lecture", "good", "bad"] = "good"


@dataclass(frozen=True)
class Prediction:
    """A question about a move of the dials; the answer is computed from both results.

    ``answer(result_before, result_after)`` gives the index of the right choice.
    """

    question: str
    choices: Sequence[str]
    before: Values
    after: Values
    answer: Callable[[Any, Any], int]


@dataclass(frozen=True)
class Listing:
    """Code in which the learner looks for the line that is wrong.

    ``mended`` holds for the index of each wrong line what it should be; it may be empty.
    """

    lines: Sequence[str]
    mended: Mapping[int, str]


@dataclass(frozen=True)
class Sources:
    """What stands behind a picture: the core functions, and the papers or lectures."""

    functions: Sequence[Callable[..., Any]] = ()
    papers: Sequence[str] = ()


class Picture(Protocol):
    """Draws one lesson on a Matplotlib figure: sets the stage once, then moves artists.

    ``Picture(figure, palette)`` creates every artist; what moves has ``animated=True``.
    Over an ``opaque`` picture, a filled grid for one, a pinned picture is not drawn but told.
    """

    opaque: ClassVar[bool]

    def __init__(self, figure: Any, palette: Any) -> None: ...

    def show(self, result: Any) -> None:
        """Move the artists to ``result``; create and remove none."""

    def handles(self) -> Sequence[Any]:
        """Return the axes that take a press or a drag."""

    def pick(self, axes: Any, x: float, y: float) -> Values:
        """Return the dials that a press or drag at (x, y), in data coordinates, asks for."""

    @staticmethod
    def height(width: int) -> int:
        """Return the height in CSS px for a width in CSS px."""


@dataclass(frozen=True)
class Lesson:
    """One driving question, answered by playing.

    ``compute`` is a pure function of the dials. One that takes over 120 ms is a generator
    function instead: it yields the share done, from 0 to 1, and returns the result.
    ``listing``, if there is one, turns a result into the code that the learner examines.
    """

    slug: str
    title: str
    question: str
    dials: Mapping[str, Dial]
    compute: Callable[..., Any]
    picture: type[Picture]
    caption: Callable[[Any], str]
    presets: Sequence[Preset] = ()
    predictions: Sequence[Prediction] = ()
    note: str = ""
    sources: Sources = Sources()
    listing: Callable[[Any], Listing] | None = None

    @property
    def defaults(self) -> Values:
        """Every dial at its default."""
        return MappingProxyType({name: dial.default for name, dial in self.dials.items()})

    @property
    def slow(self) -> bool:
        """Whether ``compute`` runs in slices."""
        return inspect.isgeneratorfunction(self.compute)

    def settings(self, start: Values | None = None, /, **changes: object) -> Values:
        """Return all values: ``start`` (the defaults), with ``changes`` checked.

        Raises
        ------
        ValueError
            Naming the dial and what it takes.
        """
        base = self.defaults if start is None else start
        checked = {name: self.check(name, value) for name, value in changes.items()}
        return MappingProxyType({**base, **checked})

    def preset(self, values: Values) -> Values:
        """Return all values: the defaults, with ``values`` checked."""
        return self.settings(**dict(values))

    def check(self, name: str, value: object) -> Value:
        """Return ``value`` as the dial ``name`` holds it, or raise a ValueError naming both."""
        return self._named(name, lambda dial: dial.check(value))

    def parse(self, name: str, text: str) -> Value:
        """Read a value of the dial ``name`` from text; errors as in :meth:`check`."""
        return self._named(name, lambda dial: dial.parse(text))

    def _named(self, name: str, read: Callable[[Dial], Value]) -> Value:
        dial = self.dial(name)
        try:
            return read(dial)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None

    def dial(self, name: str) -> Dial:
        """Return the dial ``name``, or raise a ValueError with the names there are."""
        if name not in self.dials:
            raise ValueError(f"{name[:24]!r} is not a dial of {self.slug}: {', '.join(self.dials)}")
        return self.dials[name]

    def start(self, values: Values) -> Generator[float, None, Any]:
        """Begin to compute; yields the share done, if anything, and returns the result."""
        if not self.slow:
            return self.compute(**values)
        return (yield from self.compute(**values))

    def result(self, values: Values) -> Any:
        """Compute to the end."""
        return drain(self.start(values))

    def query(self, values: Values) -> Iterator[tuple[str, str]]:
        """Yield the dials that differ from their defaults, as a link carries them."""
        for name, value in values.items():
            if value != self.dials[name].default:
                yield name, self.dials[name].link(value)


def drain(work: Generator[float, None, Any]) -> Any:
    """Run a computation to its end and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value

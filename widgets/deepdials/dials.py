"""The kinds of dial: what each holds, allows, and shows. Standard library only."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import ClassVar

from deepdials.notation import number

Value = str | int | float | bool
Values = Mapping[str, Value]


def _shown(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 30 else text[:30] + "..."


def _real(value: object) -> float | int | None:
    """Return a real number, NumPy's too, as Python's own; anything else as None."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    return int(value) if isinstance(value, Integral) else float(value)


def _always(_values: Values) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Dial:
    """One thing that the learner sets.

    Parameters
    ----------
    label
        Its name on the page, the same as in code: ``"epsilon"``.
    default
        Its value when the lesson opens.
    help
        One short line: what it is.
    active
        Tells from all values whether this dial matters now; ``reason`` says why not.
    """

    label: str
    default: Value
    help: str = ""
    active: Callable[[Values], bool] = _always
    reason: str = ""

    def check(self, value: object) -> Value:
        """Return ``value`` as this dial holds it, or raise ValueError with what is allowed."""
        raise NotImplementedError

    def parse(self, text: str) -> Value:
        """Read a value from a link or a text box; ValueError as in :meth:`check`."""
        return self.check(text)

    def write(self, value: Value) -> str:
        """Write a value as the page shows it."""
        return str(value)

    def link(self, value: Value) -> str:
        """Write a value as a link carries it; :meth:`parse` reads it back exactly."""
        return str(value)

    def ends(self) -> Sequence[Value]:
        """Return the extreme values, the ones that a lesson must survive."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Slider(Dial):
    """A number from ``low`` to ``high`` in steps; on a log scale, steps per decade.

    The handle moves on a grid; a typed value or a link may lie between two grid points.
    """

    default: float
    low: float
    high: float
    step: float
    log: ClassVar[bool] = False

    def check(self, value: object) -> float | int:
        """Return ``value`` as a number inside the range."""
        real = _real(value)
        if real is None or not self.low <= real <= self.high or (self.whole and real % 1):
            raise ValueError(f"is {_shown(value)}; it takes {self.allowed}")
        return int(real) if self.whole else float(real)

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.default, int)

    @property
    def allowed(self) -> str:
        """The range in words."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.write(self.low)} to {self.write(self.high)}"

    def parse(self, text: str) -> float | int:
        """Read a number."""
        try:
            return self.check(float(text))
        except (ValueError, OverflowError):
            raise ValueError(f"is {_shown(text)}; it takes {self.allowed}") from None

    def snap(self, value: float) -> float | int:
        """Return the grid point next to ``value``, inside the range."""
        steps = round((min(max(value, self.low), self.high) - self.low) / self.step)
        snapped = min(self.low + steps * self.step, self.high)
        return round(snapped) if self.whole else float(f"{snapped:.12g}")

    def write(self, value: Value) -> str:
        """Write the number in the course's way."""
        return number(float(value), 4)

    def link(self, value: Value) -> str:
        """Write every digit: a link opens the same picture."""
        return repr(value)

    def ends(self) -> Sequence[Value]:
        """Return both ends of the range."""
        return (self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class LogSlider(Slider):
    """A positive number whose handle moves evenly in powers of ten.

    ``step`` is in decades. Grid points are rounded to two digits, so that the value that
    is shown is the value that is used: 0.01, 0.013, 0.016, 0.02, 0.025 ...
    """

    step: float = 0.1
    log: ClassVar[bool] = True

    def snap(self, value: float) -> float | int:
        """Return the grid point next to ``value`` on the log scale."""
        exponent = round(math.log10(min(max(value, self.low), self.high)) / self.step) * self.step
        snapped = float(f"{10**exponent:.1e}")
        return self.check(min(max(snapped, self.low), self.high))


@dataclass(frozen=True, kw_only=True)
class Choice(Dial):
    """One of a few named options, as ``{value: label}``."""

    options: Mapping[str, str]
    default: str

    def check(self, value: object) -> str:
        """Return ``value`` if it is one of the options."""
        if isinstance(value, str) and value in self.options:
            return value
        raise ValueError(f"is {_shown(value)}; it takes {', '.join(self.options)}")

    def write(self, value: Value) -> str:
        """Write the option's label."""
        return self.options[str(value)]

    def ends(self) -> Sequence[Value]:
        """Return every option."""
        return tuple(self.options)


@dataclass(frozen=True, kw_only=True)
class Switch(Dial):
    """On or off."""

    default: bool

    def check(self, value: object) -> bool:
        """Return ``value`` if it is True or False."""
        if isinstance(value, bool):
            return value
        raise ValueError(f"is {_shown(value)}; it takes on or off")

    def parse(self, text: str) -> bool:
        """Read ``on`` or ``off``."""
        return self.check({"on": True, "off": False}.get(text, text))

    def write(self, value: Value) -> str:
        """Write ``on`` or ``off``."""
        return "on" if value else "off"

    link = write

    def ends(self) -> Sequence[Value]:
        """Return both."""
        return (False, True)


@dataclass(frozen=True, kw_only=True)
class Text(Dial):
    """A short string that matches ``pattern``; ``allowed`` says so in words."""

    default: str
    pattern: str
    allowed: str
    examples: Sequence[str] = ()

    def check(self, value: object) -> str:
        """Return ``value`` if it matches."""
        if isinstance(value, str) and len(value) <= 200 and re.fullmatch(self.pattern, value):
            return value
        raise ValueError(f"is {_shown(value)}; it takes {self.allowed}")

    def ends(self) -> Sequence[Value]:
        """Return the default and the examples."""
        return (self.default, *self.examples)

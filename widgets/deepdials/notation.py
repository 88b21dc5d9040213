"""Numbers, written the way the course writes them: 0.01, 1e-7, 3.0301."""

import math

SMALLEST_PLAIN, LARGEST_PLAIN = 1e-4, 1e6


def number(value: float, digits: int = 3) -> str:
    """Write ``value`` with at most ``digits`` significant digits.

    Plain from 0.0001 to a million, else in powers of ten without padding:
    ``number(0.01) == "0.01"``, ``number(1e-7) == "1e-7"``, ``number(-0.0) == "0"``.
    """
    if not math.isfinite(value):
        return {math.inf: "infinity", -math.inf: "-infinity"}.get(value, "not a number")
    rounded = float(f"{value:.{digits - 1}e}")
    if rounded == 0:
        return "0"
    if SMALLEST_PLAIN <= abs(rounded) < LARGEST_PLAIN:
        places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
        return _trim(f"{rounded:.{places}f}")
    mantissa, exponent = f"{rounded:.{digits - 1}e}".split("e")
    return f"{_trim(mantissa)}e{int(exponent)}"


def with_digits_that_matter(value: float, error: float, digits: int = 3) -> str:
    """Write ``value`` to the place where ``error`` still has ``digits`` digits.

    ``with_digits_that_matter(3.0301, 0.0301) == "3.0301"``. At most 17 significant
    digits are written: a float64 has no more.
    """
    if not math.isfinite(value) or not math.isfinite(error) or error == 0 or value == 0:
        return number(value, 6)
    first = math.floor(math.log10(abs(value)))
    places = digits - 1 - math.floor(math.log10(abs(error)))
    if first + places < 0 or first < -4:
        return number(value, max(digits, min(17, first + places + 1)))
    return _trim(f"{value:.{max(0, min(places, 16 - first))}f}")


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text

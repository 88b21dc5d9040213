import math

import pytest

from deepdials.notation import number, with_digits_that_matter


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.01, "0.01"),
        (1e-7, "1e-7"),
        (0.0001, "0.0001"),
        (9.9996e-5, "0.0001"),
        (0.00001, "1e-5"),
        (1.3e-5, "1.3e-5"),
        (0.0, "0"),
        (-0.0, "0"),
        (-2.5, "-2.5"),
        (301.0, "301"),
        (999_600, "1e6"),
        (1e52, "1e52"),
        (math.inf, "infinity"),
        (-math.inf, "-infinity"),
        (math.nan, "not a number"),
    ],
)
def test_numbers_are_written_as_the_course_writes_them(value, written):
    assert number(value) == written


@pytest.mark.parametrize("exponent", range(-20, 20))
@pytest.mark.parametrize("mantissa", [1.0, 1.23, 9.87, -4.56])
def test_what_is_written_reads_back_to_its_digits(mantissa, exponent):
    value = mantissa * 10.0**exponent
    assert float(number(value)) == pytest.approx(value, rel=5e-3)


@pytest.mark.parametrize(
    ("value", "error", "written"),
    [
        (3.0301, 0.0301, "3.0301"),
        (3.0001, 0.0001, "3.0001"),
        (3.000001, 1e-6, "3.000001"),
        (6.0002, 3.0002, "6"),
        (0.5, 0.5, "0.5"),
        (0.0, 0.0, "0"),
        (3.0, 0.0, "3"),
        (1e-9, 1e-9, "1e-9"),
    ],
)
def test_digits_are_written_up_to_where_the_error_is(value, error, written):
    assert with_digits_that_matter(value, error) == written


def test_no_more_digits_than_a_float_has():
    assert float(with_digits_that_matter(math.pi, 1e-30)) == math.pi

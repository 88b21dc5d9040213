"""A lesson's picture as PNG and SVG, its numbers as CSV, its dials as a link."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np

from deepdials import style
from deepdials.dials import Values
from deepdials.lesson import Lesson
from deepdials.panel.stage import new_figure

MIME = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv"}


def picture(
    lesson: Lesson,
    result: Any,
    kind: str,
    palette: style.Palette = style.LIGHT,
    width: int = 960,
    ratio: float = 2.0,
) -> bytes:
    """Return the picture of ``result`` as the bytes of a ``"png"`` or ``"svg"`` file."""
    figure = new_figure(lesson.picture, palette, width, ratio)
    written = io.BytesIO()
    with style.applied(palette):
        lesson.picture(figure, palette).show(result)
        stamp = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(written, format=kind, dpi=figure.dpi, metadata=stamp)
    return written.getvalue()


def table(lesson: Lesson, values: Values, result: Any) -> bytes:
    """Return a result as CSV, long form ``field,i,j,k,value``, the dials in a header."""
    written = io.StringIO(newline="")
    written.write(f"# {lesson.slug}\n")
    for name, value in values.items():
        written.write(f"# {name} = {lesson.dials[name].link(value)}\n")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("field", "i", "j", "k", "value"))
    for field in dataclasses.fields(result):
        if field.metadata.get("csv", True):
            writer.writerows(_rows(field.name, getattr(result, field.name)))
    return written.getvalue().encode()


def _rows(name: str, value: Any) -> Iterator[tuple[object, ...]]:
    """Yield a row for each number; a field of a nested result is ``name.field``."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _rows(f"{name}.{field.name}", getattr(value, field.name))
        return
    array = np.asarray(value)
    blank = ("",) * (3 - array.ndim)
    for index, item in np.ndenumerate(array):
        yield (name, *index, *blank, item)


def query(lesson: Lesson, values: Values) -> str:
    """Return the URL query that opens the lesson at these dials."""
    return "?" + urlencode([("lesson", lesson.slug), *lesson.query(values)])


def call(lesson: Lesson, values: Values) -> str:
    """Return the line of Python that opens the lesson at these dials."""
    changed = [name for name, _ in lesson.query(values)]
    given = "".join(f", {name}={values[name]!r}" for name in changed)
    return f'play("{lesson.slug}"{given})'

import re

import pytest

from tests import readme


def test_the_lists_of_lessons_are_those_of_today():
    """If not: make readme."""
    assert readme.README.read_text(encoding="utf-8") == readme.updated_readme()
    assert readme.INDEX.read_text(encoding="utf-8") == readme.updated_index()


def test_every_lesson_is_listed_with_its_question():
    text = readme.README.read_text(encoding="utf-8")
    for lesson in readme.LESSONS.values():
        assert lesson.question in text


def test_the_examples_give_the_values_beside_them():
    text = readme.README.read_text(encoding="utf-8")
    block = next(b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def cube" in b)
    lines, names = block.splitlines(), {}
    exec("\n".join(line for line in lines if "#" not in line), names)
    for line in (line for line in lines if ", error " in line):
        call, said = line.split("#")
        value, error = map(float, said.split(", error "))
        assert eval(call, names) == pytest.approx(value, abs=1e-12)
        assert abs(value - 3) == pytest.approx(error)

"""The lists that are made from LESSONS, in README and in the notebooks: `make readme`."""

import json
import re
from pathlib import Path

from deepdials.lessons import LESSONS

ROOT = Path(__file__).parents[1]
README, INDEX = ROOT / "README.md", ROOT / "notebooks" / "index.ipynb"
BEGIN, END = "<!-- lessons -->", "<!-- end of lessons -->"


def notebook_of(slug: str) -> Path:
    """Path of a lesson's notebook; its number is the lesson's place in the course."""
    (found,) = (ROOT / "notebooks").glob(f"[0-9][0-9]-{slug}.ipynb")
    return found


def lesson_list(folder: Path) -> str:
    """List the lessons with links that hold in ``folder``."""
    lines = [
        f"- [{lesson.title}]({notebook_of(slug).relative_to(folder).as_posix()}): {lesson.question}"
        for slug, lesson in LESSONS.items()
    ]
    return "\n".join([BEGIN, *lines, END])


def with_lessons(text: str, folder: Path) -> str:
    """Return a text with today's list between its marks."""
    return re.sub(f"{BEGIN}.*?{END}", lambda _: lesson_list(folder), text, flags=re.DOTALL)


def updated_readme() -> str:
    return with_lessons(README.read_text(encoding="utf-8"), ROOT)


def updated_index() -> str:
    notebook = json.loads(INDEX.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        lines = with_lessons("".join(cell["source"]), INDEX.parent).splitlines(keepends=True)
        cell["source"] = lines
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    README.write_text(updated_readme(), encoding="utf-8")
    INDEX.write_text(updated_index(), encoding="utf-8")

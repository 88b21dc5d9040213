"""The app's page: one lesson, opened where the page's address says, and the way to the others."""

import html
import os
from urllib.parse import parse_qs

from IPython.display import display

from deepdials.lesson import Lesson
from deepdials.lessons import LESSONS
from deepdials.panel.panel import Panel
from deepdials.panel.parts import dressed, prose


def show() -> None:
    """Show a lesson in the app's only cell."""
    lesson, problem = asked_for(os.environ.get("QUERY_STRING", ""))
    panel = Panel(lesson, lesson.defaults, follow_link=True)
    if problem:
        panel.state.refuse(problem)
    display(ways(lesson), panel.widget)


def asked_for(query: str) -> tuple[Lesson, str]:
    """Return the lesson that a URL query names, or the first and a friendly line."""
    first = next(iter(LESSONS.values()))
    slug = parse_qs(query).get("lesson", [first.slug])[0]
    if slug in LESSONS:
        return LESSONS[slug], ""
    return first, f"There is no lesson called {slug[:40]!r}. This is {first.title}."


def ways(here: Lesson) -> object:
    """Return links to all lessons, the open one marked."""
    links = [
        f'<a href="?lesson={lesson.slug}"'
        f"{' aria-current=page' if lesson is here else ''}>{html.escape(lesson.title)}</a>"
        for lesson in LESSONS.values()
    ]
    return dressed(prose(f'<nav aria-label="Lessons">{" ".join(links)}</nav>'), "deepdials-ways")

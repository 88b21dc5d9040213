"""The app's page: a lesson, opened where the page's address says."""

from IPython.display import display

from deepdials.lessons import LESSONS
from deepdials.panel.panel import Panel


def show() -> None:
    """Show the lesson in the app's only cell."""
    lesson = next(iter(LESSONS.values()))
    display(Panel(lesson, lesson.defaults, follow_link=True).widget)

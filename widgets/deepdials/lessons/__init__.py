"""The lessons, in the order of the course: the one list that everything is made from."""

from deepdials.lesson import Lesson
from deepdials.lessons import gradient_checking, numerical_gradients, trusting_the_check

_IN_ORDER = (numerical_gradients.LESSON, gradient_checking.LESSON, trusting_the_check.LESSON)
LESSONS: dict[str, Lesson] = {lesson.slug: lesson for lesson in _IN_ORDER}


def find(slug: str) -> Lesson:
    """Return the lesson ``slug``; ValueError with the slugs there are."""
    if slug not in LESSONS:
        raise ValueError(f"{slug[:40]!r} is not a lesson; there are {', '.join(LESSONS)}")
    return LESSONS[slug]

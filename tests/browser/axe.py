"""What axe-core finds wrong for people who do not see, point or read as most do."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.lesson_page import LessonPage


def violations(lesson: LessonPage, context: str | None) -> list[str]:
    found = Axe().run(lesson.page, context).response["violations"]
    return [f"{node['html'][:200]}: {node['failureSummary']}" for e in found for node in e["nodes"]]

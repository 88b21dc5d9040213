"""One browser and one server of each kind for a worker; nothing may go wrong in any page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium, places
from tests.browser.lesson_page import PATIENCE, LessonPage
from tests.browser.places import Lab, Place, Voila
from tests.browser.watch import Watch

DESK = {"width": 1366, "height": 768}

NewPage = Callable[..., Page]
Servers = Callable[[str], Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def watches() -> list[Watch]:
    return []


@pytest.fixture(autouse=True)
def nothing_goes_wrong(watches: list[Watch]) -> Iterator[None]:
    yield
    problems = [problem for watch in watches for problem in watch.settle()]
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="session")
def new_session_page(browser: Browser, watches: list[Watch]) -> NewPage:
    def make(**options: object) -> Page:
        context = browser.new_context(**{"viewport": DESK, **options})
        context.set_default_timeout(PATIENCE)
        watches.append(Watch(context))
        return context.new_page()

    return make


@pytest.fixture
def new_page(new_session_page: NewPage, watches: list[Watch]) -> Iterator[NewPage]:
    """Make pages that a test has for itself."""
    others = len(watches)
    yield new_session_page
    for watch in watches[others:]:
        watch.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Start each server when it is first asked for, and keep it to the end."""
    with ExitStack() as stack:
        starts = {"voila": places.voila, "lab": places.lab}
        yield cache(lambda name: stack.enter_context(starts[name](tmp_path_factory.mktemp(name))))


@pytest.fixture(scope="session")
def voila(servers: Servers) -> Voila:
    return servers("voila")


@pytest.fixture(scope="session")
def lab(servers: Servers) -> Lab:
    return servers("lab")


@pytest.fixture(scope="session", params=["voila", "lab"])
def place(servers: Servers, request: pytest.FixtureRequest) -> Place:
    return servers(request.param)


@pytest.fixture(scope="session")
def shared(place: Place, new_session_page: NewPage) -> LessonPage:
    return place.open(new_session_page())


@pytest.fixture
def lesson(shared: LessonPage) -> LessonPage:
    """Share one page among many tests; each finds it as if it were new."""
    return shared.start_again()

"""The ways to draw that are compared, and the places where they are seen."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from playwright.sync_api import Page

from tests import serving
from tests.browser import places

ROOT = Path(__file__).parents[2]

# The app shows no other widgets than its own; this one rival brings some.
WITH_IPYMPL = serving.WITH_NOTEBOOK.replace(
    "cli.main()", 'server.EXTENSIONS.append("jupyter-matplotlib")\ncli.main()'
)


@dataclass(frozen=True)
class Way:
    """``hook`` says what a new picture is in the page; ``rival`` fills a notebook's cell."""

    name: str
    hook: str
    rival: str = ""


FLOOR = Way("no drawing", "frame", "floor")
OURS = Way("deepdials", "frame")
INTERACT = Way("interact + inline", "image", "inline")
IPYMPL = Way("ipympl draw_idle", "canvas", "ipympl")
WAYS = (FLOOR, OURS, INTERACT, IPYMPL)


@dataclass(frozen=True)
class Subject:
    """What is measured: a slider of a lesson, its picture ``width`` CSS px wide."""

    slug: str
    dial: str
    width: int = 0

    def cell(self, way: Way) -> str:
        """Return the source of the notebook's only cell."""
        if not way.rival:
            return f"from deepdials import play\nplay({self.slug!r})"
        given = f"{self.slug!r}, {self.dial!r}, {self.width}"
        return (
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            f"from tests.benchmarks import rivals\nrivals.{way.rival}({given})"
        )

    def handle(self, way: Way) -> str:
        """Return the selector of the slider's handle."""
        return f"{'' if way.rival else f'.deepdials-dial-{self.dial} '}.noUi-handle"


Open = Callable[[Page], object]
Place = Callable[[Way, Subject], AbstractContextManager[Open]]


@contextmanager
def home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="deepdials-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def app(way: Way, subject: Subject) -> Iterator[Open]:
    """Serve a way as the app is served; our own is the app itself."""
    with home() as folder, patch.object(serving, "WITH_NOTEBOOK", WITH_IPYMPL):
        notebook = None
        if way.rival:
            notebook = serving.write_notebook(folder / "bench.ipynb", subject.cell(way))
        with serving.running(folder, notebook=notebook, **places.environment(folder)) as served:
            yield lambda page: page.goto(f"{served.url}?lesson={subject.slug}")


@contextmanager
def lab(way: Way, subject: Subject) -> Iterator[Open]:
    """Run a way in a stock JupyterLab."""
    with home() as folder, places.lab(folder) as place:
        yield partial(place.run, source=subject.cell(way))

"""The two places where a lesson is seen: our own app, and a stock JupyterLab."""

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
from playwright.sync_api import Page

from tests.browser.lesson_page import SLUG, LessonPage
from tests.serving import PATIENCE, eventually, running, write_notebook

PLAY = f'from deepdials import play\nplay("{SLUG}")'

# Lab's own news and catalogue would call other hosts.
OFFLINE = ("@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension")
SETTINGS = {
    "LabApp": {"extension_manager": "readonly", "expose_app_in_browser": True},
    "ServerApp": {"ip": "127.0.0.1", "port": 0, "open_browser": False, "allow_root": True},
    "IdentityProvider": {"token": ""},
}

# Menu clicks would race the kernel.
RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const notebook = app.shell.currentWidget;
  await notebook.context.ready;
  await notebook.sessionContext.ready;
  await app.commands.execute("notebook:run-all-cells");
}"""


@dataclass
class Voila:
    """The app."""

    url: str
    process: int
    name = "voila"

    def open(self, page: Page, query: str = "") -> LessonPage:
        """Open the lesson with its dials where a link says."""
        page.goto(f"{self.url}?lesson={SLUG}{query}")
        return LessonPage(page).ready()

    def theme(self, page: Page, theme: str) -> None:
        """Choose light or dark, as the system would."""
        page.emulate_media(color_scheme=theme)


@dataclass
class Lab:
    """A stock JupyterLab, over a folder of notebooks."""

    url: str
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)
    name = "lab"

    def open(self, page: Page, source: str = PLAY) -> LessonPage:
        """Run a new notebook of one cell that shows a lesson."""
        self.run(page, source)
        return LessonPage(page).ready()

    def run(self, page: Page, source: str) -> Path:
        """Run a new notebook of one cell, and return its file."""
        path = write_notebook(self.folder / f"{next(self.numbers)}.ipynb", source)
        page.goto(f"{self.url}/tree/{path.name}?reset")
        page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext")
        page.evaluate(RUN_ALL)
        return path

    def theme(self, page: Page, theme: str) -> None:
        """Choose one of Lab's own themes."""
        page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})",
            f"JupyterLab {theme.title()}",
        )


Place = Voila | Lab


def environment(home: Path) -> dict[str, str]:
    """Say where a server finds its settings: a new home, but fonts that are known already."""
    return {"HOME": str(home), "MPLCONFIGDIR": matplotlib.get_configdir()}


@contextmanager
def voila(home: Path) -> Iterator[Voila]:
    """Run the app."""
    with running(home, **environment(home)) as app:
        yield Voila(app.url, app.process.pid)
        assert app.process.poll() is None, app.process.communicate()


@contextmanager
def lab(home: Path) -> Iterator[Lab]:
    """Run JupyterLab."""
    folder, config, log = home / "notebooks", home / "config", home / "log.txt"
    folder.mkdir()
    files = {
        "jupyter_lab_config.json": SETTINGS,
        "labconfig/page_config.json": {"disabledExtensions": dict.fromkeys(OFFLINE, True)},
    }
    for name, content in files.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_text(json.dumps(content), encoding="utf-8")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab"],
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environment(home) | {"PATH": os.environ["PATH"], "JUPYTER_CONFIG_DIR": str(config)},
        )
    with process:
        try:
            found = eventually(lambda: re.search(r"http://127[\d.]+:\d+/lab", log.read_text()))
            assert found, log.read_text()
            yield Lab(found.group(), folder)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)

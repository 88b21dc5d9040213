"""Find a Chrome or Chromium that really starts: `python -m tests.browser.chromium`.

Tests call `find`, which only looks. Run as a program it also installs one where it can.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
MAC_APPS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
HELP = """No Chrome or Chromium starts here, and the browser tests need one.
  Debian:    sudo apt-get install chromium
  Ubuntu:    {python} -m playwright install --with-deps chromium
  macOS:     brew install --cask google-chrome
  Elsewhere: set CHROME_PATH to the program of a Chrome or Chromium
Tried:{tried}"""


class NoBrowserError(RuntimeError):
    """No browser starts; the message says how to get one."""

    def __init__(self, tried: list[str]):
        self.tried = tried
        lines = "\n  ".join(["", *tried]) if tried else " nothing is installed"
        super().__init__(HELP.format(python=sys.executable, tried=lines))


@cache
def find() -> str:
    """Path of the first browser that starts."""
    tried = []
    for path in _candidates():
        problem = why_not(path)
        if not problem:
            return path
        tried.append(f"{path}: {problem}")
    raise NoBrowserError(tried)


def why_not(path: str) -> str:
    """Start the browser without a screen; empty when it works."""
    # A thread of its own, so that tests that are already inside Playwright may ask too.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_start, path).result()


def _start(path: str) -> str:
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=60_000)
            works = browser.new_page().evaluate("6 * 7") == 42
            browser.close()
        except Error as error:
            return str(error).strip().splitlines()[0]
    return "" if works else "starts, but runs no script"


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get("CHROME_PATH"):
        yield chosen
        return
    yield from filter(None, map(shutil.which, NAMES))
    for root in (Path("/Applications"), Path.home() / "Applications"):
        yield from (str(root / app) for app in MAC_APPS if (root / app).exists())
    with ThreadPoolExecutor(1) as pool:
        downloaded = pool.submit(_playwrights_own).result()
    if Path(downloaded).exists():
        yield downloaded


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _installers() -> Iterator[list[list[str]]]:
    """Ways to get a browser, each a list of commands: none, the system's own, a download."""
    yield []
    if os.environ.get("CHROME_PATH"):
        return
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        yield [["apt-get", "update"], install]
        # Root may also install the libraries that the download needs.
        download.insert(-1, "--with-deps")
    yield [download]


def _install(commands: list[list[str]]) -> str:
    """Run the commands until one fails; what it said, or nothing."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        # Stdout is for the path alone.
        print("No browser starts yet, trying:", *command, file=sys.stderr, flush=True)
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
        )
        if done.returncode:
            return f"{' '.join(command)}: {_gist(done.stdout)}"
    return ""


def _gist(output: str) -> str:
    """Return the first line that speaks of an error, or else the last one."""
    lines = output.strip().splitlines() or ["failed, and said nothing"]
    return next((line for line in lines if line.startswith(("E: ", "Error: "))), lines[-1])


def find_or_install() -> str:
    """Path of a browser that starts, installed now if need be."""
    tried = []
    for commands in _installers():
        if problem := _install(commands):
            tried.append(problem)
            continue
        try:
            return find()
        except NoBrowserError as error:
            tried += error.tried
    raise NoBrowserError(list(dict.fromkeys(tried)))


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoBrowserError as error:
        sys.exit(f"\n{error}")

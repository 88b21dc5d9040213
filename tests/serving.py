"""Starts the app in a process of its own, for tests that look at it from outside."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PATIENCE = 60

# The command with another notebook than the lessons' own.
WITH_NOTEBOOK = """
import sys
from pathlib import Path
from deepdials import cli, server
server.NOTEBOOK = Path(sys.argv.pop(1))
cli.main()
"""


def write_notebook(path: Path, source: str) -> Path:
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": [{**cell, "outputs": [], "source": source}],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def children(pid: int) -> list[int]:
    """Return the ids of a process's own processes, without zombies."""
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in table.stdout.splitlines())
    return [int(row[0]) for row in rows if int(row[1]) == pid and "Z" not in row[2]]


def alive(pid: int) -> bool:
    seen = subprocess.run(["ps", "-p", str(pid), "-o", "stat="], capture_output=True, text=True)
    return seen.stdout.strip() not in ("", "Z", "Z+")


def eventually(look: Callable[[], Any]) -> Any:
    """Look until there is something to see."""
    end = time.monotonic() + PATIENCE
    while not (seen := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return seen


@dataclass
class App:
    """A running app."""

    process: subprocess.Popen[str]
    line: str
    url: str = field(init=False)

    def __post_init__(self) -> None:
        found = re.search(r"http://\S+/", self.line)
        self.url = found.group() if found else ""

    def get(self, path: str = "", data: bytes | None = None) -> tuple[int, str]:
        """Return the status and the text of an answer, which may not trickle in for ever."""
        end = time.monotonic() + PATIENCE
        text = b""
        try:
            with urlopen(Request(self.url + path, data), timeout=PATIENCE) as answer:
                while chunk := answer.read1():
                    text += chunk
                    assert time.monotonic() < end, text
                return answer.status, text.decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Return the exit status, and what came on both streams after the first line."""
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output, errors


@contextmanager
def running(home: Path, *options: str, notebook: Path | None = None, **env: str) -> Iterator[App]:
    """Run the app on a free port with a home of its own, until the block ends."""
    program = ["-m", "deepdials.cli"] if not notebook else ["-c", WITH_NOTEBOOK, str(notebook)]
    process = subprocess.Popen(
        [sys.executable, *program, "--no-browser", *(options or ("--port", "0"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **env},
    )
    with process:
        try:
            assert process.stdout
            yield App(process, process.stdout.readline())
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=PATIENCE)

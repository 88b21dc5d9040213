"""The `deepdials` command, from outside."""

import re
import signal
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from deepdials import cli
from tests.serving import App, alive, children, eventually, running


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deepdials.cli", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_help_explains_itself():
    done = run("--help")
    assert done.returncode == 0
    for word in ("--host", "--port", "--no-browser", "BROWSER=none", "examples:", "Ctrl-C"):
        assert word in done.stdout


def test_version():
    assert run("--version").stdout == f"deepdials {version('deepdials')}\n"


@pytest.mark.parametrize("port", ["-1", "65536", "http", "8866.0", ""])
def test_a_port_that_is_none(port: str):
    done = run(f"--port={port}")
    assert done.returncode == 2
    assert f"{port!r} is not a port (0 to 65535)" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("--no-browser", f"--port={port}")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"deepdials: port {port} is taken; choose another with --port")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_not_here(host: str):
    done = run("--no-browser", "--port=0", f"--host={host}")
    assert done.returncode == 1
    assert re.fullmatch(f"deepdials: cannot listen on {host}, port 0: [^(]+\n", done.stderr)


def test_without_a_port_the_next_free_one_is_taken():
    from deepdials.server import bind

    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with bind("127.0.0.1", [taken, 0]) as bound:
            assert bound.getsockname()[1] not in (0, taken)


def test_without_voila(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=re.escape('pip install "deepdials[app]"')) as end:
        cli.run("127.0.0.1", 0, browser=False)
    # A text as its code makes Python print it and exit with 1.
    assert isinstance(end.value.code, str)


@pytest.mark.parametrize(
    ("host", "where"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("localhost", "http://localhost:80/"),
        ("::1", "http://[::1]:80/"),
    ],
)
def test_address(host: str, where: str):
    assert cli.address(host, 80) == where


def test_address_for_a_class():
    assert re.fullmatch(
        r"http://127.0.0.1:80/ \(from other machines: http://.+:80/\)", cli.address("0.0.0.0", 80)
    )


class AtOnce:
    """A thread that needs no waiting for."""

    def __init__(self, target, args, daemon):
        target(*args)

    def start(self):
        pass


@pytest.mark.parametrize(
    ("browser", "setting", "opened"),
    [
        (True, "", ["http://a/"]),
        (True, "firefox", ["http://a/"]),
        (True, "none", []),
        (False, "", []),
    ],
)
def test_the_browser_opens_unless_told_not_to(monkeypatch, capsys, browser, setting, opened):
    seen: list[str] = []
    monkeypatch.setattr(cli.webbrowser, "open", seen.append)
    monkeypatch.setattr(cli.threading, "Thread", AtOnce)
    monkeypatch.setenv("BROWSER", setting)
    cli.announce("http://a/ (and more)", browser=browser)
    assert seen == opened
    assert capsys.readouterr().out == "deepdials: http://a/ (and more)\n"


def visited(app: App) -> list[int]:
    """Open a page and return the ids of its processes."""
    assert app.get()[0] == 200
    return children(app.process.pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_nothing(tmp_path: Path, number: int):
    with running(tmp_path) as app:
        assert re.fullmatch(r"deepdials: http://127\.0\.0\.1:\d+/\n", app.line)
        kernels = visited(app)
        assert kernels
        assert app.stop(number) == (0, "", "")
        assert eventually(lambda: not any(map(alive, kernels)))
        assert not any(path.is_file() for path in tmp_path.rglob("*jupyter*"))


def test_a_signal_while_a_kernel_starts(tmp_path: Path):
    with running(tmp_path) as app:
        port = int(app.url.split(":")[2].strip("/"))
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            visitor.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            kernels = eventually(lambda: children(app.process.pid))
            assert kernels
            status, output, errors = app.stop()
        assert (status, output) == (0, "")
        assert "Traceback" not in errors
        assert eventually(lambda: not any(map(alive, kernels)))


def test_the_port_is_the_one_that_was_asked_for(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with running(tmp_path, "--port", str(port)) as app:
        assert app.line == f"deepdials: http://127.0.0.1:{port}/\n"

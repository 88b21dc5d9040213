"""The `deepdials` command: the lessons as a page in the browser."""

from __future__ import annotations

import argparse
import errno
import importlib.util
import os
import signal
import socket
import sys
import threading
import webbrowser
from importlib.metadata import version
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

PORT = 8866
TRIES = 20

EXAMPLES = """\
examples:
  deepdials                          open the lessons in this machine's browser
  deepdials --no-browser --port 0    serve them on any free port and print the address
  deepdials --host 0.0.0.0           let a class on the same network in
"""


def port_number(text: str) -> int:
    """Read a port from the command line.

    Parameters
    ----------
    text
        What the user typed.

    Returns
    -------
    int
        A number from 0 to 65535.
    """
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Describe the command line.

    Returns
    -------
    ArgumentParser
        The parser behind `deepdials --help`.
    """
    command = argparse.ArgumentParser(
        prog="deepdials",
        description="Serve the lessons as a page in the browser, until Ctrl-C.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add(
        "--port",
        type=port_number,
        help=f"port to listen on, 0 for any free one (default: the first free one from {PORT})",
    )
    add(
        "--no-browser",
        action="store_true",
        help="do not open a browser (nor does it with BROWSER=none)",
    )
    add("--version", action="version", version=f"%(prog)s {version('deepdials')}")
    return command


def address(host: str, port: int) -> str:
    """Write down where the page is.

    Parameters
    ----------
    host
        The host that the server listens on, as the user gave it.
    port
        The port that it got.

    Returns
    -------
    str
        A URL that works on this machine, then, if others can come in, one for them.
    """
    if host in ("", "0.0.0.0", "::"):
        name = socket.gethostname()
        return f"http://127.0.0.1:{port}/ (from other machines: http://{name}:{port}/)"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def complaint(error: OSError, host: str, port: int) -> str:
    """Say in one line why the server cannot listen.

    Parameters
    ----------
    error
        What the operating system said.
    host, port
        Where the server was to listen.

    Returns
    -------
    str
        The reason, and what to do about it.
    """
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken; choose another with --port, or any free one with --port 0"
    # Python adds the address, which is said already.
    reason = str(error.strerror).partition(" (while")[0]
    return f"cannot listen on {host}, port {port}: {reason}"


def fail(message: str) -> NoReturn:
    """End the program with one line and status 1.

    Parameters
    ----------
    message
        What went wrong.
    """
    raise SystemExit(f"deepdials: {message}")


def announce(where: str, *, browser: bool) -> None:
    """Print the address, and open it.

    Parameters
    ----------
    where
        The address, as `address` wrote it.
    browser
        Whether to open it.
    """
    print(f"deepdials: {where}", flush=True)
    if browser and os.environ.get("BROWSER", "").lower() != "none":
        # Some browsers only return when they are closed.
        threading.Thread(target=webbrowser.open, args=[where.split()[0]], daemon=True).start()


def run(host: str, port: int | None, *, browser: bool) -> None:
    """Serve the lessons until a signal ends it.

    Parameters
    ----------
    host
        The address to listen on.
    port
        The port to listen on; None takes the first free one.
    browser
        Whether to open the page.
    """
    if importlib.util.find_spec("voila") is None:
        fail('the app needs Voila: pip install "deepdials[app]"')
    from deepdials import server

    try:
        listener = server.bind(host, range(PORT, PORT + TRIES) if port is None else [port])
    except OSError as error:
        fail(complaint(error, host, PORT if port is None else port))
    where = address(host, listener.getsockname()[1])
    server.serve(server.NOTEBOOK, listener, lambda: announce(where, browser=browser))


def interrupt(*_: object) -> NoReturn:
    """Treat SIGTERM like Ctrl-C while the server is not yet there to do so."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        The command line without the program's name; by default the process's own.
    """
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        run(options.host, options.port, browser=not options.no_browser)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

"""Voila, set up for a room full of strangers: one notebook to see, and nothing else."""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.utils import run_sync
from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

SHARE = Path(__file__).parent / "share"
NOTEBOOK = SHARE / "app.ipynb"

# What the page's widgets are made of; whatever else is installed can neither break nor slow it.
EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]

# Widgets come as blobs, Voila's own scripts stand in the page, and JupyterLab compiles its
# schemas with eval. Nothing may be fetched from another host.
POLICY = (
    "default-src 'self' data: blob:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss: data: blob:; "
    "frame-ancestors 'self'"
)

# How a kernel's line to stderr begins, in both of the protocols that pages speak.
STDERR = re.compile(rb'"msg_type":\s*"stream".*"name":\s*"stderr"', re.DOTALL)


def bind(host: str, ports: Iterable[int]) -> socket.socket:
    """Listen on the first of some ports that is free.

    Parameters
    ----------
    host
        A name or an address of this machine.
    ports
        The ports to try, in order; 0 stands for any free one.

    Returns
    -------
    socket
        It listens, but nobody answers yet.

    Raises
    ------
    OSError
        When none can be had: what the operating system said last.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    failure = OSError("no port to try")
    for port in ports:
        try:
            return socket.create_server((host, port), family=family)
        except OSError as error:
            failure = error
            if error.errno != errno.EADDRINUSE:
                break
    raise failure


def environment(private: Path) -> dict[str, str]:
    """Say which environment the server and its kernels live in.

    The user's own Jupyter and IPython settings are left out: they were made for notebooks of
    one's own, and can weaken or break a page that others see.

    Parameters
    ----------
    private
        An empty folder that stands in for the user's settings.

    Returns
    -------
    dict
        Environment variables by name.
    """
    shared = [str(SHARE / "jupyter"), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    return {
        "JUPYTER_PATH": os.pathsep.join(shared),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "ipython"),
        # Forty kernels with as many threads each as there are cores only slow each other.
        "OPENBLAS_NUM_THREADS": "1",
    }


def configuration(private: Path) -> Config:
    """Write down what differs from Voila's defaults.

    Parameters
    ----------
    private
        A folder with a short path, for the kernels' connection files and sockets.

    Returns
    -------
    Config
        The settings, for `Voila(config=...)`.
    """
    config = Config()
    config.Voila.log_level = logging.WARNING
    config.Voila.config_file_paths = []
    config.Voila.connection_dir_root = str(private)
    # The closing page frees its kernel with a beacon that bears no cookie. Origins are
    # still checked, and nothing here tells a stranger the id of someone else's kernel.
    config.Voila.tornado_settings = {
        "disable_check_xsrf": True,
        "headers": {"Content-Security-Policy": POLICY},
    }
    config.VoilaConfiguration.template = "deepdials"
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.kernel_spec_manager_class = OwnInterpreter
    config.VoilaExporter.filters = {"started": started}
    config.MappingKernelManager.allow_tracebacks = False
    config.MappingKernelManager.kernel_manager_class = "deepdials.server.Kernel"
    config.MappingKernelManager.cull_idle_timeout = 900
    config.MappingKernelManager.cull_interval = 60
    config.MappingKernelManager.cull_connected = False
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
    return config


def build(
    notebook: Path,
    listener: socket.socket,
    ready: Callable[[], object],
    private: Path,
) -> Server:
    """Make the server, ready for `start()`.

    Parameters
    ----------
    notebook
        The one notebook that is shown.
    listener
        A bound socket, see `bind`.
    ready
        Called once, when the server answers.
    private
        An empty folder with a short path, see `environment` and `configuration`.

    Returns
    -------
    Server
        A Voila application.
    """
    # As the process's one application, so that Voila's parts find its log.
    server: Server = Server.instance(config=configuration(private), listener=listener, ready=ready)
    server.ip, server.port = listener.getsockname()[:2]
    server.notebook_path = str(notebook)
    server.initialize([])
    return server


def serve(notebook: Path, listener: socket.socket, ready: Callable[[], object]) -> None:
    """Serve the notebook until SIGINT or SIGTERM; leave neither kernels nor files behind.

    Parameters
    ----------
    notebook
        The one notebook that is shown.
    listener
        A bound socket, see `bind`.
    ready
        Called once, when the server answers.
    """
    # A kernel's socket is a file whose path may be 100 characters long; macOS's own temporary
    # folder takes half of these.
    short = "/tmp" if os.path.isdir("/tmp") else None
    with tempfile.TemporaryDirectory(
        prefix="deepdials-", dir=short, ignore_cleanup_errors=True
    ) as folder:
        private = Path(folder)
        os.environ.update(environment(private))
        quiet()
        build(notebook, listener, ready, private).start()


def quiet() -> None:
    """Keep from the terminal what is no news to a teacher.

    Someone's wrong address; a page that closes while its kernel still speaks; a ping interval
    that Jupyter gives in milliseconds and Tornado reads in seconds.
    """
    for name in ("tornado.access", "tornado.general"):
        logging.getLogger(name).setLevel(logging.ERROR)


async def started(start: Callable[[Any], Awaitable[str]], notebook: Any) -> str | None:
    """Start a kernel for the page's template, which cannot catch errors itself.

    Parameters
    ----------
    start
        Voila's own `kernel_start`.
    notebook
        The notebook node that is rendered.

    Returns
    -------
    str or None
        The kernel's id, or None when it did not start.
    """
    try:
        return await start(notebook)
    except RuntimeError:
        logging.getLogger(__name__).exception("A kernel did not start.")
        return None


class OwnInterpreter(KernelSpecManager):
    """Runs kernels in the interpreter that runs deepdials, whatever else the machine offers."""

    def _kernel_dirs_default(self) -> list[str]:
        # With no folder to look in, only ipykernel's own description of this interpreter is left.
        return []


class Kernel(ServerKernelManager):
    """A kernel whose errors are not told to the page."""

    # The server looks for this here, but declares it elsewhere, and loses the message.
    traceback_replacement_message = "An error occurred in the kernel."


class Page(TornadoVoilaHandler):
    """Shows the notebook, and nothing under any other path."""

    def redirect_to_file(self, path: str) -> None:
        """Refuse: Voila would look for a file of that name beside the notebook."""
        raise HTTPError(404)


class TemplateFiles(TemplateStaticFileHandler):
    """Serves the files of our template, and of no other."""

    def parse_url_path(self, path: str) -> str:
        """Refuse what Voila would stumble over."""
        if not path.startswith("deepdials/static/") or ".." in path.split("/"):
            raise HTTPError(404)
        return str(super().parse_url_path(path))


class KernelSocket(VoilaKernelWebsocketHandler):
    """A page's line to its kernel."""

    async def open(self, kernel_id: str) -> None:
        """Send small messages at once: waiting for more of them costs half of the frames."""
        self.set_nodelay(True)
        await super().open(kernel_id)

    def write_message(self, message: bytes | str, binary: bool = False) -> Any:
        """Keep warnings and log lines from the page: they name files of this machine."""
        start = message[:2000]
        if STDERR.search(start if isinstance(start, bytes) else start.encode()):
            return None
        return super().write_message(message, binary)


# Only these of Voila's routes are served, some of them by our own handlers.
HANDLERS = {
    KernelHandler: KernelHandler,
    VoilaKernelWebsocketHandler: KernelSocket,
    VoilaShutdownKernelHandler: VoilaShutdownKernelHandler,
    TemplateStaticFileHandler: TemplateFiles,
    MultiStaticFileHandler: MultiStaticFileHandler,
    FileFindHandler: FileFindHandler,
    TornadoVoilaHandler: Page,
}


class Server(Voila):
    """Voila on a socket that is already bound, with only the routes that the page needs."""

    def __init__(
        self, *, listener: socket.socket, ready: Callable[[], object], **traits: Any
    ) -> None:
        super().__init__(**traits)
        self.listener = listener
        self.ready = ready

    def init_settings(self) -> dict[str, Any]:
        """Sign the notebook, as Jupyter warns of unsigned ones at every visit."""
        settings: dict[str, Any] = super().init_settings()
        node = nbformat.read(self.notebook_path, as_version=4)  # type: ignore[no-untyped-call]
        self.contents_manager.notary.sign(node)
        return settings

    def init_handlers(self) -> list[Any]:
        """List the routes."""
        routes = super().init_handlers()
        return [
            (path, HANDLERS[handler], *options)
            for path, handler, *options in routes
            if handler in HANDLERS
        ]

    def listen(self) -> None:
        """Answer requests until a signal ends it."""
        self.listener.setblocking(False)
        HTTPServer(self.app).add_socket(self.listener)
        self.ioloop = IOLoop.current()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle_signal_stop)
        self.ioloop.add_callback(self.ready)
        try:
            self.ioloop.start()
        finally:
            self.stop()

    def stop(self) -> None:
        """End the kernels at once, while their sockets still have files."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        run_sync(self.kernel_manager.shutdown_all)(now=True)
        shutil.rmtree(self.connection_dir)

"""What a stranger in the class can see of the machine, and what they cannot."""

import asyncio
import http.client
import json
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from deepdials import server
from tests.serving import PATIENCE, App, alive, children, eventually, running, write_notebook

pytestmark = pytest.mark.xdist_group("server")

PROTOCOL = "v1.kernel.websocket.jupyter.org"
LESSON = """
import json, os, sys, warnings
import ipywidgets
from IPython.display import display

kind = ipywidgets.Dropdown(options=["calm", "error", "warning"])
facts = ipywidgets.HTML(json.dumps({"python": sys.executable, "env": dict(os.environ)}))

def change(event):
    if event["new"] == "error":
        raise ValueError("in /secret/place")
    warnings.warn("in /secret/place")
    print("said on stdout", flush=True)

kind.observe(change, "value")
display(ipywidgets.VBox([kind, facts]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of someone whose own settings would undo ours."""
    home = tmp_path_factory.mktemp("home")
    loose = {
        "VoilaConfiguration": {
            "template": "lab",
            "allow_template_override": "YES",
            "show_tracebacks": True,
            "strip_sources": False,
            "file_allowlist": [".*"],
        },
        "MappingKernelManager": {"allow_tracebacks": True},
    }
    spec = {"argv": ["false"], "display_name": "broken", "language": "python"}
    files = {
        "voila.json": json.dumps(loose),
        ".jupyter/voila.json": json.dumps(loose),
        ".jupyter/labconfig/page_config.json": '{"disabledExtensions": {"anywidget": true}}',
        "elsewhere/kernels/python3/kernel.json": json.dumps(spec),
        ".local/share/jupyter/labextensions/mine/package.json": "not JSON",
        ".ipython/profile_default/startup/first.py": "raise SystemExit('not ours')",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def app(home: Path) -> Iterator[App]:
    notebook = write_notebook(home / "lesson.ipynb", LESSON)
    with running(home, notebook=notebook, JUPYTER_PATH=str(home / "elsewhere")) as app:
        yield app


@pytest.fixture(scope="module")
def page(app: App) -> str:
    status, text = app.get()
    assert status == 200
    return text


def config_of(page: str) -> dict[str, Any]:
    found = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page)
    assert found, page
    return json.loads(found.group(1))


def assert_tells_nothing(text: str, home: Path):
    root = str(Path(__file__).parents[1])
    for secret in ("Traceback", "/secret", "site-packages", ".ipynb", str(home), root, sys.prefix):
        assert secret not in text


def test_page_has_a_frame_for_everyone(page: str, home: Path):
    for part in (
        '<html lang="en">',
        "<title>deepdials</title>",
        'name="viewport"',
        '<link rel="icon" href="data:image/svg+xml,',
        "<noscript>",
        'role="status">Starting a kernel for you',
    ):
        assert part in page
    assert page.count("<main") == 1
    assert "application/vnd.jupyter.widget-view+json" in page
    assert "deepdials-failure" not in page.split("<main")[1]
    assert_tells_nothing(page, home)


def test_page_holds_no_source(page: str):
    assert "import ipywidgets" not in page


def test_page_asks_no_other_host(app: App, page: str):
    assert not re.findall(r"""https?://|["'(]//""", page)
    links = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert links
    for link in links:
        status, text = app.get(link.lstrip("/"))
        assert status == 200
        assert not re.search(r"""(?:@import|url\()\s*["']?https?:""", text)


def test_page_loads_only_the_extensions_it_needs(page: str):
    names = {each["name"] for each in config_of(page)["federated_extensions"]}
    assert names == {*server.EXTENSIONS}


@pytest.mark.parametrize("query", ["template=nosuch", "template=lab", "theme=dark", "theme=x"])
def test_overrides_are_ignored(app: App, page: str, query: str):
    status, text = app.get(f"?{query}")
    assert status == 200
    for other in (page, text):
        assert '<main class="deepdials-page">' in other
    assert config_of(text)["jupyterLabTheme"] == "light"


def raw_get(app: App, path: str) -> tuple[int, str]:
    """Ask for a path exactly as it is written."""
    connection = http.client.HTTPConnection(urlsplit(app.url).netloc, timeout=60)
    try:
        connection.putrequest("GET", path, skip_host=False)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/nosuch",
        "/lesson.ipynb",
        "/login",
        "/logout",
        "/api/kernels",
        "/api/kernels/00000000-0000-0000-0000-000000000000",
        "/api/kernels/00000000-0000-0000-0000-000000000000/channels",
        "/voila/tree",
        "/voila/tree/",
        "/voila/render/lesson.ipynb",
        "/voila/api/contents",
        "/voila/api/themes/@jupyterlab/theme-light-extension/index.css",
        "/voila/files/lesson.ipynb",
        "/voila/files/voila.json",
        "/voila/files/../../../../../../etc/passwd",
        "/voila/static/",
        "/voila/static/../../../../../../../../etc/passwd",
        "/voila/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/voila/templates/deepdials/static/../index.html.j2",
        "/voila/templates/deepdials/static/..%2f..%2fconf.json",
        "/voila/templates/lab/static/voila.js",
        "/voila/templates/..%2f..%2f/static/x",
        "/voila/templates/deepdials",
        "/voila/labextensions/",
        "/voila/labextensions/../kernels/python3/kernel.json",
        "/../../../../etc/passwd",
    ],
)
def test_there_is_nothing_else_to_see(app: App, home: Path, path: str):
    status, text = raw_get(app, path)
    assert status in (403, 404)
    assert "root:" not in text
    assert_tells_nothing(text, home)


def test_a_wrong_address_gets_a_friendly_page(app: App):
    status, text = app.get("nosuch")
    assert status == 404
    assert "There is no such page" in text
    assert '<html lang="en">' in text
    assert "<title>deepdials</title>" in text
    assert not re.search(r"https?://", text)


def message(kind: str, content: dict[str, Any], binary: bool = True) -> bytes | str:
    header = {"msg_id": uuid.uuid4().hex, "username": "", "session": "s", "msg_type": kind}
    header |= {"version": "5.3", "date": "2030-01-01T00:00:00Z"}
    parts = {"header": header, "parent_header": {}, "metadata": {"version": "1.0.0"}}
    if not binary:
        return json.dumps({**parts, "content": content, "channel": "shell", "buffers": []})
    packed = [json.dumps(part).encode() for part in (*parts.values(), content)]
    return serialize_msg_to_ws_v1(packed, "shell")


def read(frame: bytes | str) -> tuple[str, dict[str, Any]]:
    if isinstance(frame, str):
        whole = json.loads(frame)
        return whole["header"]["msg_type"], whole["content"]
    parts = deserialize_msg_from_ws_v1(frame)[1]
    return json.loads(parts[0])["msg_type"], json.loads(parts[3])


class Visitor:
    """A page, as the server sees it."""

    def __init__(self, app: App, binary: bool = True):
        self.kernel = config_of(app.get()[1])["kernelId"]
        self.url = f"{app.url}api/kernels/{self.kernel}/channels?session_id=s".replace("http", "ws")
        self.binary = binary
        self.frames: list[str] = []

    @contextmanager
    def connected(self, origin: str | None = None) -> Iterator["Visitor"]:
        protocols = [Subprotocol(PROTOCOL)] if self.binary else None
        asked = Origin(origin) if origin else None
        with connect(self.url, subprotocols=protocols, origin=asked, proxy=None) as self.socket:
            yield self

    def send(self, kind: str, **content: Any) -> None:
        self.socket.send(message(kind, content, self.binary))

    def until(self, wanted: str) -> dict[str, Any]:
        """Read up to a kind of message, and keep all that was read."""
        while True:
            frame = self.socket.recv(timeout=PATIENCE)
            self.frames.append(frame if isinstance(frame, str) else frame.decode(errors="replace"))
            kind, content = read(frame)
            if kind == wanted:
                return content

    def states(self) -> dict[str, Any]:
        """Ask for the widgets, as a page does when it opens; all earlier messages come first."""
        comm = uuid.uuid4().hex
        self.send("comm_open", comm_id=comm, target_name="jupyter.widget.control", data={})
        self.send("comm_msg", comm_id=comm, data={"method": "request_states"})
        while (content := self.until("comm_msg"))["comm_id"] != comm:
            pass
        return content["data"]["states"]

    def choose(self, index: int) -> None:
        """Set the page's dropdown."""
        found = (key for key, it in self.states().items() if it["model_name"] == "DropdownModel")
        update = {"method": "update", "state": {"index": index}, "buffer_paths": []}
        self.send("comm_msg", comm_id=next(found), data=update)


def test_kernel_is_our_own_interpreter_with_our_own_settings(app: App, home: Path):
    with Visitor(app).connected() as visitor:
        states = visitor.states()
    facts = next(it for it in states.values() if it["model_name"] == "HTMLModel")
    seen = json.loads(facts["state"]["value"])
    assert seen["python"] == sys.executable
    assert seen["env"]["OPENBLAS_NUM_THREADS"] == "1"
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        assert not seen["env"][name].startswith(str(home))


both_protocols = pytest.mark.parametrize("binary", [True, False], ids=["v1", "legacy"])


@both_protocols
def test_an_error_in_the_kernel_tells_nothing(app: App, binary: bool):
    with Visitor(app, binary).connected() as visitor:
        visitor.choose(1)
        error = visitor.until("error")
        visitor.states()
    assert error["evalue"] == "Execution error"
    assert error["traceback"] == ["An error occurred in the kernel."]
    assert not any("/secret" in frame for frame in visitor.frames)


@both_protocols
def test_a_warning_in_the_kernel_tells_nothing(app: App, binary: bool):
    with Visitor(app, binary).connected() as visitor:
        visitor.choose(2)
        # A comm that ipywidgets refuses: the kernel logs that with a traceback.
        visitor.send("comm_open", comm_id="x", target_name="jupyter.widget", data={})
        visitor.states()
        visitor.states()
    assert any("said on stdout" in frame for frame in visitor.frames)
    for frame in visitor.frames:
        assert "/secret" not in frame
        assert "Traceback" not in frame


def test_a_page_cannot_run_code(app: App, tmp_path: Path):
    code = f"open({str(tmp_path / 'written')!r}, 'w').close()"
    with Visitor(app).connected() as visitor:
        visitor.send("execute_request", code=code, silent=False, store_history=False)
        visitor.states()
    assert not any("execute_" in frame for frame in visitor.frames)
    assert not (tmp_path / "written").exists()


def test_other_sites_are_kept_out(app: App):
    visitor = Visitor(app)
    with pytest.raises(InvalidStatus, match="403"), visitor.connected("http://elsewhere.example"):
        pass
    with visitor.connected(app.url.rstrip("/")):
        visitor.states()


def test_a_closing_page_frees_its_kernel(app: App):
    before = {*children(app.process.pid)}
    kernel = Visitor(app).kernel
    (process,) = {*children(app.process.pid)} - before
    assert app.get(f"api/kernels/{kernel}")[0] == 200
    assert app.get(f"voila/api/shutdown/{kernel}", b"_xsrf=")[0] == 204
    assert app.get(f"api/kernels/{kernel}")[0] == 404
    assert eventually(lambda: not alive(process))


def test_a_page_that_fails_says_so_plainly(home: Path, tmp_path: Path):
    notebook = write_notebook(tmp_path / "broken.ipynb", "raise ImportError('in /secret/place')")
    with running(home, notebook=notebook) as app:
        status, text = app.get()
        errors = app.stop()[2]
    assert status == 200
    assert "This page could not be started" in text
    assert "ImportError" not in text
    assert_tells_nothing(text, home)
    assert "/secret/place" in errors


def test_a_kernel_that_does_not_start_says_so_plainly(home: Path, tmp_path: Path):
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit(1)")
    notebook = write_notebook(tmp_path / "lesson.ipynb", LESSON)
    with running(home, notebook=notebook, PYTHONPATH=str(tmp_path)) as app:
        status, text = app.get()
        errors = app.stop()[2]
    assert status == 200
    assert "This page could not be started" in text
    assert "</html>" in text
    assert_tells_nothing(text, home)
    assert "A kernel did not start." in errors


def test_small_messages_do_not_wait(monkeypatch: pytest.MonkeyPatch):
    calls: list[object] = []

    async def opened(self: object, kernel_id: str) -> None:
        calls.append(kernel_id)

    monkeypatch.setattr(server.VoilaKernelWebsocketHandler, "open", opened)
    socket = SimpleNamespace(set_nodelay=calls.append)
    handler = server.KernelSocket.__new__(server.KernelSocket)
    handler.set_nodelay = socket.set_nodelay
    asyncio.run(handler.open("id"))
    assert calls == [True, "id"]


def test_idle_kernels_are_culled_but_not_under_a_visitor():
    culling = server.configuration(Path("private")).MappingKernelManager
    assert (culling.cull_idle_timeout, culling.cull_interval) == (900, 60)
    assert culling.cull_connected is False


def test_jupyter_looks_into_the_package_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUPYTER_PATH", "elsewhere")
    first, second = server.environment(Path("private"))["JUPYTER_PATH"].split(":")
    assert (Path(first) / "voila" / "templates" / "deepdials" / "index.html.j2").is_file()
    assert second == "elsewhere"


def test_the_lessons_notebook_only_calls_the_app():
    (cell,) = json.loads(server.NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert "".join(cell["source"]) == "from deepdials.app import show\n\nshow()"
    assert not cell["outputs"]

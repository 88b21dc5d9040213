"""Speaks to a lesson's kernel past the page's controls, as anyone can who opens the console."""

from typing import Any

from playwright.sync_api import Page

# A kernel that does not answer fails a test, where waiting for a promise never would.
SOON = """const soon = (promise, what) => Promise.race([promise, new Promise((_, fail) =>
  setTimeout(() => fail(new Error(`no answer to ${what}`)), 20000))]);"""

KERNEL = """jupyterapp.widgetManager?.kernel
  ?? jupyterapp.shell.currentWidget.sessionContext.session.kernel"""

# What a page asks when it is reloaded: the state of every widget, by its comm's id.
MODELS = f"""async () => {{
  {SOON}
  const comm = ({KERNEL}).createComm("jupyter.widget.control");
  const answer = new Promise((heard) => (comm.onMsg = (message) => heard(message.content.data)));
  await soon(comm.open({{}}, {{ version: "1.0.0" }}).done, "open");
  comm.send({{ method: "request_states" }});
  const {{ states }} = await soon(answer, "request_states");
  // Left open: Lab would end the comm's own thread in the kernel, and ipykernel warns of that.
  return Object.entries(states).map(([id, {{ model_name }}]) => [model_name, id]);
}}"""

UPDATE = f"""([comm_id, state]) => {{
  const kernel = {KERNEL};
  const header = {{
    msg_id: crypto.randomUUID(),
    msg_type: "comm_msg",
    session: kernel.clientId,
    username: "",
    date: new Date().toISOString(),
    version: "5.3",
  }};
  const data = {{ method: "update", state, buffer_paths: [] }};
  const content = {{ comm_id, data }};
  const rest = {{ parent_header: {{}}, metadata: {{}}, buffers: [], channel: "shell" }};
  kernel.sendShellMessage({{ header, content, ...rest }}, false);
}}"""

RUN = f"""async (code) => {{
  {SOON}
  const future = ({KERNEL}).requestExecute({{ code }});
  let said = "";
  future.onIOPub = ({{ content }}) => (said += content.text ?? "");
  await soon(future.done, "execute");
  return said;
}}"""


def models(page: Page) -> dict[str, str]:
    """Return the ids of the first widget of each kind, by the name of its model."""
    found: dict[str, str] = {}
    for name, comm in page.evaluate(MODELS):
        found.setdefault(name, comm)
    return found


def update(page: Page, comm: str, state: dict[str, Any]) -> None:
    """Send a widget's kernel side a new state."""
    page.evaluate(UPDATE, [comm, state])


def run(page: Page, code: str) -> str:
    """Run code in the kernel, where a kernel takes code, and return what it prints."""
    return page.evaluate(RUN, code)

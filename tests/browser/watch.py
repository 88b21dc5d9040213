"""Pages that remember what a visitor would never be told: errors, and calls to other hosts."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebSocket

AT_HOME = ("127.0.0.1", "localhost")
OF_THE_PAGE = ("data", "blob", "about")

# Warnings of a kernel are errors too: they stand on stderr, in a stream of that name. Only stock
# Lab may knock: it looks for widgets in every new kernel, before one imports ipywidgets.
TROUBLE = re.compile(
    rb'"msg_type":\s*"error"'
    rb'|"msg_type":\s*"stream".*"name":\s*"stderr",\s*"text":\s*"(?!No such comm)',
    re.DOTALL,
)


@dataclass
class Watch:
    """Everything that went wrong in one browser context."""

    context: BrowserContext
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        on = self.context.on
        on("console", self._said)
        on("weberror", lambda error: self.problems.append(f"page error: {error.error}"))
        on("request", self._asked)
        on("requestfailed", self._failed)
        on("page", self._follow)

    def settle(self) -> list[str]:
        """Hear what is still under way, and return what went wrong since the last time."""
        for page in self.context.pages:
            page.evaluate("0")
        heard, self.problems[:] = list(self.problems), []
        return heard

    def close(self) -> None:
        """Close the pages; what they break off then is no fault."""
        heard = self.settle()
        self.context.close()
        self.problems[:] = heard

    def _follow(self, page: Page) -> None:
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        self._check(socket.url)
        socket.on("framereceived", self._received)

    def _received(self, frame: Any) -> None:
        content = frame if isinstance(frame, bytes) else frame.encode()
        if found := TROUBLE.search(content):
            self.problems.append(f"kernel: {content[found.start() :][:2000]!r}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} {message.location}")

    def _asked(self, request: Request) -> None:
        self._check(request.url)

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname not in AT_HOME and parts.scheme not in OF_THE_PAGE:
            self.problems.append(f"left the machine: {url}")

    def _failed(self, request: Request) -> None:
        # A closing page's last word to its server outlives it, and counts as broken off.
        if request.resource_type != "ping":
            self.problems.append(f"failed: {request.method} {request.url} {request.failure}")

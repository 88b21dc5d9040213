"""Small pieces that every part of the shell is made of."""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets


def button(text: str, on_click: Callable[[], object], *classes: str) -> ipywidgets.Button:
    """Return a button that calls ``on_click``."""
    made = ipywidgets.Button(description=text)
    made.on_click(lambda _button: on_click())
    return dressed(made, "deepdials-button", *classes)


def prose(text: str = "", *classes: str) -> ipywidgets.HTML:
    """Return a block of text; ``text`` is HTML."""
    return dressed(ipywidgets.HTML(text), *classes)


def row(*children: ipywidgets.Widget, classes: tuple[str, ...] = ()) -> ipywidgets.Box:
    """Return a row that wraps."""
    return dressed(ipywidgets.Box(children), "deepdials-row", *classes)


def dressed(widget: Any, *classes: str) -> Any:
    """Add CSS classes."""
    for name in classes:
        widget.add_class(name)
    return widget


def paragraphs(text: str) -> str:
    """Return plain text as HTML: a blank line parts paragraphs, "- " begins a list item."""
    return "".join(_block(block.strip()) for block in text.strip().split("\n\n"))


def _block(block: str) -> str:
    if not block.startswith("- "):
        return f"<p>{html.escape(block)}</p>"
    items = block[2:].split("\n- ")
    return "<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"

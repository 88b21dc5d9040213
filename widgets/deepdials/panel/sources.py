"""The NumPy behind a picture, and the papers: shown as they are."""

import html
import inspect
from collections.abc import Callable
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from deepdials.lesson import Sources


def shown(sources: Sources) -> str:
    """Return the source of the core functions and the list of papers, as HTML."""
    papers = "".join(f"<li>{html.escape(paper)}</li>" for paper in sources.papers)
    return "".join(map(_listing, sources.functions)) + f"<ul>{papers}</ul>"


def _listing(function: Callable[..., Any]) -> str:
    code = highlight(inspect.getsource(function), PythonLexer(), HtmlFormatter(nowrap=True))
    where = f"{function.__module__}.{function.__qualname__}"
    return f'<p><code>{where}</code></p><pre class="deepdials-code" tabindex="0">{code}</pre>'

"""A function with a few lines of its source changed, to run and to show.

Nothing is added to a result: wrong lines take the place of right ones in the source itself,
and what comes out is compiled and run. So the lines that a lesson shows are the ones that
made the numbers.

    run_changed(backward, (("dZ = A[L] - Y", "dZ = Y - A[L]"),))
"""

import __future__

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from types import FunctionType
from typing import Any, TypeAlias

# Right lines, stripped, and what stands there instead: one line, several (separated by
# newlines, indented from the right line's indent), or nothing.
Changes: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listing:
    """Lines of code to show, and which of them are wrong.

    Attributes
    ----------
    lines : tuple of str
        The body of the function, without docstring and validation.
    wrong : tuple of int
        Indices of the lines that are not in the right source. Where lines are only missing:
        the index of the line after which they should stand.
    """

    lines: tuple[str, ...]
    wrong: tuple[int, ...]


def run_changed(function: Callable[..., Any], changes: Changes) -> Any:
    """Compile the changed source of a function, in the namespace of its module.

    Parameters
    ----------
    function : callable
        A plain function of a module.
    changes : tuple of (str, str)
        Right lines, stripped, and what stands there instead: see `Changes`.

    Returns
    -------
    callable
        The function with the changes.

    Raises
    ------
    ValueError
        If a right line is not in the source exactly once.
    """
    assert isinstance(function, FunctionType)
    lines, _ = _rewrite(function, changes)
    name = function.__name__
    # A copy, so that the right function keeps its place in the module.
    namespace = dict(function.__globals__)
    # The names in the annotations exist for the type checker only.
    flags = __future__.annotations.compiler_flag
    exec(compile("\n".join(lines), f"<{name} with a bug>", "exec", flags), namespace)
    return namespace[name]


def list_changed(function: Callable[..., Any], changes: Changes) -> Listing:
    """List the changed body of a function, without docstring and validation.

    Parameters
    ----------
    function : callable
        A plain function of a module.
    changes : tuple of (str, str)
        Right lines, stripped, and what stands there instead: see `Changes`.

    Returns
    -------
    Listing

    Raises
    ------
    ValueError
        If a right line is not in the source exactly once.
    """
    lines, wrong = _rewrite(function, changes)
    shown = _body(lines)
    text = dedent("\n".join(lines[index] for index in shown))
    return Listing(tuple(text.split("\n")), tuple(shown.index(index) for index in wrong))


def _rewrite(function: Callable[..., Any], changes: Changes) -> tuple[list[str], list[int]]:
    """Change the source: its lines, and the indices of the wrong ones."""
    source = inspect.getsource(function).splitlines()
    _check_unique(source, changes)
    lines: list[str] = []
    wrong, gap = [], []
    for line in source:
        right = line.strip()
        new = dict(changes).get(right, right).splitlines()
        indent = line[: len(line) - len(line.lstrip())]
        if not new and right:
            gap = [len(lines) - 1]
        wrong += [len(lines) + k for k, each in enumerate(new) if each != right]
        lines += [indent + each for each in new]
    # A line that is missing beside a wrong one is not what the learner looks for.
    return lines, wrong or gap


def _check_unique(source: list[str], changes: Changes) -> None:
    stripped = [line.strip() for line in source]
    for right, _ in changes:
        if stripped.count(right) != 1:
            raise ValueError(
                f"{right!r} must be one line of the source, but is {stripped.count(right)}"
            )


def _body(lines: list[str]) -> list[int]:
    """Find the lines in the body that a learner should see: their indices."""
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    hidden = {
        line - 1
        for number, node in enumerate(tree.body)
        if (number == 0 and ast.get_docstring(tree) is not None) or ".check(" in ast.unparse(node)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return [index for index in range(tree.body[0].lineno - 1, len(lines)) if index not in hidden]

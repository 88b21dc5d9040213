"""The rules of the house that a linter does not know."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "widgets" / "deepdials"
# A module or folder may import only what stands before it.
ORDER = (
    *("core", "notation", "dials", "lesson", "style", "lessons"),
    *("panel", "clinic", "app", "server", "cli", "__init__", "__main__"),
)
PLAIN = ("notation", "dials", "lesson")
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if not {"share", "notebooks"} & {*path.parts}
)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def name_of(path: Path) -> str:
    return ".".join(("deepdials", *path.relative_to(PACKAGE).with_suffix("").parts))


def unit_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def from_base(path: Path, node: ast.ImportFrom) -> str:
    """Return the module that a `from` statement starts at, relative ones resolved."""
    above = name_of(path).split(".")[: -node.level or None] if node.level else []
    return ".".join([*above, *filter(None, [node.module])])


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = from_base(path, node)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def units_imported(path: Path) -> set[str]:
    """Return our own modules and folders that a file imports, without its own."""
    ours = (name.split(".") for name in imports(path) if name.split(".")[0] == "deepdials")
    units = {parts[1] if len(parts) > 1 else "__init__" for parts in ours}
    # `from deepdials import play` takes a name from the package itself.
    return {unit if unit in ORDER else "__init__" for unit in units} - {unit_of(path)}


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_imports_point_one_way(path: Path):
    unit = unit_of(path)
    assert unit in ORDER, f"give {unit} its place in ORDER"
    allowed = {*ORDER[: ORDER.index(unit)]} if unit != "core" else set()
    assert units_imported(path) <= allowed


@pytest.mark.parametrize("unit", PLAIN)
def test_a_lesson_is_plain_values(unit: str):
    roots = {name.split(".")[0] for name in imports(PACKAGE / f"{unit}.py")}
    assert roots - {"deepdials"} <= sys.stdlib_module_names
    assert units_imported(PACKAGE / f"{unit}.py") <= {*PLAIN}


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_core_needs_only_numpy():
    modules = [name_of(path).removesuffix(".__init__") for path in MODULES]
    core = [name for name in modules if name.startswith("deepdials.core")]
    run_python(f"""
import importlib, sys

class OnlyNumPy:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root not in ("numpy", "deepdials"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, OnlyNumPy())
for name in {core}:
    importlib.import_module(name)
""")


def test_the_package_is_lazy():
    heavy = {"numpy", "matplotlib", "ipywidgets", "anywidget", "IPython"}
    loaded = run_python("import sys, deepdials; print(*sys.modules)").split()
    assert heavy.isdisjoint(loaded)


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_no_global_figures(path: Path):
    banned = ("matplotlib.pyplot", "pylab", "matplotlib.pylab")
    assert not [
        name for name in imports(path) if f"{name}.".startswith(tuple(f"{b}." for b in banned))
    ]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, blank ones too, without decorators and docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - (docstring.end_lineno - docstring.lineno + 1)


def lengths() -> dict[str, int]:
    """Return the length of every function; an inner one counts in its outer one too."""
    return {
        f"{ids(path)}:{node.lineno} {node.name}": length(node)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, FUNCTION)
    }


def test_functions_are_short():
    assert median(lengths().values()) <= 8
    assert {name: lines for name, lines in lengths().items() if lines > 40} == {}


# Put together here, so that this file does not find itself.
LEFTOVERS = re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|\bXX" r"X\b")
BLANKET = re.compile(r"#\s*(noq" r"a(?!: ?[A-Z]+\d)|type: ?ignor" r"e(?!\[)|ruff: ?noq" r"a)")


def sources() -> Iterator[Path]:
    for folder in ("widgets", "tests", "binder", "docs"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".js", ".css", ".html", ".md", ".txt"}:
                yield path


@pytest.mark.parametrize("pattern", [LEFTOVERS, BLANKET], ids=["leftovers", "blanket"])
def test_nothing_is_left_for_later(pattern: re.Pattern[str]):
    texts = {ids(path): path.read_text(encoding="utf-8") for path in sources()}
    assert [name for name, text in texts.items() if pattern.search(text)] == []

"""Every notebook runs from top to bottom, and no error passes unseen, not even in a callback."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


class Strict(NotebookClient):
    """Keeps what a cell's output would hide: errors in callbacks, and everything on stderr."""

    def process_message(self, msg, cell, cell_index):
        self.troubles = getattr(self, "troubles", [])
        if msg["msg_type"] == "error" or msg["content"].get("name") == "stderr":
            self.troubles.append(msg["content"])
        return super().process_message(msg, cell, cell_index)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_it_runs_from_top_to_bottom(notebook):
    client = Strict(notebook, timeout=120, kernel_name="python3")
    client.execute()
    assert getattr(client, "troubles", []) == []


def test_it_is_saved_without_outputs(notebook):
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_a_lesson_in_a_cell_is_a_widget_and_a_picture_with_words():
    cell = nbformat.v4.new_code_cell('from deepdials import play\nplay("numerical-gradients")')
    executed = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), timeout=120).execute()
    (output,) = executed.cells[0].outputs
    assert {"application/vnd.jupyter.widget-view+json", "image/png"} <= set(output.data)
    assert "3.0301" in output.metadata["image/png"]["alt"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('play("numerical-gradients", epsilon=2)', "epsilon is 2; it takes a number from 1e-12"),
        ('play("numerical-gradients", lambd=1)', "'lambd' is not a dial of numerical-gradients"),
        ('play("nosuch")', "'nosuch' is not a lesson; there are"),
    ],
)
def test_a_wrong_call_is_one_clear_error_and_the_kernel_goes_on(call, words):
    sources = [f"from deepdials import play\n{call}", "print(6 * 7)"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    assert cells[0].outputs[-1].ename == "ValueError"
    assert words in cells[0].outputs[-1].evalue
    assert cells[1].outputs[0].text == "42\n"

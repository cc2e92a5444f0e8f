"""The notebooks are executed from top to bottom, in a kernel of this Python."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from places import ROOT

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsyncKernelManager]:
    """A kernel that is this Python, one for all notebooks: torch is imported once.

    What Jupyter writes is in a folder of the test.
    """
    here = tmp_path_factory.mktemp("jupyter")
    folder = here / "kernels/this"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    text = json.dumps({"argv": command, "display_name": "this", "language": "python"})
    (folder / "kernel.json").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(here))
        for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(here / name.lower()))
        manager = AsyncKernelManager(kernel_name="this")
        yield manager
        if manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)


def executed(path: Path, kernel: AsyncKernelManager, folder: Path) -> tuple[str, list[str]]:
    """All text that its cells print or show, and the kinds of what they show. Raises what a cell raises.

    It begins in `folder`, without a name that the notebook before it has left.
    """
    notebook = nbformat.read(path, 4)
    afresh = f"%reset -f\n__import__('os').chdir({str(folder)!r})"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(afresh))
    client = NotebookClient(notebook, timeout=300, km=kernel)
    try:
        client.execute()
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
    said, kinds = [], []
    for output in (each for cell in notebook.cells for each in cell.get("outputs", ())):
        said += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
        kinds += output.get("data", {})
    return "\n".join(said), kinds


def test_there_are_three() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["divergence", "own_data", "spikingjelly_dcls"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_holds_no_outputs_and_short_cells(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
            compile(cell.source, path.name, "exec")
        assert len(cell.source.splitlines()) <= 16
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for link in re.findall(r"\]\((\.\./[\w/.]+)", text):
        assert (path.parent / link).exists(), link


def test_own_data_are_trained_with(kernel, tmp_path) -> None:
    said, kinds = executed(ROOT / "docs/notebooks/own_data.ipynb", kernel, tmp_path)
    assert (
        "Bit-exact: torch = hwsim = oracle over " in said or "Bit-exact: torch = oracle = hwsim over " in said
    )
    assert kinds.count("application/vnd.plotly.v1+json") >= 2
    assert (tmp_path / "sweeps.loihi/report.html").exists()


def test_a_module_of_spikingjelly_and_dcls_is_brought(kernel, tmp_path) -> None:
    said, _ = executed(ROOT / "docs/notebooks/spikingjelly_dcls.ipynb", kernel, tmp_path)
    assert "Bit-exact: torch = hwsim = c over " in said
    assert re.search(r"hidden: \d+ spikes, equal in all 3840 places", said)


def test_a_divergence_is_found_and_named(kernel, tmp_path) -> None:
    said, kinds = executed(ROOT / "docs/notebooks/divergence.ipynb", kernel, tmp_path)
    assert "Bit-exact: torch = hwsim = c over " in said
    assert "NOT EQUAL: first divergence in c: " in said
    assert "expected" in said
    assert "text/html" in kinds

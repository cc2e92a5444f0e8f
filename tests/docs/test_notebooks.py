"""The notebooks are executed from top to bottom, in a kernel of this Python."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from places import ROOT

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


@pytest.fixture
def kernel(tmp_path, monkeypatch) -> str:
    """A kernel that is this Python; what Jupyter writes is in a folder of the test."""
    folder = tmp_path / "jupyter/kernels/this"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    text = json.dumps({"argv": command, "display_name": "this", "language": "python"})
    (folder / "kernel.json").write_text(text)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return "this"


def executed(path: Path, kernel: str, folder: Path) -> tuple[str, list[str]]:
    """All text that its cells print or show, and the kinds of what they show. Raises what a cell raises."""
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=300, kernel_name=kernel, resources=resources)
    client.execute()
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

"""What an export may replace: results of another artifact are lost only where that is asked for."""

import re
from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.errors import InputError
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_file

OPTIONS = ExportOptions(budget=False)
KEPT = "report-2026-11-29T09-30-00Z.json"


def contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@pytest.mark.parametrize("names", [("report.json", "report.html"), (KEPT,), ("place.json",)])
def test_an_export_that_is_not_equal_keeps_results(names, tmp_path: Path, monkeypatch) -> None:
    model, folder = saved(tiny_model(), tmp_path), tmp_path / "m.c"
    export_file(model, "c", folder, OPTIONS)
    for name in names:
        (folder / name).write_text("of the old one")
    before = contents(folder)
    export_file(model, "c", folder, OPTIONS)  # an equal one
    assert contents(folder) == before
    monkeypatch.setattr("snnc.exporter.artifact_writing.__version__", "0.0.1")
    told = f"{folder}: {' and '.join(names)} would be lost: this export is not equal to the artifact there"
    remedy = "; choose another name (-o), or replace it with --overwrite"
    with pytest.raises(InputError, match=f"^{re.escape(told + remedy)}$"):
        export_file(model, "c", folder, OPTIONS)
    assert contents(folder) == before
    export_file(model, "c", folder, OPTIONS, overwrite=True)
    assert not set(names) & set(contents(folder))


def test_files_that_would_be_others_are_named(tmp_path: Path, monkeypatch) -> None:
    model, folder = saved(tiny_model(), tmp_path), tmp_path / "m.c"
    export_file(model, "c", folder, OPTIONS)
    (folder / "report.json").write_text("of the old one")
    monkeypatch.setattr("snnc.io.budget_file.pack", lambda losses: {"budget.json": b"{}"})
    with pytest.raises(InputError, match=r"not equal to the artifact there \(budget\.json\); choose"):
        export_file(model, "c", folder, OPTIONS)


def test_what_has_no_results_is_replaced(tmp_path: Path, monkeypatch) -> None:
    model, folder = saved(tiny_model(), tmp_path), tmp_path / "m.c"
    export_file(model, "c", folder, OPTIONS)
    monkeypatch.setattr("snnc.exporter.artifact_writing.__version__", "0.0.1")
    assert export_file(model, "c", folder, OPTIONS).manifest["snnc_version"] == "0.0.1"

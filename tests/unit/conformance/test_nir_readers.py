"""The committed results of conformance/nir: whole, on the page, of the pinned versions, and true."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import nir
import numpy as np
import pytest
from places import ROOT
from script_modules import script

sys.path.insert(0, str(ROOT))  # the suite is no package that is installed
from conformance.nir import cells, environments, suite, table

CASES, READERS = suite.load(), cells.readers()
RESULTS = table.read_results()


def test_the_page_has_the_table_of_the_results() -> None:
    page = table.PAGE.read_text()
    assert page.split(table.HEAD)[1].split(table.FOOT)[0] == "\n" + table.text(RESULTS) + "\n"


def test_nobody_is_left_out() -> None:
    assert list(RESULTS["readers"]) == list(READERS)
    for found in RESULTS["readers"].values():
        assert found.get("absent") or list(found["cells"]) == list(CASES)


@pytest.mark.parametrize("name", [name for name in READERS if "environment" in READERS[name]])
def test_versions_are_those_of_the_lock(name: str) -> None:
    lock = (environments.REQUIREMENTS / f"{READERS[name]['environment']}.txt").read_text()
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    assert pins.items() >= RESULTS["readers"][name]["versions"].items()
    assert "".join(environments.parts(lock)).count("--hash") == lock.count("--hash=sha256:")


@pytest.mark.slow
def test_snnc_passes() -> None:
    found = cells.run_reader(READERS["snnc"], list(CASES.values()))["cells"]
    assert found == RESULTS["readers"]["snnc"]["cells"]
    for name, cell in found.items():
        decided = CASES[name].data["decides"]
        assert decided is None or cell == {"reading": decided}
    refused = [name for name, cell in found.items() if "reading" not in cell]
    assert refused == ["delay-between-steps"]


def test_every_kind_of_cell_is_told_apart() -> None:
    case = CASES["threshold"]
    assert cells.spikes_of([[0.0, 2.0], [1.0, 0.0]]) == [[1], [0, 0]]
    assert cells.spikes_of([[0.5, 0.0]]) is None
    line = {"case": "threshold", "output": [[0.0, 1.0], *[[0.0, 0.0]] * 3]}
    assert cells._cell(case, line) == {"reading": "above only"}
    assert cells._cell(case, {"output": [[0.0, 0.0], [0.0, 1.0], *[[0.0, 0.0]] * 2]}) == {
        "reading": "above only, one step late"
    }
    assert cells._cell(case, {"output": [[0.0, 0.0]] * 4}) == {"other": "spikes [[], []]"}
    assert cells._cell(case, {"output": [[1.25, 0.0]] * 4})["other"].startswith("values [[1.25")
    assert cells._cell(case, {"refused": "ValueError: no"}) == {"refused": "ValueError: no"}


HANGS = """
PACKAGES = ()
def run(file, spikes, dt):
    while True:
        try:
            pass
        except Exception:
            pass
"""
DIES = "import os\nPACKAGES = ()\ndef run(file, spikes, dt):\n    os._exit(3)\n"
RANDOM = "import random\nPACKAGES = ()\ndef run(file, spikes, dt):\n    raise ValueError(' a \\n b ')\n"


def inside(tmp_path, reader: str, seconds: str = "0.2") -> list[dict]:
    """What inside.py writes about a reader of one file, with a shorter limit."""
    script = (ROOT / "conformance/nir/inside.py").read_text()
    (tmp_path / "inside.py").write_text(script.replace("SECONDS = 30.0", f"SECONDS = {seconds}"))
    (tmp_path / "reader.py").write_text(reader)
    job = {"case": "threshold", "file": "", "dt": 1.0, "steps": 2, "spikes": [[1], [0]]}
    (tmp_path / "jobs").write_text(json.dumps([job, {**job, "case": "reset"}]))
    subprocess.run(
        [sys.executable, "inside.py", "reader.py", "jobs", "results"], cwd=tmp_path, check=False, timeout=60
    )
    return [json.loads(line) for line in (tmp_path / "results").read_text().splitlines()]


def test_a_reader_that_hangs_loses_its_case_alone(tmp_path) -> None:
    lines = inside(tmp_path, HANGS)
    assert [line.get("case") for line in lines if "failed" in line] == ["threshold", "reset"]
    assert lines[2]["failed"] == "no answer after 0.2 s of processor time"


def test_a_reader_that_dies_has_begun(tmp_path) -> None:
    assert inside(tmp_path, DIES)[-1] == {"begins": "threshold"}


def test_an_error_is_one_line(tmp_path) -> None:
    assert inside(tmp_path, RANDOM)[2] == {"case": "threshold", "refused": "ValueError: a b"}


CHANGES = "PACKAGES = ()\nruns = []\ndef run(file, spikes, dt):\n    runs.append(0)\n"


@pytest.mark.parametrize(
    "last", ["    return [len(runs) // 6, 0]\n", "    assert len(runs) != 4\n    return [0, 0]\n"]
)
def test_one_run_that_answers_otherwise_is_told(tmp_path, last: str) -> None:
    assert inside(tmp_path, CHANGES + last)[2] == {
        "case": "threshold",
        "varies": "another output from run to run",
    }


@pytest.mark.outside
@pytest.mark.slow
def test_a_cell_of_another_reader_is_reproduced() -> None:
    """snnTorch in its own environment: a reading, one that it ignores silently, and a refusal."""
    if not (os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS")):
        pytest.skip("neither UV_FIND_LINKS nor PIP_FIND_LINKS names torch's builds for CPUs")
    names = ["reset", "reset-value", "delay-of-line"]
    found = cells.run_reader(READERS["snnTorch"], [CASES[name] for name in names])
    assert found["cells"] == {name: RESULTS["readers"]["snnTorch"]["cells"][name] for name in names}
    assert found["cells"]["reset"] == {"reading": "to zero"}
    assert found["cells"]["reset-value"] == {"reading": "ignored"}
    assert "Delay" in found["cells"]["delay-of-line"]["refused"]


def test_a_new_column_leaves_the_others(tmp_path, monkeypatch) -> None:
    page, results = tmp_path / "page.md", tmp_path / "results.json"
    page.write_text(f"before\n{table.HEAD}the table before\n{table.FOOT}after\n")
    monkeypatch.setattr(table, "PAGE", page)
    monkeypatch.setattr(table, "RESULTS", results)
    save = script("nir_conformance").save
    save("Norse", {"date": "2026-11-28", "absent": "no wheel", "versions": {}, "cells": {}})
    save("snnc", {**RESULTS["readers"]["snnc"], "date": "2026-11-27"})
    found = json.loads(results.read_text())["readers"]
    assert list(found) == ["snnc", "Norse"]
    assert found["snnc"]["cells"] == RESULTS["readers"]["snnc"]["cells"]
    assert page.read_text().startswith("before\n")
    assert page.read_text().endswith("after\n")
    assert "the table before" not in page.read_text()
    assert "**Not run:** no wheel." in page.read_text()


def test_a_reader_that_does_not_run_here_keeps_its_column(tmp_path, monkeypatch, capsys) -> None:
    results = tmp_path / "results.json"
    results.write_text(table.RESULTS.read_text())
    monkeypatch.setattr(table, "RESULTS", results)
    monkeypatch.setattr(sys, "argv", ["nir_conformance.py", "--reader", "Norse"])
    monkeypatch.setattr(cells, "run_reader", lambda *_: {"absent": "no index", "versions": {}, "cells": {}})
    with pytest.raises(SystemExit) as ended:
        script("nir_conformance").main()
    assert ended.value.code == 2
    assert "not run here, so what is known of them stays: Norse" in capsys.readouterr().err
    assert json.loads(results.read_text()) == RESULTS


def test_the_suite_as_files_for_others(tmp_path) -> None:
    script("nir_conformance").write_files(tmp_path / "new", CASES, 0.001, "one", "Affine")
    assert {path.stem for path in (tmp_path / "new").glob("*.nir")} == set(CASES)
    graph = nir.read(tmp_path / "new/delay-of-line.nir")
    np.testing.assert_array_equal(graph.nodes["delay"].delay, np.float32([0.003]))
    np.testing.assert_array_equal(graph.nodes["w"].weight, [[3.0]])  # 1.5 times tau / dt, for r = 1
    np.testing.assert_array_equal(graph.nodes["lif"].r, [1.0])
    data = json.loads((tmp_path / "new/delay-of-line.json").read_text())
    assert data["dt"] == 0.001
    assert data["readings"]["dropped, one step late"] == [[1, 7]]
    assert json.loads((tmp_path / "new/time-step.json").read_text())["dt"] == 2**-10

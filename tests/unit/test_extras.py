"""`snnc.extras`: what lacks a package says in a line what to install, with exit code 2; all else works."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from models import tiny_model
from packaging.requirements import Requirement
from places import ROOT

import snnc
from snnc.cli import main
from snnc.errors import NotInstalledError
from snnc.extras import EXTRAS, lacking, need, not_installed
from snnc.targets.locked import find_uv
from snnc.verification import doctor

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As `pip install snnc` leaves it: without the packages of extras, and nothing on PATH."""
    for packages in EXTRAS.values():
        for name in packages:
            monkeypatch.setitem(sys.modules, name, None)  # importing it fails
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("SNNC_LAVA_PYTHON", "SNNC_PYNN_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def names(requirements: list[str]) -> set[str]:
    return {Requirement(text).name for text in requirements}


def test_the_table_is_that_of_the_package() -> None:
    optional = PROJECT["optional-dependencies"]
    for extra, packages in EXTRAS.items():
        assert names(optional[extra]) == set(packages)
        assert not names(PROJECT["dependencies"]) & set(packages)
    assert Requirement(optional["demo"][0]).extras == set(EXTRAS)
    assert "demo" in Requirement(optional["all"][0]).extras
    assert "snnc[demo]" in optional["dev"]


def test_what_is_absent_is_named_with_its_remedy(plain: Path) -> None:
    assert lacking("report") == "needs plotly, not installed here; install it: pip install 'snnc[report]'"
    assert "needs onnx and onnxruntime, not" in str(lacking("onnx"))
    assert "needs onnx, not" in str(lacking("onnx", "onnx"))
    with pytest.raises(NotInstalledError, match=r"^that needs uv, .*: pip install 'snnc\[lava\]'$"):
        need("lava", "that")
    error = ModuleNotFoundError(name="plotly.graph_objects")
    assert "pip install 'snnc[report]'" in str(not_installed(error))
    assert not_installed(ModuleNotFoundError(name="other")) is None


def test_what_is_there_is_not_missed() -> None:
    assert [lacking(extra) for extra in EXTRAS] == [None] * len(EXTRAS)
    assert not_installed(ImportError(name="onnx")) is None  # broken, not absent


def test_uv_of_path_is_taken_without_its_package(plain: Path) -> None:
    assert find_uv() is None
    program = plain / "bin" / "uv"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_uv() == str(program)


def test_an_export_to_onnx_is_refused_in_a_line(
    plain: Path, tiny_artifact: Path, refused: Callable[..., str]
) -> None:
    out = plain / "out"
    said = refused("export", str(tiny_artifact / "source.pt"), "-t", "onnx", "-o", str(out))
    assert said.splitlines() == [
        "snnc: target onnx: needs onnx, not installed here; install it: pip install 'snnc[onnx]'"
    ]
    assert not out.exists()


def test_a_look_into_an_onnx_file_is_refused_in_a_line(plain: Path, refused: Callable[..., str]) -> None:
    (plain / "net.onnx").write_bytes(b"\x08\x08")
    assert refused("inspect", str(plain / "net.onnx")).endswith("install it: pip install 'snnc[onnx]'\n")
    (plain / "net.txt").write_bytes(b"\x08\x08")
    assert "of no kind that snnc knows" in refused("inspect", str(plain / "net.txt"))


def test_an_import_that_nobody_foresaw_is_told_in_a_line(
    plain: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    def imports(*_: object) -> None:
        import plotly.missing  # noqa: F401

    monkeypatch.setattr("snnc.cli.verify.verify_artifact", imports)
    said = refused("verify", str(plain))
    assert said == "snnc: this needs plotly, not installed here; install it: pip install 'snnc[report]'\n"


def test_verify_skips_with_the_reason_and_its_page_needs_no_plotly(
    plain: Path, tiny_artifact: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["verify", str(tiny_artifact), "--dataset", "none", "--generated", "2"]
    assert main([*words, "--allow-missing"]) == 0
    said = capsys.readouterr().out
    assert "snnc[report]" not in said
    rows = json.loads((tiny_artifact / "report.json").read_text())["executors"]
    skipped = {row["name"]: row["skipped"] for row in rows if row["skipped"]}
    assert skipped["onnxruntime"].endswith("install it: pip install 'snnc[onnx]'")
    assert "install it: pip install 'snnc[lava]'" in skipped["lava-stock"]
    assert not {"torch", "oracle", "hwsim"} & set(skipped)
    page = (tiny_artifact / "report.html").read_text()
    assert "snnc[report]" not in page
    assert 'class="plot"' in page
    assert len(page) < 500_000  # plotly.js alone has ten times as much
    assert main(words) == 2  # the target's own program did not run
    assert main([*words, "--executors", "onnxruntime"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_page_with_plotly_has_its_charts(tiny_artifact: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["verify", str(tiny_artifact), "--dataset", "none", "--generated", "2", "--executors", "hwsim"]
    assert main(words) == 0
    assert "pip install" not in capsys.readouterr().out
    assert "pip install" not in (tiny_artifact / "report.html").read_text()


def test_doctor_names_each(plain: Path) -> None:
    found = {check.name: check for check in (*doctor.extras(), *doctor.lava(), doctor.pynn())}
    for name, extra in (("extra report", "report"), ("extra onnx", "onnx"), ("uv", "lava")):
        assert found[name].remedy == f"install it: pip install 'snnc[{extra}]'"
    assert {check.state for check in found.values()} == {doctor.State.MISSING, doctor.State.NOTE}
    executors = {check.name: check.found for check in doctor.executor_checks(None)}
    assert executors["executor hwsim"] == "can run"
    for name, extra in (("onnxruntime", "onnx"), ("lava-stock", "lava"), ("pynn-nest", "lava")):
        assert f"pip install 'snnc[{extra}]'" in executors[f"executor {name}"]


def test_pictures_are_told_in_words(plain: Path) -> None:
    network = snnc.Network(tiny_model(), "tiny")
    picture = network.plot_weights()
    shown = picture._repr_html_()
    assert "pip install &#x27;snnc[report]&#x27;" in shown
    assert picture.alternative.split()[0] in shown
    assert set(picture._repr_mimebundle_()) == {"text/plain", "text/html"}
    with pytest.raises(NotInstalledError, match=r"a figure needs plotly.*snnc\[report\]"):
        _ = picture.figures
    with pytest.raises(NotInstalledError, match=r"a page of figures needs plotly"):
        picture.save(plain / "weights.html")
    assert not (plain / "weights.html").exists()
    network.plot_network().save(plain / "network.html")  # a drawing of our own


@pytest.mark.parametrize("installed", [False, True])
def test_the_demo_says_what_it_leaves_out(
    installed: bool,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without Lava it ends with 0 all the same, as it said before that Loihi's program does not run."""
    if not installed:
        request.getfixturevalue("plain")
    else:
        monkeypatch.setattr("snnc.targets.loihi.interpreter.unavailable_reason", lambda: None)
    asked = []

    def verified(path: Path, options: object, *, following: bool) -> object:
        asked.append(options)
        return SimpleNamespace(executors=(), golden_reproduced=True, trusted=True)

    monkeypatch.setattr("snnc.cli.train.train_model", lambda *_, **__: None)
    monkeypatch.setattr("snnc.cli.export_model.export_model", lambda *_, **__: None)
    monkeypatch.setattr("snnc.cli.verification.verify_artifact", verified)
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    said = capsys.readouterr().out.split("1/3  train")[0]
    assert asked[0].allow_missing is not installed
    left_out = re.findall(r"left out: ([^:]+): .*pip install 'snnc\[(\w+)\]'", said)
    assert left_out == (
        []
        if installed
        else [
            ("the executors of ONNX", "onnx"),
            ("Lava, so that Loihi's own program is not run", "lava"),
        ]
    )
    assert ("for the whole demo: pip install 'snnc[demo]'" in said) is not installed


def test_nothing_here_depends_on_what_this_machine_has(plain: Path) -> None:
    assert os.environ["PATH"] == str(plain / "bin")
    assert all(lacking(extra) for extra in EXTRAS)

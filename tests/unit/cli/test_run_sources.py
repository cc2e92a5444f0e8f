"""`snnc run --input FOLDER`: sources of training are known again where new paths are of another layout."""

from __future__ import annotations

from functools import partial

import pytest
from sound_network import export_sound, rows
from wav_files import write

from snnc.cli import main
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a network with data that say `more`, of the classes ok and worn, on such files: what it prints."""
    monkeypatch.chdir(tmp_path)
    make = partial(export_sound, tmp_path)

    def ran(names, **more):
        make({"encoder": settings_of(Cochlea()), **more}, ("ok", "worn", "off"))
        for number, name in enumerate(names):
            write(tmp_path / "new" / name, 300 + 400 * number, seconds=0.02)
        capsys.readouterr()
        assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
        return " ".join(capsys.readouterr().out.split())

    return ran


@pytest.mark.parametrize(
    ("form", "layout"),
    [
        ("{site}_{machine}_{kind}_3.wav", "{speaker}_{speaker}_{class}_{}"),
        ("{kind}/{site}/{machine}/3.wav", "{class}/{speaker}/{speaker}/{}"),
        ("{kind}/{site}_{machine}_3.wav", "{class}/{speaker}_{speaker}_{}"),
    ],
)
def test_sources_of_two_parts_are_known(run, tmp_path, form, layout):
    """Two of the four recordings are of a machine that trained, the others of one at a site that did."""
    which = [(machine, kind) for machine in ("mach2", "mach9") for kind in ("ok", "worn")]
    names = [form.format(site="site1", machine=machine, kind=kind) for machine, kind in which]
    layout_of_training = "{speaker}/{speaker}/{class}/{}"
    out = run(names, sources=["site1/mach2", "site2/mach2"], layout=layout_of_training)
    assert f"read as {layout}" in out
    assert "; but 2 are of sources that did, by name (field `speaker`: site1/mach2), so accuracy says" in out
    assert {row["speaker"]: row["label"] for row in rows(tmp_path / "new.csv")} == {
        "site1/mach2": "worn",
        "site1/mach9": "worn",
    }


def test_one_text_may_be_the_parts_of_a_source(run):
    out = run(["site1_mach2/ok/1.wav", "site1_mach9/worn/1.wav"], sources=["site1/mach2", "site2/mach2"])
    assert "; but 1 is of sources that did, by name (field `speaker`: site1_mach2), so accuracy says" in out


def test_what_is_read_as_the_source_below_a_class_is_named(run):
    names = ["ok/hall/mach1/1.wav", "worn/hall/mach1/1.wav", "ok/yard/mach1/1.wav"]
    out = run(names)
    assert "note: labels are the names of the folders: ok, worn " in out
    note = "sources (field `speaker`) are those that names of folders and files tell, read as"
    assert f"note: {note} {{class}}/{{speaker}}/{{}}: hall, yard " in out

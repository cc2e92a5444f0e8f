"""A command that is named in the place of the one that was typed keeps the options of that, and runs."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from order_task import order_task

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.trainer.data import save_events_npz


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a model, `model.pt`, and samples of it, `s.npz`."""
    monkeypatch.chdir(tmp_path)
    saved(tiny_model(), tmp_path).rename("model.pt")
    spikes = np.random.default_rng(1).random((9, 12, 5)) < 0.3
    np.savez("s.npz", spikes=spikes.astype(np.uint8), labels=np.arange(9) % 3)
    return tmp_path


def _named(said: str) -> str:
    return said.partition("For this file: ")[2].splitlines()[0]


def _run(line: str) -> None:
    for command in line.partition("  #")[0].split(" && "):
        assert main(shlex.split(command)[1:]) == 0


@pytest.mark.parametrize(
    ("typed", "export", "options"),
    [
        ("verify MODEL --dataset s.npz", "-t c", "verify model.c --dataset s.npz"),
        (
            "verify MODEL -i s.npz --dataset none --samples 3 --generated 0 --executors oracle,onnx -q",
            "-t onnx",
            "verify model.onnx --samples 3 --dataset none --input s.npz --generated 0 "
            "--executors oracle,onnx -q",
        ),
        ("verify MODEL --dataset none --generated 0 --json", "", "verify model.c --dataset none "
         "--generated 0 --json -"),
        ("run MODEL -i s.npz --step --sample 2", "-t c", "run model.c --input s.npz --step --sample 2"),
        ("run MODEL -i s.npz -e onnx --rows 2", "-t onnx", "run model.onnx --input s.npz --executor onnx "
         "--rows 2"),
        ("chip MODEL -i s.npz --costs loihi1", "-t loihi", "chip model.loihi --input s.npz --costs loihi1"),
        ("chip MODEL -i s.npz -q", "-t fpga", "chip model.fpga --input s.npz -q"),
    ],
)  # fmt: skip
def test_on_an_export_of_a_model(typed, export, options, here, refused, monkeypatch):
    """On one that is there, and on one that is yet to be made."""
    monkeypatch.setattr("sys.stdin.read", lambda *_: "", raising=False)
    words = typed.replace("MODEL", "model.pt").split()
    first = _named(refused(*words))
    target = options.split()[1].partition(".")[2]
    if export != "-t fpga":  # without an export, of loihi
        assert first == f"snnc export model.pt --target {target} && snnc {options}"
        if "--step" not in words:
            _run(first)
            return
    assert main(["export", "model.pt", *shlex.split(export or "-t c")]) == 0
    assert _named(refused(*words)) == f"snnc {options}"


def test_data_that_the_export_needs_are_given_to_both(here, refused):
    """Where the data of training are not here, recordings to measure on are; nothing else is."""
    save_events_npz(order_task(40), here / "few.npz")
    hidden, readout = (model := tiny_model()).layers
    layers = (
        replace(hidden, weight=np.ones((6, 6)), position=np.zeros((6, 6))),
        replace(readout, weight=np.ones((2, 6)), position=np.zeros((2, 6))),
    )
    model = replace(model, layers=layers, dataset="gone.npz", class_names=("rising", "falling"))
    saved(model, here).rename("model.pt")
    assert _named(refused("verify", "model.pt", "--dataset", "none")).startswith(
        "snnc export model.pt --target c && snnc verify model.c --dataset none"
    )
    line = _named(refused("verify", "model.pt", "--dataset", "few.npz", "--samples", 2))
    verify = "snnc verify model.c --samples 2 --dataset few.npz"
    assert line == f"snnc export model.pt --target c --dataset few.npz && {verify}"
    _run(line)


def test_of_a_model_alone_any_target_may_be_chosen(here, refused):
    assert _named(refused("verify", "model.pt")) == "snnc export model.pt --target c  # or loihi, fpga"


def test_what_is_placed(here, refused):
    typed, named = ("--mhz", 70, "--seed", 2), "--mhz 70.0 --seed 2"
    made = "snnc export model.pt --target fpga --board ulx3s --lanes 16 -o model-ulx3s.fpga"
    assert _named(refused("place", "model.pt", *typed)) == f"{made} && snnc place model-ulx3s.fpga {named}"
    assert main(["export", "model.pt", "-t", "fpga", "--lanes", "4"]) == 0
    source = Path("model.fpga", "source.pt")
    said = refused("place", "model.fpga", *typed).partition("again: ")[2].strip()
    again = f"snnc export {source} --target fpga --board ulx3s --lanes 4 -o model-ulx3s.fpga"
    assert said == f"{again} && snnc place model-ulx3s.fpga {named}"
    _run(again)
    assert f"for one: snnc place model-ulx3s.fpga {named}\n" in refused("place", "model.fpga", *typed)


def test_an_export_of_an_artifact(here, refused):
    """Options that read networks of others are left out, where it was made from a model file."""
    assert main(["export", "model.pt", "-t", "c", "--weight-bits", "4"]) == 0
    words = ("-t", "onnx", "-o", "b", "--dataset", "s.npz", "--dt", 0.1, "--nir-delays", "metadata", "-q")
    line = refused("export", "model.c", *words).strip().partition("another target: ")[2]
    assert line == (
        f"snnc export {Path('model.c', 'source.pt')} --weight-bits 4 --nir-delays metadata --target onnx "
        "--output b --dataset s.npz -q"
    )
    _run(line)
    options = read_artifact(Path("b")).manifest["provenance"]["options"]
    assert (options["weight_bits"], options["delays_in_metadata"]) == (4, True)


def test_on_an_export_of_a_network_that_is_no_model(here, refused):
    """Its recordings are samples of the user's: no parts of data are known."""
    assert main(["export", "model.pt", "-t", "c", "-o", "a.c"]) == 0
    Path("own.nir").write_bytes(Path("a.c", "graph.nir").read_bytes())
    alone = "snnc export own.nir --target {0}"
    assert _named(refused("verify", "own.nir")) == f"{alone.format('c')}  # or loihi, fpga"
    for words, named in (
        ("verify own.nir --dataset s.npz", f"{alone.format('c')} && snnc verify own.c --input s.npz"),
        ("chip own.nir -i s.npz", f"{alone.format('loihi')} && snnc chip own.loihi --input s.npz"),
    ):
        assert _named(refused(*words.split())) == named
        _run(named)
    assert _named(refused("verify", "own.nir", "--dataset", "s.npz")) == "snnc verify own.c --input s.npz"
    assert _named(refused("verify", "own.nir", "--dataset", "none")) == "snnc verify own.c --dataset none"


def test_on_the_artifact_of_a_file_in_it(here, refused):
    assert main(["export", "model.pt", "-t", "c", "-o", "a.c"]) == 0
    for file, folder in (("graph.nir", Path("a.c")), ("main.c", here.resolve() / "a.c")):
        named = _named(refused("run", f"a.c/{file}", "-i", "s.npz", "--rows", 2))
        assert named == f"snnc run {folder} --input s.npz --rows 2"
        _run(named)
        assert _named(refused("chip", f"a.c/{file}", "-i", "s.npz")) == f"snnc verify {folder}"

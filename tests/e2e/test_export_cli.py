"""`snnc export` on bad input: one clear message, exit code 2, nothing written or replaced."""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from models import ON_GOLDEN, Hostile, digits_model, exported, saved, tiny_model

from snnc.cli import main
from snnc.exporter.artifact import GRAPH, RESULTS, read_artifact
from snnc.exporter.manifest import MANIFEST


def test_export_of_a_missing_file(refused, tmp_path):
    assert "no such file" in refused("export", tmp_path / "none.pt", "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_export_to_an_unknown_target(refused, tmp_path):
    message = refused("export", saved(tiny_model(), tmp_path), "--target", "abacus", "-o", tmp_path / "out")
    assert "target 'abacus' is unknown; there are " in message


def test_a_delay_of_63(refused, tmp_path):
    # T_d = 65, so half = 32; P = -31 is delay 64 - (32 - 31) = 63.
    model = saved(tiny_model(kernel_size=65, position=-31), tmp_path)
    message = refused("export", model, "-o", tmp_path / "out")
    assert "hidden1, synapse 0 -> 0: the delay is 63 steps, the limit is 62" in message
    assert os.listdir(tmp_path) == ["model.pt"]


def test_a_delay_of_62_passes(tmp_path):
    model = saved(tiny_model(kernel_size=65, position=-30), tmp_path)
    assert main(["export", str(model), "-o", str(tmp_path / "out")]) == 0
    assert read_artifact(tmp_path / "out").graph.layers[0].max_delay == 62


@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_hostile_pickle(refused, tmp_path, writer):
    model, proof = tmp_path / "model.pt", tmp_path / "executed"
    if writer == "pickle":
        model.write_bytes(pickle.dumps(Hostile(proof)))
    else:
        torch.save({"format": "snnc-model", "layers": Hostile(proof)}, model)
    words = {"pickle": "Python objects (pickle), which snnc never loads", "torch": "not a model file"}
    assert words[writer] in refused("export", model, "-o", tmp_path / "out")
    assert not proof.exists()
    assert os.listdir(tmp_path) == ["model.pt"]


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_a_truncated_model(refused, tmp_path, keep):
    model = saved(tiny_model(), tmp_path)
    model.write_bytes(model.read_bytes()[:keep])
    refused("export", model, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_export_never_replaces_a_stranger(refused, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out")
    assert "was not written by snnc" in message
    assert (tmp_path / "out" / "thesis.tex").read_text() == "years of work"


def test_a_place_that_is_taken_is_named_before_the_work(refused, tmp_path):
    """Nothing is read: the file is no model, and the message is about the folder."""
    (tmp_path / "none.pt").write_text("no model")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    assert "was not written by snnc" in refused("export", tmp_path / "none.pt", "-o", tmp_path / "out")


def test_a_file_where_the_passes_would_go(refused, tmp_path):
    (tmp_path / "out.passes").touch()
    said = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out", "--dump-after", "prune")
    assert "--dump-after: " in said
    assert "out.passes cannot be made (File exists)" in said
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_model(refused, tiny_artifact, tmp_path):
    said = refused("export", tiny_artifact, "-o", tmp_path / "out")
    assert "tiny.loihi: artifact of snnc" in said
    assert (
        "`snnc export` takes a model file of `snnc train` or a NIR file or a network of lava-dl (.net) here"
        in said
    )


def test_export_never_replaces_another_programs_folder(refused, tmp_path):
    """A web application has a manifest.json too."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"name": "my application"}')
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out")
    assert "was not written by snnc" in message
    assert (tmp_path / "out" / "manifest.json").exists()


def test_export_never_deletes_what_a_user_put_into_an_artifact(refused, tiny_artifact, tmp_path):
    (tiny_artifact / "my_trace.npz").write_bytes(b"measured")
    message = refused("export", saved(tiny_model(), tmp_path), "-o", tiny_artifact)
    assert "also holds 'my_trace.npz'" in message
    assert (tiny_artifact / "my_trace.npz").read_bytes() == b"measured"


def test_export_replaces_an_artifact_whole(tiny_artifact, tmp_path, capsys):
    (tiny_artifact / "report.json").write_text("of the old one")
    model = saved(tiny_model(position=-1), tmp_path)
    assert main(["export", str(model), "-o", str(tiny_artifact), "--overwrite"]) == 0
    assert not (tiny_artifact / "report.json").exists()
    assert "replaced another artifact, whose report.json is gone; verify" in " ".join(
        capsys.readouterr().out.split()
    )
    assert sorted(os.listdir(tmp_path)) == ["model.pt", "tiny.loihi"]


def test_an_equal_artifact_keeps_its_reports(tmp_path, capsys):
    model, out = saved(tiny_model(), tmp_path), tmp_path / "out"
    export = ["export", str(model), "-o", str(out)]
    assert main(export) == 0
    for name in RESULTS:
        (out / name).write_text("of this one")
    assert main(export) == 0
    assert [(out / name).read_text() for name in RESULTS] == ["of this one"] * len(RESULTS)
    (out / GRAPH).write_bytes(b"damaged")
    capsys.readouterr()
    assert main(export) == 0
    assert read_artifact(out)
    assert not any((out / name).exists() for name in RESULTS)
    assert "report.json, report.html and place.json are gone" in " ".join(capsys.readouterr().out.split())


def test_a_failed_export_leaves_the_old_artifact(refused, tiny_artifact, tmp_path):
    before = (tiny_artifact / MANIFEST).read_bytes()
    refused("export", saved(tiny_model(kernel_size=65, position=-31), tmp_path), "-o", tiny_artifact)
    assert (tiny_artifact / MANIFEST).read_bytes() == before


def test_range_proof_and_the_flag_that_allows_saturation(refused, tmp_path, capsys):
    # 1100 inputs of the same weight, 127: u can reach 1100 * 127 * 64 = 8940800 > 2^23.
    model = tiny_model()
    wide = np.ones((6, 1100), np.float32)
    hidden = replace(model.layers[0], weight=wide, position=np.zeros_like(wide), batch_norm=None)
    path, out = saved(replace(model, layers=(hidden, model.layers[1])), tmp_path), tmp_path / "out"
    message = refused("export", path, "-o", out)
    assert "hidden1, neuron 0: u can reach 8940800, the limit is 8388608" in message
    # 127 * 240 / 256 is rounded to 119, and 119 * 1100 * 64 = 8377600; with 241, 120 gives 8448000.
    assert "times 0.938 pass, as with --weight-bits 7,8 (fewer bits may cost accuracy, " in message
    assert main(["export", str(path), "-o", str(out), "--weight-bits", "7,8"]) == 0
    # v reaches 63 * 1100 * 64 and half of the threshold, 63 << 6: log2((2^23 - 1) / 4437216) = 0.9188.
    assert "proved free of overflow for every input, with 0.91 bits of headroom" in capsys.readouterr().out
    assert main(["export", str(path), "-o", str(out), "--allow-saturation", "--overwrite"]) == 0
    assert capsys.readouterr().out.startswith(f"! EXPORTED   {out} for loihi, not proved: MAY SATURATE; ")
    assert read_artifact(out).manifest["provenance"]["overflow_proved"] is False
    assert main(["verify", str(out), *ON_GOLDEN, "--executors", "oracle,hwsim"]) == 0
    report = json.loads((out / "report.json").read_text())
    counts = {result["name"]: result["saturations"] for result in report["executors"]}
    assert counts["torch"] == counts["oracle"] == counts["hwsim"] > 0


def test_export_is_repeatable(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        exported(digits_model(), tmp_path / name)
    one, two = (tmp_path / name / "model.loihi" for name in ("one", "two"))
    for path in sorted(p for p in one.rglob("*") if p.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path


def test_export_of_a_folder(refused):
    assert "`snnc export` takes a model file of `snnc train`" in refused("export", ".")

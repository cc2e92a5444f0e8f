"""A network file of lava-dl on the command line, from `inspect` to `run`."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pytest
from lava_dl_files import as_file, conv, cuba, dense
from lava_dl_loop import run

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

pytestmark = pytest.mark.slow

STEPS = 9
RNG = np.random.default_rng(5)
LAYERS = [
    {"type": b"input", "shape": [1, 4, 5], "neuron": cuba(vThMant=60, vDecay=900), "weight": 40, "bias": 3},
    conv(RNG.integers(-20, 60, (2, 1, 3, 2)) * 2, [2, 2, 4], cuba(vThMant=40, iDecay=2000), delay=[1, 2]),
    {"type": b"flatten", "shape": [16, 1, 1]},
    dense(RNG.integers(-60, 90, (3, 16)), cuba(vThMant=50), bias=[3.0, 0.0, 1.0]),
]


@pytest.fixture
def net(tmp_path):
    path = tmp_path / "old.net"
    path.write_bytes(as_file(LAYERS))
    return path


def test_from_inspect_to_run(net, tmp_path, capsys, refused):
    assert main(["inspect", str(net)]) == 0
    (line,) = [each for each in capsys.readouterr().out.splitlines() if each.startswith("next: ")]
    words = shlex.split(line.removeprefix("next: snnc ").replace(" N", f" {STEPS}"))
    assert "--payload-max" in words
    folder = tmp_path / "folder"
    assert "pass --time-steps N" in refused("export", net)
    assert "holds integers, which stay as they are" in refused(*words, "--weight-bits", "4")
    assert main([*words, "-o", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "imported: input events are 40 * x + 3 in whole numbers 0 .. 255, the same in every step" in said
    assert "imported: a step counts as 1 ms" in said
    assert "--integration" not in said  # which is for NIR files alone
    artifact = read_artifact(folder)
    assert artifact.carried["source.net"] == net.read_bytes()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["provenance"]["imported"]["decoder"] == "count"
    assert main([*words, "-o", str(folder)]) == 0  # the same again
    other = ["254" if word == "255" else word for word in words]
    assert "is the export of another network" in refused(*other, "-o", folder)
    images = RNG.integers(0, 256, (3, 1, 20)).repeat(STEPS, axis=1).astype(np.uint8)
    np.savez(tmp_path / "images.npz", spikes=images)
    trace = tmp_path / "trace.npz"
    run_it = ["run", str(folder), "-i", str(tmp_path / "images.npz"), "-e", "hwsim"]
    assert main([*run_it, "-o", str(trace)]) == 0
    with np.load(trace) as found:
        for sample, image in enumerate(images):
            np.testing.assert_array_equal(found["s_2"][sample], run(LAYERS, image)[3][2])


def test_check_and_targets_take_it(net, capsys):
    told = ["--time-steps", str(STEPS)]
    assert main(["check", str(net), "--target", "c", "--payload-max", "255", *told]) == 0
    assert "fits" in capsys.readouterr().out

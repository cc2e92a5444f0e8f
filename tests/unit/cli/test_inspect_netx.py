"""What `snnc inspect` says of a network of lava-dl."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from snnc.cli import main


def netx_file(path: Path) -> None:
    """As lava-dl writes one, with an input layer whose weight is one number."""
    with h5py.File(path, "w") as file:
        layers = {
            "0": {"type": [b"input"], "shape": [3, 16, 16], "weight": np.float32(40), "bias": np.float32(36)},
            "1": {"type": [b"conv"], "shape": [4, 7, 7], "weight": np.zeros((4, 3, 3, 3), np.float32)},
            "2": {"type": [b"flatten"], "shape": [1, 1, 196]},
            "10": {
                "type": [b"dense"],
                "shape": [5],
                "inFeatures": 196,
                "outFeatures": 5,
                "weight": np.zeros(196),
            },
        }
        for number, fields in layers.items():
            for name, value in fields.items():
                file[f"layer/{number}/{name}"] = value
            if number != "2":
                file[f"layer/{number}/neuron/type"] = "LOIHI"
                file[f"layer/{number}/neuron/vThMant"] = 25


def test_a_network_of_lava_dl_is_no_damaged_file(tmp_path, capsys, refused):
    netx_file(tmp_path / "net.net")
    assert main(["inspect", str(tmp_path / "net.net")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:5] == [
        "layer 0: input, output 3x16x16, LOIHI vThMant 25",
        "layer 1: conv, weight 4x3x3x3, output 4x7x7, LOIHI vThMant 25",
        "layer 2: flatten, output 1x1x196",
        "layer 10: dense, 196 -> 5 neurons, LOIHI vThMant 25",
    ]
    assert lines[5] == "export: refused: has 4 layers, one of which is called '10'; number them from 0"
    assert not any(line.startswith("next: ") for line in lines)
    with h5py.File(tmp_path / "net.net", "a") as file:
        del file["layer/1/type"]
    assert "layer 1: does not say its type" in refused("inspect", tmp_path / "net.net")

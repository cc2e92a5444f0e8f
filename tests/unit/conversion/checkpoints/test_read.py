"""What `from_checkpoint` refuses before any work is looked at."""

from __future__ import annotations

import pickle

import pytest
import torch

from snnc.conversion.checkpoints.read import KINDS, from_checkpoint
from snnc.errors import InputError, ModelFileError

GIVEN = {"dt": 0.01, "time_steps": 9, "neuron": "LIF", "payload_max": 1}


class Hostile:
    def __reduce__(self):
        return (print, ("ran",))


def test_nothing_is_run(tmp_path, capsys):
    torch.save({"snn.0.W.weight": Hostile()}, tmp_path / "a.pth")
    with pytest.raises(ModelFileError, match="holds Python objects, which are never loaded"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", **GIVEN)
    (tmp_path / "b.pth").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(ModelFileError, match="not a checkpoint"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "b.pth", **GIVEN)
    assert capsys.readouterr().out == ""


def test_a_whole_module_is_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 3), tmp_path / "a.pth")
    with pytest.raises(ModelFileError, match="holds Python objects"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", **GIVEN)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_something_else(tmp_path, kind):
    given = {"dt": 0.01, "time_steps": 9, "payload_max": 1}
    own = {
        "snn-delays": {"kernel_size": 5, "v_threshold": 1, "loss": "sum"},
        "axden-syn-delay-snn": {"delay_type": "axonal", "kernel_size": 5, "v_threshold": 1, "loss": "sum"},
        "ssm-inspired-lif": {"neuron": "LIF"},
        "delrec": {"dataset": "SHD", "tau": 2, "v_threshold": 1, "reset": "zero"},
    }
    first = {
        "ssm-inspired-lif": r"snn\.N\.W\.weight for N in \[\]",
        "snn-delays": r"model\.0\.P is missing",
        "axden-syn-delay-snn": r"snn\.N\.delay_layer\.P for N in \[\]",
    }
    torch.save({"fc.weight": torch.zeros(2, 2), 3: torch.zeros(1)}, tmp_path / "a.pth")
    said = first.get(kind, r"layers\.N\.weight is missing for two N")
    with pytest.raises(ModelFileError, match=rf"a\.pth: .*{said}"):
        from_checkpoint(kind, tmp_path / "a.pth", **given, **own[kind])


def test_kinds_files_and_parameters_are_known(tmp_path):
    with pytest.raises(
        InputError,
        match=r"'slayer' are not known; there are snn-delays, axden-syn-delay-snn, ssm-inspired-lif, delrec",
    ):
        from_checkpoint("slayer", tmp_path / "a.pth")
    with pytest.raises(ModelFileError, match=r"no such file; give a checkpoint that torch\.save wrote"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", **GIVEN)
    with pytest.raises(
        InputError, match="ssm-inspired-lif: the file does not hold time_steps, neuron, payload_max"
    ):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", dt=0.01)
    with pytest.raises(InputError, match="ssm-inspired-lif has no parameter 'tau'; there are dt, time_steps"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", tau=2.0, **GIVEN)

"""A path that leads nowhere is told as such in Python, with the name beside it that may be meant."""

from __future__ import annotations

import re

import pytest

import snnc
from snnc.errors import MissingFileError, SnncError


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("model.tp", " (did you mean 'model.pt'?)"),
        ("modl.c", " (did you mean 'model.c'?)"),
        ("model.lohi", " (did you mean 'model.loihi'?)"),
        ("other.fpga", ""),
        ("other.nir", ""),
    ],
)
@pytest.mark.parametrize("call", [snnc.load, snnc.test], ids=["load", "test"])
def test_a_network_that_is_not_there(call, name, near, tmp_path) -> None:
    """Whatever its ending, it is taken for neither a file nor a folder."""
    (tmp_path / "model.pt").write_bytes(b"")
    for folder in ("model.c", "model.loihi"):
        (tmp_path / folder).mkdir()
    said = f"{tmp_path / name}: no such file or folder{near}; check the path"
    with pytest.raises(MissingFileError, match=f"^{re.escape(said)}$"):
        call(tmp_path / name)


@pytest.mark.parametrize("ending", [".npz", ".h5"])
def test_recordings_that_are_not_there(ending, tmp_path) -> None:
    (tmp_path / f"recordings{ending}").write_bytes(b"")
    said = rf"recording{ending}: no such file \(did you mean 'recordings{ending}'\?\); check the path$"
    with pytest.raises(SnncError, match=said):
        snnc.load_data(tmp_path / f"recording{ending}")


def test_a_checkpoint_that_is_not_there(tmp_path) -> None:
    (tmp_path / "Best_ACC.pt").write_bytes(b"")
    given = {"dt": 0.01, "time_steps": 9, "dataset": "SHD", "tau": 2.0, "v_threshold": 1.0, "payload_max": 1}
    given["reset"] = "zero"
    with pytest.raises(SnncError, match=r"Best_AC\.pt: no such file \(did you mean 'Best_ACC\.pt'\?\); give"):
        snnc.from_checkpoint("delrec", tmp_path / "Best_AC.pt", **given)

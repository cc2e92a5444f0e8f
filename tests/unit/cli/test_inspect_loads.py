"""`snnc inspect` of a model file reads and loads no more than its answer needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.io import hdf5_guard

QUICK = ("--dataset", "none", "--generated", "0", "--executors", "c")


def test_what_only_others_need_is_not_loaded(tmp_path: Path) -> None:
    """A process of its own, since this one has loaded all."""
    model = saved(tiny_model(), tmp_path)
    code = (
        "import sys; from snnc.cli import main; main(['inspect', sys.argv[1]]); "
        "print([name for name in ('snnc.report.off_chip', 'snnc.trainer.config', "
        "'snnc.trainer.data.cochlea', 'snnc.cli.inspect.folders', 'h5py', 'torch') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
    assert "trained model of snnc" in ran.stdout


def test_a_verified_export_is_not_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its report says what follows; an altered file of it is still seen, by its hash."""
    monkeypatch.chdir(tmp_path)
    saved(tiny_model(), tmp_path)
    assert main(["export", "model.pt", "-t", "c", "--no-budget", "-q"]) == 0

    def following() -> str:
        capsys.readouterr()
        assert main(["inspect", "model.pt"]) == 0
        return capsys.readouterr().out.splitlines()[-1]

    assert following().startswith("next: snnc verify model.c")
    assert main(["verify", "model.c", *QUICK, "-q"]) == 0

    def refuse(*sources: object) -> None:
        raise AssertionError("the network is read")

    monkeypatch.setattr(hdf5_guard, "examine", refuse)
    assert following() == "next: snnc run model.c --input FILE"
    (tmp_path / "model.c" / "golden.npz").write_bytes(b"another")
    assert following().startswith("next: snnc export model.pt --target c")

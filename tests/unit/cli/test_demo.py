"""What `snnc demo` says of itself, where its parts are commands of their own."""

from __future__ import annotations

import pytest

from snnc.cli import main
from snnc.io.signals import Ended


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["demo", "-o", "d"], "is in d/model.pt.checkpoint; the same command goes on\n"),
        (["train", "digits", "-o", "m.pt"], "is in m.pt.checkpoint; go on with --resume\n"),
    ],
)
def test_an_interrupted_training_says_what_goes_on(tmp_path, monkeypatch, capsys, command, said) -> None:
    def interrupted(config, *, checkpoint, **_):
        checkpoint.write_bytes(b"an epoch")
        raise Ended(143)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("snnc.trainer.loop.train", interrupted)
    main(command)
    assert said in capsys.readouterr().out

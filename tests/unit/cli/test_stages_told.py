"""`snnc test` says what the network is whose accuracy it tells by a word of its own."""

from __future__ import annotations

from order_task import config, own_run

from snnc.cli import main


def test_what_quantised_only_is_the_accuracy_of(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", str(own_run(tmp_path, epochs=2)), "-o", "m.pt", "-q"]) == 0
    assert config().quantise_epochs == 1
    assert main(["export", "m.pt", "-t", "c", "-o", "m.c", "--no-budget", "-q"]) == 0
    capsys.readouterr()
    assert main(["test", "m.c"]) == 0
    said = capsys.readouterr().out
    assert "quantised only " in said
    assert (
        "note: quantised only is the same network rounded to integers, without clipping and training in "
        "integers; quantised is the exported network: "
    ) in said
    assert main(["test", "m.pt"]) == 0
    assert "quantised only" not in capsys.readouterr().out

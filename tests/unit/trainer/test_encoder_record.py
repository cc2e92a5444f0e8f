"""The layout of the recordings of sound goes from the event file into the trained model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from order_task import order_task, toml
from wav_files import write

from snnc.cli import main
from snnc.errors import InputError
from snnc.trainer.data import EventDataset, load, save_events_npz
from snnc.trainer.encoder_record import layout_of, not_a_layout
from snnc.trainer.model_file import load_model

SOURCES = "{speaker}/{speaker}/{class}/{}"


def _read(layout: str | None) -> EventDataset:
    names = ("north/p1", "north/p2", "south/p1", "south/p2", "west/p1")
    return replace(order_task(40), speaker=np.arange(40) % 5, speaker_names=names, layout=layout)


@pytest.mark.parametrize("layout", [SOURCES, None])
def test_training_keeps_the_layout_of_its_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], layout: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    save_events_npz(_read(layout), "order.npz")
    assert load("order.npz").layout == layout
    Path("mine.toml").write_text(toml(epochs=1, finetune_epochs=0, quantise_epochs=0), encoding="utf-8")
    held_out = ["--set", 'validation_speakers=["west/p1"]', "--set", 'test_speakers=["south/p1"]']
    assert main(["train", "mine.toml", "--dataset", "order.npz", "-o", "m.pt", *held_out]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "8 validate (west/p1), 8 are kept for testing (south/p1)" in told
    metrics = load_model(Path("m.pt")).metrics
    assert layout_of(metrics) == layout
    assert ("layout" in metrics["data"]) == (layout is not None)


@pytest.mark.parametrize(
    "metrics",
    [
        {"data": {"layout": 7}},
        {"data": {"layout": ["{class}/{}"]}},
        {"data": {"layout": ""}},
        {"data": {"layout": "\x1b]0;{speaker}"}},
        {"data": {"layout": "{class}{}"}},
        {"data": {"layout": "{class}/" + "{}/" * 9}},
        {"data": {"layout": "{class}" + "x" * 5000}},
    ],
)
def test_what_is_no_layout_in_a_model_counts_as_none_and_is_told(metrics: dict[str, object]) -> None:
    assert layout_of(metrics) is None
    said = str(not_a_layout(metrics))
    assert said.startswith("the model keeps ")
    assert "so names are read as without one" in said
    assert said.isprintable()
    assert len(said) < 400


@pytest.mark.parametrize(
    "metrics", [{}, {"data": None}, {"data": {}}, {"data": {"layout": None}}, {"data": {"layout": SOURCES}}]
)
def test_of_a_layout_and_of_none_nothing_is_told(metrics: dict[str, object]) -> None:
    assert not_a_layout(metrics) is None


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        (SOURCES, SOURCES),
        ("{class", "none: the model keeps '{class' as the layout of the recordings of training, which"),
        (None, None),
    ],
)
def test_inspect_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str | None, told: str | None
) -> None:
    recorded = {} if layout is None else {"layout": layout}
    model = saved(replace(tiny_model(), metrics={"data": recorded}), tmp_path)
    assert main(["inspect", str(model)]) == 0
    out = capsys.readouterr().out
    assert (f"\nlayout of the recordings: {told}" in out) == (told is not None)
    assert ("layout of the recordings" in out) == (told is not None)


def test_a_refusal_of_a_folder_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the command that encodes the folder would have the layout of training."""
    model = saved(replace(tiny_model(), metrics={"data": {"layout": "{class"}}), tmp_path)
    write(tmp_path / "new" / "ann" / "1.wav", 300)
    assert main(["test", str(model), "--dataset", str(tmp_path / "new")]) == 2
    assert "the model keeps '{class' as the layout" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        (np.array("{class}{}"), "'layout' is '{class}{}', which `snnc encode --layout` does not take; write"),
        (
            np.array("x" * 5000 + "{class}"),
            "which `snnc encode --layout` does not take; write it as there, or",
        ),
        (np.array("\x1b]0;{speaker}"), r"'layout' is '\x1b]0;{speaker}', which"),
        (np.array(["{class}/{}"]), "'layout' is <U10 of shape (1,); store one string"),
        (np.array(7), "'layout' is int64 of shape (); store one string"),
    ],
)
def test_what_is_no_layout_in_an_event_file_is_refused(
    tmp_path: Path, layout: np.ndarray[tuple[int, ...], np.dtype[np.generic]], said: str
) -> None:
    save_events_npz(_read(None), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as arrays:
        np.savez(tmp_path / "b.npz", **arrays, layout=layout)
    with pytest.raises(InputError) as caught:
        load(tmp_path / "b.npz")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400

"""Recordings of arrays and files: what they hold, how they are trained with and found again."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from float_nets import dense, graph, lif
from models import tiny_model
from training_double import Recorded

import snnc
from snnc.api.checks import check_sample
from snnc.errors import ConfigError, InputError, ModelFileError, NoDataError, UnlikelyWarning
from snnc.trainer.config import load_config
from snnc.trainer.data import save_events_npz

RNG = np.random.default_rng(5)
X = (RNG.random((60, 9, 4)) < 0.3).astype(np.uint8)
X[:, :, 0] = np.arange(60)[:, None] % 2
LABELS = np.arange(60) % 2


@pytest.fixture(scope="module")
def recordings():
    return snnc.from_arrays(X, LABELS, dt=0.002, classes=["off", "on"], name="switch")


@pytest.fixture(scope="module")
def trained(recordings):
    return snnc.train(recordings, hidden=[4], epochs=1, quantise_epochs=0, verbose=False)


def test_arrays_are_kept_event_by_event(recordings) -> None:
    assert np.array_equal(recordings.frames(np.arange(60), 0.002, 9), X)
    assert recordings.labels.tolist() == LABELS.tolist()
    assert repr(recordings) == "Recordings('switch': 60 of 2 classes, 4 lines, 9 steps of 0.002 s)"
    first = torch.from_numpy(X).permute(1, 0, 2)
    again = snnc.from_arrays(first, torch.from_numpy(LABELS), dt=0.002, layout="TNC")
    assert np.array_equal(again.frames(np.arange(60), 0.002, 9), X)
    assert again.class_names == ("0", "1")


def test_events_of_a_recording_are_drawn(recordings) -> None:
    said = recordings.plot_spikes(3).alternative
    assert f"switch: {X[3].sum()} spikes of 4 lines" in said
    assert "over 9 steps" in said
    assert "<td>off</td><td>30</td>" in recordings._repr_html_()
    assert "over 3 steps" in recordings.plot_spikes(sample=3, bin_s=0.006).alternative
    assert snnc.load_data("digits").plot_spikes(7).title == "Spikes"


@pytest.mark.parametrize(
    ("number", "bin_s", "said"),
    [
        (60, None, r"sample: is 60; samples are numbered 0 \.\. 59"),
        ("a", None, "sample: is 'a'; give a whole number"),
        (1, 0, "bin_s: is 0; give a positive number of seconds"),
        (1, 1e-9, r"bin_s: is 1e-09; recording 1 lasts 0\.01\d s, and a picture has 65536 steps at most"),
    ],
)
def test_what_cannot_be_drawn_is_said(recordings, number, bin_s, said) -> None:
    with pytest.raises(InputError, match=said):
        recordings.plot_spikes(number, bin_s=bin_s)
    with pytest.raises(InputError, match="sample: is 0; there are none"):
        check_sample(0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": X * 2}, r"x: sample 0, step \d, line \d holds 2, recordings of from_arrays hold 0 and 1"),
        ({"x": X[:, :, :0]}, "x: has 60 samples of 9 steps and 0 lines"),
        ({"x": X[0, 0]}, r"x: has the shape \[4\]"),
        (
            {"labels": LABELS[:59]},
            r"labels are 59 \(int64\), and there are 60 samples; give a whole number for each",
        ),
        (
            {"x": X.swapaxes(0, 1)},
            r"there are 9 samples; .* each; x is read as 'NTC': \[9 samples, 60 steps, 4 lines\]; of time "
            "first, pass layout='TNC'$",
        ),
        ({"labels": LABELS - 1}, r"labels\[0\] is -1; classes are numbered from 0 on"),
        ({"labels": LABELS + 1, "classes": ["a", "b"]}, r"labels\[1\] is 2; .* 0\.\.1"),
        ({"classes": 2}, "classes: is 2; give a name for each class, a text"),
        ({"classes": [1, 2]}, r"classes: is \[1, 2\]; give a name for each class, a text"),
        ({"classes": "ab"}, "classes: is 'ab'; give a name for each class, a text"),
        ({"speaker": [1, 2]}, r"speaker: int64 \[2\]"),
        ({"dt": 0}, "dt: is 0; give a positive number of seconds"),
        ({"dt": -1}, "dt: is -1; give a positive number of seconds"),
        ({"dt": "a"}, "dt: is 'a'; give a positive number of seconds"),
        ({"dt": float("nan")}, "dt: is nan; give a positive number of seconds"),
        (
            {"labels": np.where(LABELS, 10**9, 0)},
            r"labels\[1\] is 1000000000, and there are 60 samples",
        ),
        ({"labels": np.full(60, 2**64 - 1, np.uint64)}, r"labels\[0\] is 18446744073709551615; .* from 0 on"),
    ],
)
def test_arrays_that_are_none_are_said(change, said) -> None:
    with pytest.raises(InputError, match=said):
        snnc.from_arrays(**{"x": X, "labels": LABELS, "dt": 0.002, **change})


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (LABELS + 1, r"labels: are 1 \.\. 2, which makes 3 classes, and class 0 has no sample; number the"),
        (LABELS * 3, r"labels: are 0 \.\. 3, which makes 4 classes, and classes 1, 2 have no sample"),
        (LABELS * 9, r"which makes 10 classes, and classes 1, 2, 3, 4, 5, \.\.\. have no sample"),
    ],
)
def test_classes_without_a_sample_are_told(labels, said) -> None:
    with pytest.warns(UnlikelyWarning, match=said) as warned:
        snnc.from_arrays(X, labels, dt=0.002)
    assert warned[0].filename == __file__


def test_a_step_of_seconds_is_told() -> None:
    with pytest.warns(UnlikelyWarning, match=r"dt: is 1 seconds a step, .*, give 0\.001") as warned:
        snnc.from_arrays(X, LABELS, dt=1)
    assert warned[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        snnc.from_arrays(X, LABELS, dt=0.09)


def test_what_is_odd_about_a_file_is_warned_of(tmp_path) -> None:
    """Microseconds that are called milliseconds."""
    events = {"times": [200_000, 900_000], "units": [0, 1], "offsets": [0, 1, 2], "labels": [0, 1]}
    np.savez(tmp_path / "mine.npz", **events, tick_s=1e-3)
    with pytest.warns(UnlikelyWarning, match=r"'mine': the last event .* is at 900 s .* set tick_s"):
        snnc.load_data(tmp_path / "mine.npz")


def test_arrays_have_no_speakers_unless_they_are_given(recordings, capsys) -> None:
    snnc.train(recordings, hidden=[2], epochs=1, finetune_epochs=0, quantise_epochs=0)
    said = capsys.readouterr().out
    assert (
        "no recording names its source (field `speaker`), so those of each class are divided at random"
        in said
    )


def test_a_class_that_nothing_trains_is_told(capsys) -> None:
    named = snnc.from_arrays(X, LABELS, dt=0.002, classes=["off", "on", "broken"])
    snnc.train(named, hidden=[2], epochs=1, finetune_epochs=0, quantise_epochs=0)
    told = "event data 'arrays': no recording trains class 'broken'; add recordings that train, or leave the"
    assert told in capsys.readouterr().out
    numbered = snnc.from_arrays(X, LABELS + 1, dt=0.002)
    snnc.train(numbered, hidden=[2], epochs=1, finetune_epochs=0, quantise_epochs=0)
    told = "event data 'arrays': no recording trains class '0'; number classes from 0 on"
    assert told in capsys.readouterr().out


def test_training_with_an_array_tells_how() -> None:
    with pytest.raises(InputError, match=r"data: is ndarray of shape .*; snnc\.from_arrays\(x, labels, dt="):
        snnc.train(X)


def test_arrays_take_the_settings_of_a_preset_in_their_own_steps(recordings, monkeypatch, capsys) -> None:
    """No shift of lines and no other augmentation; a line says so."""
    fake = Recorded(tiny_model())
    monkeypatch.setattr("snnc.api.training.run", fake)
    snnc.train(recordings, epochs=2)
    ((config, _),) = fake.called
    assert (config.dataset, config.bin_s, config.time_steps, config.padding_steps) == ("switch", 0.002, 9, 0)
    assert (config.kernel_size, config.batch_size, config.epochs) == (9, 7, 2)
    assert (config.time_shift, config.channel_shift, config.event_dropout) == (0, 0, 0)
    assert config.tau == load_config("digits").tau
    assert "settings of the preset 'digits' with dataset='switch', bin_s=0.002" in capsys.readouterr().out


def test_few_recordings_are_trained_in_batches_of_two(monkeypatch) -> None:
    fake = Recorded(tiny_model())
    monkeypatch.setattr("snnc.api.training.run", fake)
    snnc.train(snnc.from_arrays(X[:8], LABELS[:8], dt=0.002), hidden=[2], verbose=False)
    ((config, _),) = fake.called
    assert config.batch_size == 2


def test_one_number_of_hidden_neurons_is_given_in_a_list(recordings) -> None:
    with pytest.raises(ConfigError, match=r"hidden = 8: is no list; give hidden=\[8\]"):
        snnc.train(recordings, hidden=8, verbose=False)


def test_a_model_names_the_recordings_that_it_was_trained_on(recordings, trained) -> None:
    assert trained.model.dataset == trained.model.config["dataset"] == "switch"
    settings = {"hidden": [4], "epochs": 1, "quantise_epochs": 0, "channel_shift": 0, "bin_s": 0.002}
    named = snnc.train(recordings, config="digits", verbose=False, **settings)
    assert named.model.dataset == named.model.config["dataset"] == "switch"
    with pytest.raises(
        NoDataError, match=r"given in memory \(switch, .*\); give the same recordings as data$"
    ):
        snnc.test(trained)


def test_recordings_of_a_file_are_found_again(recordings, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_events_npz(recordings, "mine.npz")
    with pytest.raises(ModelFileError, match=r"snnc\.load_data reads recordings$"):
        snnc.load("mine.npz")
    settings = {"hidden": [4], "epochs": 1, "quantise_epochs": 0, "bin_s": 0.002, "channel_shift": 0}
    trained = snnc.train(snnc.load_data("mine.npz"), config="digits", verbose=False, **settings)
    assert trained.model.dataset == "mine.npz"
    assert set(snnc.test(trained)) >= {"float", "rounded"}


def test_recordings_are_given_to_tests_and_verifications(recordings, trained, tmp_path) -> None:
    """A fifth of them is the test part."""
    found = snnc.test(trained, recordings)
    exported = trained.export("loihi", tmp_path / "out", data=recordings, budget=True)
    assert exported.artifact.carried
    verified = exported.verify(data=recordings, executors="hwsim", generated=0)
    assert verified.accuracy.items() >= found.items()
    (group,) = [name for name in verified.report.inputs if name.startswith("test")]
    assert verified.report.inputs[group] == 12
    assert verified.compared == f"12 of 12 recordings of {group} compared"
    assert verified.notes == ()
    assert "data=data" in verified.report.command
    assert verified.plot_losses().parts
    assert verified.plot_accuracy().parts
    with pytest.raises(InputError, match="data: are given beside x; give one of both"):
        exported.verify(X, data=recordings)


def test_recordings_without_labels_are_compared(trained, tmp_path, monkeypatch) -> None:
    """By name, too, and for a network that snnc did not train: comparing needs no labels."""
    monkeypatch.chdir(tmp_path)
    sample, step, line = np.nonzero(X)
    counts = np.bincount(sample, minlength=len(X))
    file = {"times": step * 2, "units": line, "offsets": np.append(0, counts.cumsum())}
    np.savez("new.npz", **file, unit_count=4, tick_s=1e-3)
    new = snnc.load_data("new.npz")
    assert repr(new) == "Recordings('new': 60 without labels, 4 lines)"
    assert f"Recording 3, in steps of {new.tick_s:g} s" in new.plot_spikes(3)._repr_html_()
    other = replace(graph(lif(4), dense(*np.eye(4).tolist()), steps=9), bin_s=0.002)
    for exported in (
        trained.export("loihi", "out", budget=False),
        snnc.Network(other, "other").export("c", "other.c"),
    ):
        for data in (new, "new.npz"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UnlikelyWarning)
                found = exported.verify(
                    data=data, executors="hwsim", generated=0, allow_missing=True, verbose=False
                )
            assert found.report.inputs["input"] == 60
            assert found.accuracy == {}
            assert "event data 'new' has no labels: no accuracy is told" in found.notes
    with pytest.raises(InputError, match="has no labels, so nothing tells which answers are right"):
        snnc.test(trained, new)


def test_recordings_in_other_steps_than_the_network_are_told(recordings, trained) -> None:
    finer = snnc.from_arrays(X, LABELS, dt=0.001, classes=["off", "on"], name="switch")
    with pytest.warns(
        UnlikelyWarning, match=r"'switch' has steps of 0\.001 s, the network of 0\.002 s"
    ) as told:
        snnc.test(trained, finer)
    assert told[0].filename == __file__
    coarser = snnc.from_arrays(X, LABELS, dt=0.004, classes=["off", "on"], name="switch")
    said = r"a network that is trained or converted, give recordings of 9 steps"
    with pytest.warns(UnlikelyWarning), pytest.raises(InputError, match=said):
        snnc.test(trained, coarser)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnlikelyWarning)
        snnc.test(trained, recordings)


def test_speakers_may_be_names() -> None:
    named = snnc.from_arrays(X, LABELS, dt=0.002, speaker=["bob", "ann", "cy"] * 20)
    assert (named.speaker_names, named.speaker[:3].tolist()) == (("ann", "bob", "cy"), [1, 0, 2])
    assert snnc.from_arrays(X, LABELS, dt=0.002, speaker=[4] * 60).speaker_names is None

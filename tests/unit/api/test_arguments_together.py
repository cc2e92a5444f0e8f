"""Samples that are none, and arguments that do not go together, are told with what does."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from spike_counters import spike_counter
from torch import nn
from torch_networks import Loop

import snnc
from snnc.errors import CallError, InputError, ModelFileError, UnlikelyWarning

EVENTS = np.zeros((6, 5, 4), np.uint8)
LABELS = np.arange(6) % 2


def recordings():
    return snnc.from_arrays(EVENTS, LABELS, dt=1e-3)


def converted():
    module = Loop(nn.Sequential(nn.Linear(4, 3), snntorch.Leaky(0.9, init_hidden=True)))
    return snnc.from_torch(module, torch.ones(5, 2, 4), dt=1e-3, verbose=False)


def exported():
    return snnc.Network(spike_counter(), "counter").export("c", "net.c", overwrite=True, verbose=False)


NO_SAMPLES = (0, True, 2.5, float("nan"), {}, object(), np.float32(1), torch.tensor(1.0))


@pytest.mark.parametrize("given", [*NO_SAMPLES, [], (), np.array([]), None])
def test_what_holds_no_samples_is_told_so_and_no_layout_is_asked_for(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calls = {
        "x": [exported().predict, exported().run, lambda x: snnc.from_arrays(x, LABELS, dt=1e-3)],
        "data": [lambda x: snnc.finetune(converted(), x, target="c", verbose=False)],
        "example": [lambda x: snnc.from_torch(nn.Identity(), x, dt=1e-3)] * (np.shape(given) == ()),
    }
    if given is not None:  # which leaves x out
        calls["x"] += [exported().verify, exported().plot_chip]
    for argument, functions in calls.items():
        for function in functions:
            told = f"^(the )?{argument}:? is .*(which holds no samples; give an|expected a tensor)"
            with pytest.raises(InputError, match=told) as error:
                function(given)
            assert "layout" not in str(error.value)


def empty():
    return recordings().select([])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: exported().verify(data=recordings(), labels=LABELS),
            "labels: are given beside recordings, .*; leave them out",
        ),
        (
            lambda: exported().verify(recordings(), labels=LABELS),
            "labels: are given beside recordings, .*; leave them out",
        ),
        (
            lambda: exported().verify(recordings(), layout="NTC"),
            "layout 'NTC': is for arrays as x, .*; leave",
        ),
        (lambda: exported().verify(empty()), "data: arrays holds no recording; give one at least"),
        (
            lambda: exported().verify(EVENTS, data=recordings(), labels=LABELS),
            "data: are given beside x and labels; give x with its labels, or data alone",
        ),
        (lambda: exported().verify("own.npz"), "own.npz: does not exist|no such file"),
        (lambda: exported().verify("own.npy"), r"x: is 'own.npy', no array or tensor; give x=numpy\.load"),
        (
            lambda: snnc.finetune(converted(), empty(), target="c"),
            "data: arrays holds no recording; give one",
        ),
        (lambda: snnc.train(empty()), "data: arrays holds no recording; give one at least"),
        (lambda: snnc.test(exported(), empty()), "data: arrays holds no recording; give one at least"),
        (lambda: snnc.train(recordings(), dataset="a"), "dataset: is 'a', and data say what trains; leave"),
        (lambda: snnc.train(recordings(), data_dir="a"), "data_dir: is for data that are named, .*; leave"),
        (lambda: snnc.train(recordings(), cache_dir="a"), "cache_dir: is for data that are named, .*; leave"),
        (lambda: snnc.train(recordings(), resume=True), "resume: is True without checkpoint; give checkpo"),
        (lambda: snnc.load("net.c", dt=np.array([])), "dt: is ndarray .*; give the seconds a step, as dt=1"),
        (lambda: snnc.load("net.c", time_steps=np.array([])), "time_steps: is ndarray .*; give a whole numb"),
        (
            lambda: snnc.load("net.c", payload_max=np.array([2])),
            "payload_max: is ndarray .*; give a whole nu",
        ),
        (lambda: recordings().frames([0]), "frames: bin_s, time_steps are missing"),
        (lambda: recordings().frames([0], dt=1), "frames: has no argument 'dt', .*\nbin_s is the seconds a"),
        (lambda: exported().verify(seed=np.array([])), "seed: is ndarray .*; give a whole number"),
        (lambda: exported().verify(generated=np.array([])), "generated: is ndarray .*; give a whole number"),
    ],
)
def test_what_does_not_go_together_is_told_with_what_does(call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exported()
    with pytest.raises((InputError, CallError), match=f"^{said}"):
        call()


def test_a_checkpoint_that_is_missing_is_told_also_where_nothing_is_printed(tmp_path):
    few = {"hidden": [2], "epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0, "kernel_size": 3}
    file = tmp_path / "none.pt"
    with pytest.warns(UnlikelyWarning, match=r"^checkpoint: .*none\.pt does not exist; training starts from"):
        snnc.train(recordings(), checkpoint=file, resume=True, verbose=False, **few)


def test_a_file_of_arrays_in_the_place_of_a_network_is_told(tmp_path):
    np.savez(tmp_path / "own.npz", spikes=EVENTS, labels=LABELS)
    np.savez(tmp_path / "events.npz", times=LABELS)
    np.savez(tmp_path / "x.npz", spikes=EVENTS)
    for read in (snnc.load, snnc.test):
        with pytest.raises(
            ModelFileError, match=r"own\.npz: holds arrays \(spikes, labels\), and no netw"
        ) as e:
            read(tmp_path / "own.npz")
        path = str(tmp_path / "own.npz")
        assert f"exported.predict({path!r}) gives their classes. With their labels they are data" in str(
            e.value
        )
        with pytest.raises(ModelFileError, match=r"holds arrays \(times\)(.|\n)*load_data reads recordings$"):
            read(tmp_path / "events.npz")
        with pytest.raises(ModelFileError, match=r"x\.npz'\) gives their classes$"):
            read(tmp_path / "x.npz")


@pytest.mark.parametrize("what", ["a model", "a text", "a checkpoint", "a broken link"])
def test_no_file_is_replaced_by_a_checkpoint(what, tmp_path):
    """Without a word, whatever it was, it was."""
    file = tmp_path / "mine"
    if what == "a model":
        snnc.train(recordings(), hidden=[4], epochs=1, verbose=False).save(file)
    elif what == "a checkpoint":
        snnc.train(recordings(), hidden=[4], epochs=1, verbose=False, checkpoint=file)
    elif what == "a text":
        file.write_text("mine")
    else:
        file.symlink_to(tmp_path / "nowhere")
    before = None if file.is_symlink() else file.read_bytes()
    with pytest.raises(InputError, match=r"^checkpoint: .*mine exists; give another name, or, of an interru"):
        snnc.train(recordings(), hidden=[4], epochs=1, verbose=False, checkpoint=file)
    assert file.is_symlink() or file.read_bytes() == before

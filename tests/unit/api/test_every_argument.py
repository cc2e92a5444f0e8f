"""Every argument of every public function, given a value of another kind, is refused by its name."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
import snntorch
import torch
from spike_counters import spike_counter
from torch import nn
from torch_networks import Loop

import snnc
from snnc import api
from snnc.errors import InputError, SnncError
from snnc.trainer.config import TrainConfig, make_config

WRONG = (True, [], "", 3.5, object())
EVENTS = np.zeros((6, 5, 4), np.uint8)
LABELS = np.arange(6) % 2


def recordings():
    return snnc.from_arrays(EVENTS, LABELS, dt=1e-3)


def network():
    return snnc.Network(spike_counter(), "counter")


def converted():
    module = Loop(nn.Sequential(nn.Linear(4, 3), snntorch.Leaky(0.9, init_hidden=True)))
    return snnc.from_torch(module, torch.ones(5, 2, 4), dt=1e-3, verbose=False)


def exported():
    return network().export("c", "net.c", overwrite=True, verbose=False)


def verified():
    return exported().verify(executors=["hwsim"], generated=0, samples=0, verbose=False)


def run():
    return exported().run(exported().artifact.golden_input)


CALLS = {
    "Exported.plot_chip": lambda: (exported().plot_chip, {"x": EVENTS}),
    "Exported.plot_delays": lambda: (exported().plot_delays, {}),
    "Exported.plot_weights": lambda: (exported().plot_weights, {}),
    "Exported.predict": lambda: (exported().predict, {"x": exported().artifact.golden_input}),
    "Exported.run": lambda: (exported().run, {"x": exported().artifact.golden_input}),
    "Exported.verify": lambda: (exported().verify, {"x": exported().artifact.golden_input, "verbose": False}),
    "Network.export": lambda: (converted().export, {"target": "c", "path": "other.c", "verbose": False}),
    "Network.plot_delays": lambda: (network().plot_delays, {}),
    "Network.plot_weights": lambda: (network().plot_weights, {}),
    "Network.save": lambda: (network().save, {"path": "model.pt"}),
    "Picture.save": lambda: (network().plot_delays().save, {"path": "page.html"}),
    "Recordings.frames": lambda: (recordings().frames, {"indices": [0], "bin_s": 1e-3, "time_steps": 5}),
    "Recordings.needed_steps": lambda: (recordings().needed_steps, {"bin_s": 1e-3}),
    "Recordings.plot_spikes": lambda: (recordings().plot_spikes, {}),
    "Recordings.select": lambda: (recordings().select, {"which": [0]}),
    "Run.classes": lambda: (run().classes, {}),
    "Run.plot_potentials": lambda: (run().plot_potentials, {"population": "counter"}),
    "Run.plot_readout": lambda: (run().plot_readout, {}),
    "Run.plot_spikes": lambda: (run().plot_spikes, {}),
    "Verified.plot_delays": lambda: (verified().plot_delays, {}),
    "Verified.plot_weights": lambda: (verified().plot_weights, {}),
    "finetune": lambda: (
        snnc.finetune,
        {"net": converted(), "data": EVENTS, "target": "c", "verbose": False},
    ),
    "from_arrays": lambda: (snnc.from_arrays, {"x": EVENTS, "labels": LABELS, "dt": 1e-3}),
    "from_checkpoint": lambda: (snnc.from_checkpoint, {"kind": "snn-delays", "path": "best.pt"}),
    "from_events": lambda: (
        snnc.from_events,
        {"times": [[1], [2]], "addresses": [[0], [1]], "labels": [0, 1], "tick_s": 1e-3},
    ),
    "from_tonic": lambda: (snnc.from_tonic, {"dataset": [], "sensor_size": (3, 1, 2)}),
    "from_torch": lambda: (
        snnc.from_torch,
        {"module": nn.Identity(), "example": torch.ones(5, 2, 4), "dt": 1e-3, "verbose": False},
    ),
    "load": lambda: (snnc.load, {"path": str(exported().path)}),
    "load_data": lambda: (snnc.load_data, {"path_or_name": "digits"}),
    "test": lambda: (snnc.test, {"model": exported(), "data": recordings()}),
    "train": lambda: (snnc.train, {"data": recordings(), "verbose": False}),
}


def public():
    """All functions and methods with arguments, by their names."""
    found = {}
    for name in api.__all__:
        each = getattr(api, name)
        if not inspect.isclass(each):
            found[name] = each
        elif not issubclass(each, Exception):
            found |= {f"{name}.{key}": getattr(each, key) for key in dir(each) if not key.startswith("_")}
    checked = {name: each for name, each in found.items() if hasattr(each, "__wrapped__")}
    return {name for name, each in checked.items() if {*inspect.signature(each).parameters} - {"self"}}


def test_all_public_functions_are_here():
    assert public() == CALLS.keys()


def is_of_its_kind(value, annotation):
    if not isinstance(annotation, str):
        annotation = annotation.__name__ if annotation in (bool, float, int) else "array"
    kinds = annotation.split(" | ")
    return (
        (annotation == "array" and value == [])
        or (value is True and "bool" in kinds)
        or (isinstance(value, float) and "float" in kinds)
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_value_of_another_kind_is_refused_by_the_name_of_the_argument(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function, given = CALLS[name]()
    before = sorted(Path().rglob("*"))
    for key, each in inspect.signature(function).parameters.items():
        for value in WRONG if each.kind is not each.VAR_KEYWORD else ():
            if not is_of_its_kind(value, each.annotation):
                with pytest.raises(SnncError) as error:
                    function(**given | {key: value})
                assert key in str(error.value), (key, value)
                assert not isinstance(error.value, TypeError)
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: network().export("c", ""), "path: is empty; give a path"),
        (lambda: network().export("c", "a\0b"), r"path: is 'a\\x00b'; give a path"),
        (lambda: network().save(b"a"), "path: is b'a'; give a path"),
        (lambda: snnc.load(""), "path: is empty; give a path"),
        (lambda: snnc.load(None), "path: is None; give a path"),
        (lambda: exported().verify(data=""), "data: is empty; give recordings, or their name or path"),
        (lambda: exported().predict(""), r"x: is empty; give samples, \[N, T, lines\]"),
        (lambda: exported().predict(EVENTS, []), r"executor: is \[\]; give its name, as 'hwsim'"),
        (lambda: exported().verify(generated=np.False_), "generated: is .*False.*; give a whole number"),
        (lambda: exported().verify(seed=True), "seed: is True; give a whole number"),
        (lambda: exported().verify(samples=True), "samples: is True; give a whole number, or 'all'"),
        (lambda: snnc.from_arrays(EVENTS, LABELS, dt=1e-3, layout=""), "layout: is empty; give a text of a "),
        (lambda: snnc.train(recordings(), config=[]), r"config: is \[\]; give the name of a preset, as "),
        (lambda: snnc.test(True), "model: is True; give a Network, an Exported, or the path of one"),
        (
            lambda: snnc.finetune(network(), EVENTS, target="c", learning_rate=True),
            "learning_rate: is True; ",
        ),
        (lambda: snnc.from_tonic([], classes=3), "classes: is 3; give a name for each class, a text"),
        (lambda: snnc.from_tonic(3), "dataset: is 3; give a data set, whose items are pairs of events and a"),
        (lambda: snnc.from_tonic({1: 2}, sensor_size=(1, 1, 1)), "dataset: is .*; give a data set, whose "),
        (lambda: network().export("c", "a", prune_by=3), "prune_by: is 3; give the name of a rule, as 'magn"),
        (lambda: snnc.converter(""), "converter: '' is no class; give the class of the neurons, or its full"),
        (lambda: snnc.converter(), "converter: None is no class; give the class of the neurons, or its full"),
        (lambda: snnc.converter(np.array([])), "converter: ndarray .*is no class; give the class of"),
        (
            lambda: snnc.converter("a.B")(3),
            "converter: 3 is no function; give one of the module and its name",
        ),
    ],
)
def test_what_is_given_is_told_with_what_can_be_given(call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"^{said}"):
        call()


def test_labels_may_be_names_where_classes_are_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x = exported().artifact.golden_input
    for labels in ([], [0.5] * len(x), [[0], [1, 2]]):
        with pytest.raises(InputError, match="give a whole number, or the name of a class, for each of the "):
            exported().verify(x, labels=labels)
    with pytest.raises(
        InputError, match=r"^labels: are 0; give a whole number or a name for each of the 1 rec"
    ):
        snnc.from_events([[1]], [[0]], [], tick_s=1e-3)


FIELDS = {
    "dataset": "a",
    "bin_s": 0.01,
    "hidden": [4, 4],
    "kernel_size": 3,
    "tau": 2.0,
    "epochs": 1,
    "batch_size": 2,
    "lr_weights": 0.1,
}


NO_TRUTHS = (1, 0, 3, 0.0, None, np.float32(1), torch.tensor(1))
NO_NUMBERS = (True, False, np.True_, [True], np.array([True]))


@pytest.mark.parametrize("name", TrainConfig.model_fields)
def test_truths_are_no_numbers_and_numbers_no_truths_in_a_configuration(name):
    is_truth = TrainConfig.model_fields[name].annotation is bool
    for value in NO_TRUTHS if is_truth else NO_NUMBERS:
        with pytest.raises(SnncError, match=name) as error:
            make_config(FIELDS | {"delays": "none"} | {name: value})
        said = str(error.value)
        assert not is_truth or said.endswith("is neither true nor false; give one of them")
        assert "[True]" not in said.partition(";")[2]
        assert "input should be greater" not in said
        assert "input should be less" not in said


@pytest.mark.parametrize("name", ["padding_steps", "grow_delays"])
def test_truths_are_no_numbers_either_where_fields_do_not_go_together(name):
    with pytest.raises(SnncError, match=f"{name} = True: is true or false, no number"):
        make_config(FIELDS | {"time_steps": 5, name: True})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("hidden", 8, r"give hidden=\[8\]$"),
        ("hidden", 0, r"give hidden=\[...\], where each should be greater than or equal to 1$"),
        ("weight_bits", 9, r"give weight_bits=\[...\], where each should be less than or equal to 8$"),
        ("validation_speakers", "", r"=\[...\]; give the number or the name of a speaker$"),
        ("validation_speakers", "ann", r"give validation_speakers=\['ann'\]$"),
    ],
)
def test_a_list_that_would_be_refused_is_not_proposed(field, value, said):
    with pytest.raises(SnncError, match=f"{field} = .*: is no list; .*{said}"):
        make_config(FIELDS | {field: value})

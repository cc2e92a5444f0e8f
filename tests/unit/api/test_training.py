"""Training in Python gives what the command gives, in few lines."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import wav_files
from models import tiny_model
from order_task import order_task, toml
from training_double import Recorded

import snnc
from snnc.cli.train_data import from_data
from snnc.errors import ConfigError, InputError, LeftOutWarning, LimitError, NoDataError
from snnc.trainer.config import load_config
from snnc.trainer.data import save_events_npz

FEW = {"hidden": [4], "epochs": 1, "quantise_epochs": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("training")
    save_events_npz(order_task(60), path / "order.npz")
    (path / "order.toml").write_text(toml(dataset="order.npz"))
    return path


@pytest.fixture(scope="module")
def trained(folder):
    return snnc.train(str(folder / "order.npz"), config=str(folder / "order.toml"), verbose=False, **FEW)


@pytest.fixture
def recorded(monkeypatch):
    fake = Recorded(tiny_model())
    monkeypatch.setattr("snnc.api.training.run", fake)
    return fake


def test_a_phase_is_a_line(folder, recorded, capsys) -> None:
    snnc.train("digits")
    captured = capsys.readouterr()
    assert captured.out == (
        "a note\n"
        "gaussian: loss 0.250, best validation accuracy 50.0 %\n"
        "int8: loss 0.250, best validation accuracy 75.0 %\n"
    )
    assert not captured.err
    snnc.train("digits", verbose=False)
    assert capsys.readouterr().out == ""


def test_epochs_move_a_bar_in_a_notebook(recorded, monkeypatch, capsys) -> None:
    """One output that is replaced; lines are those of phases."""
    shown, replaced = [], []

    def display(html, display_id):
        shown.append(html)
        return SimpleNamespace(update=replaced.append)

    fake = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display, HTML=str))
    snnc.train("digits")
    assert len(shown) == 1
    assert len(replaced) == 2
    assert replaced[1].startswith('<progress value="3" max="3"></progress> epoch 3 of 3, int8: loss 0.250, ')
    assert capsys.readouterr().out.count("\n") == 3
    snnc.train("digits", verbose=False)
    assert len(shown) == 1


def test_epochs_move_a_bar_in_a_terminal(recorded, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    snnc.train("digits")
    assert "3/3" in capsys.readouterr().err


def test_a_bar_in_a_terminal_leaves_lines_to_a_file(recorded, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    snnc.train("digits")
    captured = capsys.readouterr()
    assert "gaussian: loss 0.250, best" in captured.out
    assert "gaussian: loss 0.250, best" not in captured.err


def test_settings_are_those_of_the_command(folder, recorded) -> None:
    """Fewer epochs limit the later phases, too; recordings in memory take the place of a file."""
    place, data = folder / "order.npz", snnc.load_data(folder / "order.npz")
    assert repr(data) == "Recordings('order': 60 of 2 classes, 6 lines)"
    snnc.train("digits")
    snnc.train(str(place), config="digits", epochs=2, quantise_epochs=4)
    snnc.train(data, config=folder / "order.toml", checkpoint=str(folder / "state"), resume=True)
    (own, _), (other, options), (memory, given) = recorded.called
    assert own == load_config("digits")
    changes = {"dataset": str(place), "epochs": 2, "finetune_epochs": 2, "quantise_epochs": 4}
    assert other == load_config("digits", changes)
    assert options["data"] is None
    assert memory == load_config(folder / "order.toml", {"dataset": str(place)})
    assert given["data"] is data
    assert (given["checkpoint"], given["resume"]) == (str(folder / "state"), True)


def test_what_was_trained_is_saved_loaded_tested_and_exported(trained, folder, tmp_path) -> None:
    trained.save(tmp_path / "model.pt")
    with pytest.raises(InputError, match=r"model\.pt: exists; .* overwrite=True"):
        trained.save(str(tmp_path / "model.pt"))
    trained.save(tmp_path / "model.pt", overwrite=True)
    again = snnc.load(tmp_path / "model.pt")
    assert again.content == trained.content
    data = folder / "order.npz"
    found = snnc.test(tmp_path / "model.pt", data)
    assert found == snnc.test(trained, str(data))
    assert 0 <= found["float"] <= 1
    exported = again.export("onnx", tmp_path / "out", data=data)
    assert snnc.test(exported, data).items() > found.items()
    assert "quantised" in snnc.test(exported, data)
    zeros = np.zeros((2, exported.graph.time_steps, 6))
    assert exported.predict(zeros).shape == (2,)


def test_data_alone_take_the_settings_that_the_command_takes(folder, recorded, capsys) -> None:
    file = str(folder / "order.npz")
    own, few = "channel_shift = 0, bin_s = 0.005", "channel_shift = 0"
    several = {"bin_s": 0.005, "hidden": [16]}
    for data, more, shown in ((file, {}, own), (snnc.load_data(file), {}, own), (file, several, few)):
        snnc.train(data, **more)
        config, _ = recorded.called.pop()
        preset, fields = from_data(file, folder / "m.pt", more, False, None)
        assert config == load_config(preset, fields)
        assert (config.dataset, config.batch_size) == (file, 8)
        told = f"settings: those of the preset digits, but {shown}, batch_size = 8 to suit the data\n"
        assert capsys.readouterr().out.startswith(told)


def test_what_a_longer_step_changes_is_told_in_words_of_python(tmp_path, recorded, capsys) -> None:
    spikes = np.zeros((30, 120, 6), np.uint8)
    spikes[:, [0, 99]] = 1
    np.savez(tmp_path / "said.npz", spikes=spikes, labels=np.arange(30) % 2, dt=0.005)
    snnc.train(tmp_path / "said.npz", bin_s=0.005)
    told = capsys.readouterr().out
    assert "give a coarser step (bin_s=0.011; " in told
    assert "or longer kernels (kernel_size=51)" in told


def test_what_cannot_be_read_is_told_before_the_settings(tmp_path) -> None:
    wav_files.write(tmp_path / "rec" / "up" / "1.wav", 500)
    with pytest.raises(InputError, match=r"^data '.*rec': is a folder; .* snnc encode "):
        snnc.train(tmp_path / "rec", epochs=1, hidden=[8])
    with pytest.raises(InputError, match=r"gone\.npz: no such file"):
        snnc.train(tmp_path / "gone.npz")
    unlabelled = replace(order_task(4), labels=np.zeros(4, np.int64), class_names=("?",))
    save_events_npz(unlabelled, tmp_path / "none.npz")
    with pytest.raises(InputError, match=r"^data: no class is known of "):
        snnc.train(tmp_path / "none.npz")


def test_errors_name_arguments(folder, trained, capsys) -> None:
    with pytest.raises(InputError, match=r"^data 'digit': give one of .* \(did you mean 'digits'\?\)$"):
        snnc.train("digit")
    with pytest.raises(ConfigError, match=r"unknown field 'epoch' \(did you mean 'epochs'\?\)"):
        snnc.train("digits", epoch=3)
    with pytest.raises(ConfigError, match=r"^settings \(others come from the preset digits\): epochs = 0: "):
        snnc.train(order_task(20), epochs=0)
    arrays = snnc.from_arrays(np.ones((4, 6, 3), np.uint8), [0, 1, 0, 1], dt=0.01)
    with pytest.raises(
        ConfigError, match=r"^settings \(others come from the preset digits\): hidden = \[\]: "
    ):
        snnc.train(arrays, hidden=[])
    assert "settings of the preset" not in capsys.readouterr().out
    with pytest.raises(InputError, match="data 'digit': give one of"):
        snnc.load_data("digit")


def test_only_what_snnc_trained_is_tested(tmp_path) -> None:
    from spike_counters import spike_counter

    network = snnc.Network(spike_counter(), "counter")
    said = r"model: counter was not trained by snnc\.train; export it, and verify\(data=recordings\) or "
    recordings = snnc.from_arrays(np.zeros((2, 4, 3)), [0, 1], dt=0.01)
    for data in (None, np.zeros((2, 4, 3)), recordings):
        with pytest.raises(InputError, match=said):
            snnc.test(network, data)
    exported = network.export("c", tmp_path / "counter.c")
    for data in (None, recordings):
        with pytest.raises(NoDataError, match=r"; verify\(data=recordings\) and verify\(x, labels=labels\) "):
            snnc.test(exported, data)
    said = (
        r"counter: save writes networks of train, and what load read, unchanged; this is neither; "
        r"export\(target, path\) writes it in integers, and snnc\.load reads that folder again; "
        r".* torch\.save\(module\.state_dict\(\)"
    )
    with pytest.raises(InputError, match=said):
        network.save(tmp_path / "x")


@pytest.mark.parametrize("recurrence", ["none", "axon"])
def test_a_network_without_integers_is_kept_and_warns(folder, monkeypatch, recurrence) -> None:
    """Whatever fails after the network was trained: a chain's grid, or the recordings of another network."""

    def refuse(*given):
        raise LimitError("it has no grid")

    def gone(*given, **options):
        raise InputError("order.npz: no such file")

    monkeypatch.setattr("snnc.trainer.run.quantised_network", refuse)
    monkeypatch.setattr("snnc.exporter.finetune.trained.load_splits", gone)
    settings = FEW | {"recurrence": recurrence, "quantise_epochs": 1, "verbose": False}
    words = {
        "none": "int8: left out, the network has no such integers: it has no grid",
        "axon": "in integers: left out, order.npz: no such file",
    }
    with pytest.warns(LeftOutWarning, match=words[recurrence]):
        network = snnc.train(str(folder / "order.npz"), config=str(folder / "order.toml"), **settings)
    assert not network.model.quantised
    assert "finished" in snnc.test(network)

"""Short training runs of networks that are no chains, on a task of order."""

from functools import partial

import numpy as np
import pytest
import torch
from order_task import config, order_task
from torch.multiprocessing.spawn import start_processes

from snnc.stages import TrainedGraph
from snnc.trainer import processes
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train

# One thread, so that a process can be forked, too.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]


RECURRENT = {"recurrence": "axon", "neuron": "adlif", "tau": 2.0, "learn_thresholds": True}


@pytest.mark.parametrize(
    "fields",
    [
        {"recurrence": "synapse", "learn_time_constants": True},
        {"neuron": "silif", "delays_of": "axon", "lr_weights": 4e-2},
        {"readout": "spiking", "skips": True, "hidden": [8, 8]},
    ],
    ids=lambda each: "-".join(map(str, each.values())),
)
def test_training_learns_the_order(fields):
    seen = []
    model = train(config(**fields), data=order_task(), progress=seen.append)
    assert isinstance(model, TrainedGraph)
    assert [metrics.phase for metrics in seen] == ["gaussian"] * 12 + ["rounded"] * 2
    assert all(metrics.moved > 0 for metrics in seen[:12])
    assert model.metrics["validation"]["final"]["accuracy"] >= 0.9
    assert model.metrics["parameters"]["trained"] == model.metrics["parameters"]["with_learned_delays"]


def test_an_interrupted_run_goes_on_to_the_same_model(tmp_path):
    chosen, data = config(**RECURRENT, epochs=3, finetune_epochs=2), order_task(40)
    for last in (1, 3):  # Gaussian and rounded

        def interrupt(metrics, last=last):
            if metrics.epoch == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(chosen, data=data, progress=interrupt, checkpoint=tmp_path / "run", resume=True)
    resumed = train(chosen, data=data, checkpoint=tmp_path / "run", resume=True)
    whole = train(chosen, data=data)
    assert resumed.graph == whole.graph
    assert dict(resumed.metrics) == dict(whole.metrics)
    for destination, sources in whole.positions.items():
        for source, delays in sources.items():
            assert np.array_equal(resumed.positions[destination][source], delays)


@pytest.mark.parametrize("fields", [RECURRENT, {"convolutions": ["4x3"]}], ids=["recurrent", "convolved"])
def test_two_processes_train_as_one_does(monkeypatch, fields):
    chosen, data = config(**fields, batch_size=21, epochs=2, finetune_epochs=1), order_task()
    if not torch.accelerator.is_available():  # else there are threads of torch that a fork would lack
        monkeypatch.setattr(processes, "start_processes", partial(start_processes, start_method="fork"))
    two = train(chosen, data=data, hardware=Hardware("cpu", processes=2))
    one = train(chosen, data=data)
    for found, wanted in zip(two.metrics["history"], one.metrics["history"], strict=True):
        assert found["loss"] == pytest.approx(wanted["loss"], rel=0.02)  # a spike may have flipped
    assert two.metrics["history"][0]["loss"] == pytest.approx(one.metrics["history"][0]["loss"], rel=1e-4)


def test_what_is_fixed_stays_as_drawn():
    chosen = config(recurrence="axon", delays="fixed", epochs=1, finetune_epochs=0, neuron="adlif")
    torch.manual_seed(0)
    model = train(chosen, data=order_task(40))
    for sources in model.positions.values():
        for delays in sources.values():
            assert (delays == delays.round()).all()
    counts = model.metrics["parameters"]
    assert counts["with_learned_delays"] - counts["trained"] == 10 * 6 + 10 + 2 * 10

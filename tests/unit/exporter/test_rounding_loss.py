"""What naive rounding of delays costs a sparse network at sigma = 0.5, and what training gives back."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from snnc.decoding import softmax
from snnc.exporter.passes.discretise import Discretise
from snnc.exporter.passes.quantise import quantise
from snnc.hwsim.event_driven import readout
from snnc.stages import TrainedModel
from snnc.trainer.config import make_config
from snnc.trainer.data import EventDataset
from snnc.trainer.data.order import order_task
from snnc.trainer.inference import scores
from snnc.trainer.loop import train
from snnc.trainer.products.choice import VARIABLE
from snnc.trainer.splitting import splits_of

pytestmark = pytest.mark.slow

# Four classes of the order task, ten synapses a neuron. Neurons that remember little (tau of 1.05 steps) need
# the steps of their delays exactly: a Gaussian between two steps is two taps, and rounding moves the mass.
CLASSES = 4
CONFIG = make_config(
    {
        "dataset": "order",
        "bin_s": 0.01,
        "padding_steps": 12,
        "hidden": [32],
        "synapses_per_neuron": 10,
        "kernel_size": 25,
        "tau": 1.05,
        "epochs": 30,
        "batch_size": 64,
        "lr_weights": 2e-2,
        "finetune_epochs": 15,
        "finetune_lr": 1e-2,
        "quantise_epochs": 2,
        "seed": 0,
    }
)


def few_classes() -> EventDataset:
    data = order_task()
    return data.select(np.flatnonzero(data.labels < CLASSES))


@pytest.fixture(scope="module")
def model() -> Iterator[TrainedModel]:
    """By torch on one thread: another order of sums is like another seed, and those differ by 8 points."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "torch")
        yield train(CONFIG, data=few_classes())
    torch.set_num_threads(threads)


def test_the_network_is_sparse_and_its_kernels_are_narrow(model: TrainedModel) -> None:
    assert model.gaussian is not None
    for layer in model.gaussian:
        assert layer.sigma == pytest.approx(0.5 - 0.27)  # DCLS adds its floor
        assert ((layer.weight != 0).sum(axis=1) == 10).all()


def test_rounding_costs_much_and_training_gives_most_of_it_back(model: TrainedModel) -> None:
    """On the validation split, where training measured each step."""
    found = {name: step["accuracy"] for name, step in model.metrics["validation"].items()}
    assert_steep(found["gaussian"], found["rounded"])
    assert_recovered(found["gaussian"], found["rounded"], found["final"])
    assert_recovered(found["gaussian"], found["rounded"], found["int8_final"])


def test_the_same_on_held_out_recordings(model: TrainedModel) -> None:
    """On the test split, by the float network and, for the integers, the event-driven simulator."""
    data = splits_of(CONFIG, few_classes()).test
    spikes = data.frames(np.arange(len(data)), model.bin_s, model.time_steps)
    assert model.gaussian is not None
    learned = replace(model, layers=model.gaussian)

    def accuracy(classes: np.ndarray) -> float:
        return float((classes == data.labels).mean())

    gaussian = accuracy(scores(learned, spikes, rounded=False).argmax(axis=1))
    naive = accuracy(scores(learned, spikes, rounded=True).argmax(axis=1))
    graph = quantise(Discretise(8).run(model), 8)
    integers = accuracy(np.asarray(softmax.classes(readout(graph, spikes), graph.readout_scale)))
    print(gaussian, naive, accuracy(scores(model, spikes, rounded=True).argmax(axis=1)), integers)
    assert_steep(gaussian, naive)
    assert_recovered(gaussian, naive, integers)


def assert_steep(gaussian: float, naive: float) -> None:
    assert gaussian > 0.85
    assert gaussian - naive >= 0.25


def assert_recovered(gaussian: float, naive: float, found: float) -> None:
    assert found - naive >= (gaussian - naive) / 2

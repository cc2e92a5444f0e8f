"""Fields of the configuration for networks that are no chains."""

import sys

import pytest
from order_task import config

from snnc.errors import ConfigError
from snnc.trainer.config import TrainConfig, make_config
from snnc.trainer.network_fields import NetworkFields
from snnc.trainer.recipes.fields import Recipe

NO_CHAINS = [
    {"neuron": "adlif"},
    {"neuron": "silif", "reset": "zero"},
    {"reset": "subtract"},
    {"recurrence": "synapse"},
    {"recurrence": "axon", "recurrent_kernel_size": 9},
    {"delays_of": "axon"},
    {"learn_time_constants": True},
    {"learn_thresholds": True},
    {"delays_of": "none", "recurrence": "axon"},
    {"biases": True},
    {"readout_tau": 1.0},
    {"neuron": "se-adlif"},
    {"readout": "spiking"},
    {"skips": True, "hidden": [4, 4]},
    {"grids_of": "neuron"},
]


@pytest.mark.parametrize("fields", NO_CHAINS, ids=lambda each: "-".join(map(str, each.values())))
def test_what_is_no_chain_is_recorded_and_read_again(fields):
    chosen = config(**fields)
    assert not chosen.is_chain
    record = chosen.model_dump(mode="json")
    assert fields.keys() <= record.keys()
    assert make_config(record) == chosen


def test_the_record_of_a_chain_has_none_of_the_fields():
    """So it is the one that earlier releases wrote, and checkpoints of these can be resumed.

    Its keys are the very texts of the program, of which pickle writes each once.
    """
    chosen = config()
    assert all(sys.intern(key) is key for key in chosen.model_dump(mode="json"))
    assert chosen.is_chain
    inherited = NetworkFields.model_fields.keys() | Recipe.model_fields.keys()
    assert not chosen.model_dump().keys() & inherited
    assert chosen.model_dump().keys() | inherited == TrainConfig.model_fields.keys()
    assert config(reset="zero").is_chain


@pytest.mark.parametrize(
    ("fields", "soft"),
    [
        ({}, False),
        ({"neuron": "adlif"}, True),
        ({"neuron": "silif"}, True),
        ({"neuron": "se-adlif"}, False),
        ({"neuron": "silif", "reset": "zero"}, False),
        ({"reset": "subtract"}, True),
    ],
)
def test_a_neuron_resets_as_published_unless_told(fields, soft):
    assert config(**fields).soft_reset is soft


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"neuron": "alif"}, "neuron = 'alif'"),
        ({"recurrent_kernel_size": 5}, "recurrent_kernel_size is 5, and recurrence 'none'"),
        ({"recurrence": "axon", "recurrent_kernel_size": 4}, "recurrent_kernel_size is 4; give an odd"),
        (
            {"recurrence": "axon", "recurrent_kernel_size": 5, "delays": "none"},
            "recurrence has 1; leave it out",
        ),
        ({"delays_of": "axon", "delays": "none"}, "there are no delays"),
        ({"delays_of": "none"}, "nothing has delays; set delays = 'none'"),
        ({"readout": "spiking", "readout_tau": 3.0}, "readout_tau is 3.0, but readout 'spiking'"),
        ({"readout_tau": 0.5}, "readout_tau = 0.5"),
        ({"skips": True}, "skips is true for 1 hidden layer"),
        ({"neuron": "adlif", "engine": "reference"}, "engine = 'reference' is for chains"),
        ({"neuron": "adlif", "synapses_per_neuron": 3}, "synapses_per_neuron = 3 is for chains"),
        ({"neuron": "adlif", "equal_parameters": True, "delays": "none"}, "does not count neuron"),
        ({"recurrence": "axon", "equal_parameters": True}, "equal_parameters is for delays = 'none'"),
        ({"readout": "spiking", "loss": "max"}, "loss = 'max' is of potentials"),
    ],
)
def test_what_contradicts_itself_is_refused(fields, words):
    with pytest.raises(ConfigError, match=words):
        config(**fields)


def test_without_delays_recurrence_takes_one_step():
    assert config(recurrence="axon", delays="none").recurrent_taps == 1
    assert config(recurrence="axon", kernel_size=7).recurrent_taps == 7
    assert config(recurrence="axon", kernel_size=7, recurrent_kernel_size=3).recurrent_taps == 3

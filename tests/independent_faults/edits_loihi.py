"""Faults in the emitted Lava program: its tables, its processes, its time."""

from __future__ import annotations

import io

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.edits_c import replace

Files = dict[str, bytes]


def change_number(files: Files, name: str, value: int) -> None:
    """The scalar `name` of program.npz becomes `value`."""
    with np.load(io.BytesIO(files["program.npz"]), allow_pickle=False) as program:
        arrays = dict(program)
    arrays[name] = np.array(value, arrays[name].dtype)
    np.savez_compressed(buffer := io.BytesIO(), **arrays)
    files["program.npz"] = buffer.getvalue()


@fault("loihi_samples_without_gap", "demo", 8, where="loihi")
def samples_without_gap(files: Files) -> None:
    """Samples follow each other without silent steps: spikes in flight at the end of one arrive in the
    next."""
    replace(files, "lava_network.py", "    gap = longest_delay(layers)\n", "    gap = 0\n")


@fault("loihi_reset_a_step_early", "demo", 8, where="loihi")
def reset_a_step_early(files: Files) -> None:
    """u and v are cleared a step before each sample but the first, so that the bias acts once before it
    (hidden neurons: with the gate that keeps them silent there)."""
    replace(files, "lava_network.py", "reset_offset=index + 2,", "reset_offset=index + 1,")


@fault("loihi_recorded_a_step_early", "demo", 7, where="loihi")
def recorded_a_step_early(files: Files) -> None:
    """Every layer is recorded from a step too early on: the trace is a step late and lacks the last step."""
    replace(
        files, "lava_network.py", "begin = sample * period + index + 1", "begin = sample * period + index"
    )


@fault("loihi_readout_decay_register", "demo", 5, where="loihi")
def readout_decay_register(files: Files) -> None:
    """The readout's dv register is 1 too small: v keeps 2049 / 4096 of itself."""
    change_number(files, "dv_1", 2047)


@fault("loihi_readout_can_spike", "demo", 7, where="loihi")
def readout_can_spike(files: Files) -> None:
    """The readout has a threshold mantissa of 500: where its v exceeds 32000 it spikes and v is set to 0."""
    change_number(files, "vth_1", 500)


@fault("loihi_bias_exponent_lost", "demo", 5, where="loihi")
def bias_exponent_lost(files: Files) -> None:
    """The bias exponent of the first layer is 0 instead of 1: its biases are half as large."""
    change_number(files, "bias_exp_0", 0)


@fault("loihi_class_over_time", "demo", 7, where="loihi", class_only=True)
def class_over_time(files: Files) -> None:
    """The program decodes with a softmax over the steps instead of the classes."""
    replace(
        files,
        "run.py",
        "    return (e / e.sum(axis=2, keepdims=True)).sum(axis=1)\n",
        "    return (e / e.sum(axis=1, keepdims=True)).sum(axis=1)\n",
    )

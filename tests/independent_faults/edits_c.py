"""Faults in the emitted C program: in its text and its tables."""

from __future__ import annotations

import re

from independent_faults.catalogue import fault

Files = dict[str, bytes]


def replace(files: Files, name: str, old: str, new: str) -> None:
    """`old`, which must stand once in the file `name`, becomes `new`."""
    text = files[name].decode()
    assert text.count(old) == 1, f"{name}: {old!r} stands {text.count(old)} times"
    files[name] = text.replace(old, new).encode()


def change_table(files: Files, table: str, index: int, change: int) -> None:
    """`change` is added to a number of a table of snn.c."""
    text = files["snn.c"].decode()
    found = re.search(rf"\b{table}\[\d+\] = \{{(.*?)\}};", text, re.DOTALL)
    assert found is not None
    numbers = [int(number) for number in found[1].replace("\n", " ").split(",") if number.strip()]
    numbers[index] += change
    files["snn.c"] = (text[: found.start(1)] + ", ".join(map(str, numbers)) + text[found.end(1) :]).encode()


@fault("c_sums_8_bits", "demo", 2, where="c")
def sums_8_bits(files: Files) -> None:
    """Pending sums of the first layer are kept in 8 bits, two's complement, and wrap at every addition."""
    replace(files, "snn.h", "int16_t sum0[25][96]", "int8_t sum0[25][96]")


@fault("c_ring_wraps_one_late", "demo", 2, where="c")
def ring_wraps_one_late(files: Files) -> None:
    """In the first layer slot 25 of the ring of 25 is not taken as slot 0: what belongs there is written
    behind the ring, into the first rows of the readout's ring (neuron i of the first layer into place i of
    those 5 rows of 20), and is lost for the first layer."""
    text = files["snn.c"].decode()
    files["snn.c"] = text.replace("if (slot >= 25)", "if (slot > 25)", 1).encode()


@fault("c_readout_slot_not_cleared", "demo", 2, where="c")
def readout_slot_not_cleared(files: Files) -> None:
    """The readout's ring is never cleared within a sample: a sum arrives again every 25 steps, with what was
    added since."""
    replace(files, "snn.c", "        s->sum1[now][i] = 0;\n", "")


@fault("c_reset_once", "demo", 8, where="c")
def reset_once(files: Files) -> None:
    """The state is cleared once at the start of a run and never between samples: u, v and spikes in flight go
    on."""
    replace(
        files,
        "main.c",
        "    for (;;) {\n        snn_reset(&state);\n",
        "    snn_reset(&state);\n    for (;;) {\n",
    )


@fault("c_reset_without_rings", "demo", 8, where="c")
def reset_without_rings(files: Files) -> None:
    """Between samples u, v and the positions of the rings are cleared, the pending sums are not: what was in
    flight arrives in the next sample, at a step given by its place in the ring."""
    replace(
        files, "snn.c", "left = (uint32_t)sizeof *s;", "left = (uint32_t)((unsigned char *)s->sum0 - byte);"
    )


@fault("c_bias_8_bits", "demo", 5, where="c")
def bias_8_bits(files: Files) -> None:
    """The bias mantissas of the first layer are kept in 8 bits, two's complement."""
    replace(files, "snn.c", "static const int16_t bias0", "static const int8_t bias0")


@fault("c_weights_unsigned", "demo", 1, where="c")
def weights_unsigned(files: Files) -> None:
    """Weights of the readout are read as unsigned bytes: one below 0 acts as 256 more."""
    replace(files, "snn.c", "static const int8_t weight1", "static const uint8_t weight1")


@fault("c_layers_in_reverse", "demo", 2, where="c")
def layers_in_reverse(files: Files) -> None:
    """The readout is run before the first layer: it gets the spikes of the step before."""
    replace(
        files,
        "snn.c",
        "    layer0(s, events);\n    layer1(s, s->spikes + 0);\n",
        "    layer1(s, s->spikes + 0);\n    layer0(s, events);\n",
    )


@fault("c_readout_position_wraps_early", "demo", 2, where="c")
def readout_position_wraps_early(files: Files) -> None:
    """The position in the readout's ring goes from 23 back to 0, while slots are counted modulo 25: delays
    that cross the border arrive a step early, and slot 24 is never read."""
    replace(files, "snn.c", "s->now[1] = now + 1 == 25 ?", "s->now[1] = now + 1 == 24 ?")


@fault("c_last_input_lost", "demo", 2, where="c")
def last_input_lost(files: Files) -> None:
    """Events of the last input line, 139, are not delivered."""
    replace(files, "snn.c", "j < 140", "j < 139")


@fault("c_delays_by_neuron", "demo", 1, where="c")
def delays_by_neuron(files: Files) -> None:
    """The first layer's delay table, sorted by source, is read as if it were sorted by neuron: the delay of
    source j to neuron i is taken from place 140 i + j instead of 96 j + i."""
    replace(files, "snn.c", "delay0[k]", "delay0[i * UINT32_C(140) + j]")


@fault("c_threshold_unsigned", "demo", 6, where="c")
def threshold_unsigned(files: Files) -> None:
    """v is compared with the threshold as an unsigned number: every v below 0 spikes and is reset."""
    replace(files, "snn.c", "s->spikes[n] = integrate(", "s->spikes[n] = (uint32_t)integrate(")


@fault("c_old_current", "demo", 5, where="c")
def old_current(files: Files) -> None:
    """v takes the current of the step before, u[t-1]."""
    replace(files, "snn.c", "keep_v) + u + bias", "keep_v) + s->u[neuron] + bias")


@fault("c_spikes_one_off", "demo", 2, where="c")
def spikes_one_off(files: Files) -> None:
    """The readout reads the spikes from one place further: its source j is neuron j + 1 of the first layer,
    and the last source never spikes."""
    replace(files, "snn.c", "layer1(s, s->spikes + 0)", "layer1(s, s->spikes + 1)")


@fault("c_one_weight", "demo", 1, where="c")
def one_weight(files: Files) -> None:
    """The weight from neuron 5 of the first layer to class 3 of the readout is 9 more."""
    change_table(files, "weight1", 5 * 20 + 3, 9)


@fault("c_one_bias", "demo", 5, where="c")
def one_bias(files: Files) -> None:
    """The bias of neuron 70 of the first layer is 20 more (its mantissa 10 more)."""
    change_table(files, "bias0", 70, 10)


@fault("c_low_half_lost", "demo", 4, where="c")
def low_half_lost(files: Files) -> None:
    """The decay multiplies the upper part of |x| alone: (|x| >> 12) * keep; the low 12 bits are lost."""
    replace(files, "snn.c", " + (((size & 4095u) * keep) >> 12)", "")


@fault("c_recorded_before_the_step", "demo", 7, where="c")
def recorded_before_the_step(files: Files) -> None:
    """Every u, v and spike is recorded before the step and not after it: the trace is a step late."""
    replace(
        files,
        "main.c",
        "snn_step(&state, events);\n            if (!classes)\n                write_step(trace);\n",
        "if (!classes)\n                write_step(trace);\n            snn_step(&state, events);\n",
    )


@fault("c_class_of_the_last_step", "demo", 7, where="c", class_only=True)
def class_of_the_last_step(files: Files) -> None:
    """The class is that of the softmax of the last step, not of the sum over all steps."""
    replace(files, "snn.c", "s->score[i] += part", "s->score[i] = part")

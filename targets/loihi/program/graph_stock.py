"""A graph of Lava's own processes: LIFReset with a value for each neuron, and DelayDense.

A gate adds to the input of a population in every step: its input bias within the samples and, if it spikes,
what keeps it silent outside of them (silence.py). No more than that is not Lava's.
"""

from __future__ import annotations

import numpy as np
from lava.proc.dense.process import DelayDense
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIFReset
from lava.utils.weightutils import SignMode
from lava_network import record
from silence import gate_between, gate_signal

SILENT_VTH = 1 << 17
"""v never exceeds 2**23, which is this shifted left by 6."""


def gates_between(graph: dict, period: int) -> list:
    """Of each population the gate int32 [neurons, period - T] that keeps it silent; None where none does.

    A population that never spikes needs none: zeros.
    """
    T = graph["T"]
    return [
        gate_between(bounds(graph, number), T, period - T)
        if each["model"] == "lif"
        else np.zeros((len(each["du"]), period - T), np.int32)
        for number, each in enumerate(graph["populations"])
    ]


def bounds(graph: dict, number: int) -> dict:
    """The population as a layer of silence.py: its inputs are one line for all that is below 0, one above."""
    of = graph["populations"][number]
    bias = of["input_bias_mant"].astype(np.int64) << of["input_bias_exp"]
    lines = np.stack([np.minimum(bias, 0), np.maximum(bias, 0)], axis=1)
    for each in graph["projections"]:
        if each["destination"] == number:
            weight = each["weight"].astype(np.int64) << each["weight_exp"]
            weight *= graph["line_payload"][each["pre"]] if each["source"] < 0 else 1
            np.add.at(lines, (each["post"], (weight > 0).astype(int)), weight)
    return {
        "weight": lines,
        "payload_max": 1,
        "du": register(of),
        "bias_mant": of["bias_mant"],
        "bias_exp": of["bias_exp"],
    }


def register(of: dict) -> np.ndarray:
    """du as Lava has it, which adds 1."""
    return of["du"].astype(np.int32) - 1


def build_stock(
    graph: dict, events: np.ndarray, T: int, period: int, samples: int, gates: list, files: list
) -> RingBuffer:
    """Connect the processes; returns the source of the input events."""
    source = RingBuffer(data=events)
    neurons = []
    for number, (of, gate, file) in enumerate(zip(graph["populations"], gates, files)):  # noqa: B905
        process = LIFReset(
            shape=of["du"].shape,
            du=register(of),
            dv=of["dv"].astype(np.int32),
            vth=of["vth"].astype(np.int32) if of["model"] == "lif" else SILENT_VTH,
            bias_mant=of["bias_mant"].astype(np.int32),
            bias_exp=np.full(of["du"].shape, of["bias_exp"], np.int32),
            reset_interval=period,
            reset_offset=of["level"] + 1,  # Lava's time_step counts from 1
        )
        added = signal(bounds(graph, number), of, gate, samples, T, events.shape[1])
        if added.any():
            RingBuffer(data=added).s_out.connect(process.a_in)
        record(process, len(of["du"]), file)
        neurons.append(process)
    for each in graph["projections"]:
        before = source if each["source"] < 0 else neurons[each["source"]]
        after = neurons[each["destination"]]
        graded = each["source"] < 0 and (graph["line_payload"] > 1).any()
        for weights, delays in matrices(each, after.a_in.shape[0], before.s_out.shape[0]):
            # Lava keeps the even weights -256 .. 254 in mixed sign mode: w enters as 2w, its exponent less 1.
            synapses = DelayDense(
                weights=weights,
                delays=delays,
                weight_exp=each["weight_exp"] - 1,
                sign_mode=SignMode.MIXED,
                num_message_bits=8 if graded else 0,  # 0: events are taken as spikes
            )
            before.s_out.connect(synapses.s_in)
            synapses.a_out.connect(after.a_in)
    return source


def signal(layer: dict, of: dict, gate: np.ndarray | None, samples: int, T: int, steps: int) -> np.ndarray:
    """What is added to the input of a population, int32 [neurons, steps] of the whole run."""
    level, neurons = of["level"], len(of["du"])
    if of["model"] == "lif":
        added = gate_signal(layer, gate, level, samples, T)
    else:
        added = np.zeros((neurons, steps), np.int32)
    added = np.pad(added, ((0, 0), (0, steps - added.shape[1])))
    bias = of["input_bias_mant"].astype(np.int32) << of["input_bias_exp"]
    period = T if gate is None else T + gate.shape[1]
    for sample in range(samples):
        begin = sample * period + level
        added[:, begin : begin + T] += bias[:, None]
    return added


def matrices(projection: dict, targets: int, sources: int):
    """Twice the weights, and delays, [targets, sources]; more of them where two neurons have several."""
    pair = projection["post"].astype(np.int64) * sources + projection["pre"]
    order = np.argsort(pair, kind="stable")
    first = np.searchsorted(pair[order], pair[order])
    rank = np.zeros(len(pair), np.int64)
    rank[order] = np.arange(len(pair)) - first
    for number in range(int(rank.max(initial=0)) + 1):
        here = rank == number
        weights, delays = np.zeros((2, targets * sources), np.int64)
        weights[pair[here]] = 2 * projection["weight"][here].astype(np.int64)
        delays[pair[here]] = projection["delay"][here]
        yield weights.reshape(targets, sources).astype(np.int32), delays.reshape(targets, sources)

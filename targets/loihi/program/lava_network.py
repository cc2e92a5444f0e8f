"""The network of Lava processes: built, run for a batch of samples, recorded, and taken down again.

Time. A spike sent at Lava step x with delay d reaches its neuron at x + d + 1. So step t of layer l is Lava
step t + l + 1 (counted from 0), and what comes before is not part of the sample.

Samples. They follow each other in one run, `period = T + longest delay` steps apart, so that no spike in
flight reaches the next sample. LIFReset clears u and v where a sample begins. Between samples, and before
the first, a hidden neuron must stay silent although its bias and late spikes act on it: a source adds a
negative *gate* to its input in those steps, the smallest that is proved to do (see silence.py). Where none
is, each sample gets a run of its own: after its last step nothing matters, and before the first only the
bias acts.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.magma.runtime.mgmt_token_enums import MGMT_RESPONSE, enum_equal
from lava.proc.dense.process import DelayDense
from lava.proc.io.source import RingBuffer
from lava.proc.lif.process import LIFReset
from lava.utils.weightutils import SignMode
from lava_processes.event import EventDelayDense, RecordedLifReset
from lava_processes.recorder import Recorder
from lifeline import LavaFailed
from silence import gate_between, gate_signal

Built = tuple[RingBuffer, dict]
Builder = Callable[[list, np.ndarray, list, int, dict, str], Built]


def run_network(
    layers: list[dict],
    spikes: np.ndarray,
    payload_max: int,
    *,
    model: str,
    batch: int,
    recorded: Iterable[int],
    build: Builder | None = None,
) -> tuple[dict[int, np.ndarray], int]:
    """Trace int32 [samples, T, (u, v, spike), neurons] of each recorded layer, and the Lava steps run.

    Input events carry 0 .. `payload_max`. `build` makes other processes of the layers than ours.
    """
    build = build or build_network
    layers = with_payloads(layers, payload_max)
    samples, T = spikes.shape[:2]
    gap = longest_delay(layers)
    gates = [gate_between(layer, T, gap) for layer in layers[:-1]]
    if batch > 1 and samples > 1 and any(gate is None for gate in gates):
        unsafe = [index for index, gate in enumerate(gates) if gate is None]
        print(
            f"layers {unsafe}: no gate keeps them silent between samples; one sample a run", file=sys.stderr
        )
        batch = 1
    traces = {index: np.zeros((samples, T, 3, len(layers[index]["weight"])), np.int32) for index in recorded}
    steps = 0
    for start in range(0, samples, batch):
        part = spikes[start : start + batch]
        into = {index: trace[start : start + batch] for index, trace in traces.items()}
        steps += run_batch(layers, gates, gap, part, model, into, build)
    return traces, steps


def with_payloads(layers: list[dict], payload_max: int) -> list[dict]:
    """Layers that know what their input events carry: neurons send spikes."""
    return [{**layer, "payload_max": 1 if index else payload_max} for index, layer in enumerate(layers)]


def longest_delay(layers: list[dict]) -> int:
    return max(int(layer["delay"].max()) for layer in layers)


def run_batch(
    layers: list[dict],
    gates: list,
    gap: int,
    spikes: np.ndarray,
    model: str,
    traces: dict[int, np.ndarray],
    build: Builder,
) -> int:
    """One Lava run over `spikes`; fills `traces`. Returns the number of Lava steps."""
    samples, T, inputs = spikes.shape
    period = T + gap
    steps = (samples - 1) * period + T + len(layers)
    source = np.zeros((inputs, steps), np.int32)
    for sample, spike in enumerate(spikes):
        source[:, sample * period : sample * period + T] = spike.T

    folder = Path(tempfile.mkdtemp(prefix="lava-trace-"))
    try:
        files = {}
        for index, trace in traces.items():
            files[index] = str(folder / f"layer_{index}.npy")
            np.lib.format.open_memmap(files[index], "w+", np.int32, (steps, *trace.shape[2:])).flush()
        signals = gate_sources(layers, gates, samples, T, steps)
        network, models = build(layers, source, signals, period, files, model)
        execute(network, steps, models)
        for index, trace in traces.items():
            rows = np.load(files[index], mmap_mode="r")
            for sample in range(samples):
                begin = sample * period + index + 1
                trace[sample] = rows[begin : begin + T]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return steps


def gate_sources(layers: list[dict], gates: list, samples: int, T: int, steps: int) -> list[np.ndarray]:
    """For every hidden layer what its gate adds in each of `steps` Lava steps, int32 [neurons, steps]."""
    signals = []
    for index, (layer, between) in enumerate(zip(layers, gates, strict=False)):
        signal = gate_signal(layer, between, index + 1, samples, T)
        tail = steps - signal.shape[1]  # later layers go on after this one has done its last step
        signals.append(np.pad(signal, ((0, 0), (0, tail))))
    return signals


def build_network(
    layers: list[dict], source: np.ndarray, gates: list, period: int, files: dict, model: str
) -> Built:
    """Connect the processes; returns the source of the input spikes, and process models to use."""
    stock = model == "stock"
    network = RingBuffer(data=source)
    parts = connect_layers(layers, gates, period)
    network.s_out.connect(parts[0][0].s_in)
    for index, (_, neuron) in enumerate(parts):
        if not stock:
            neuron.proc_params["trace_file"] = files.get(index)
        elif index in files:
            record(neuron, neuron.s_out.shape[0], files[index])
    return network, {} if stock else {DelayDense: EventDelayDense, LIFReset: RecordedLifReset}


def connect_layers(
    layers: list[dict], gates: list, period: int, readout: type[LIFReset] = LIFReset
) -> list[tuple[DelayDense, LIFReset]]:
    """Synapses and neurons of each layer, connected, with their gates; the first waits for its input."""
    parts = []
    for index, layer in enumerate(layers):
        neurons = len(layer["weight"])
        # Lava keeps the even weights -256 .. 254 in mixed sign mode: w enters as 2w, with exponent -1.
        synapses = DelayDense(
            weights=2 * layer["weight"].astype(np.int32),
            delays=layer["delay"].astype(np.int64),
            weight_exp=-1,
            sign_mode=SignMode.MIXED,
            num_message_bits=8 if layer["payload_max"] > 1 else 0,  # 0: events are taken as spikes
        )
        kind = readout if index == len(layers) - 1 else LIFReset
        neuron = kind(
            shape=(neurons,),
            du=int(layer["du"]),
            dv=int(layer["dv"]),
            vth=int(layer["vth"]),
            bias_mant=layer["bias_mant"].astype(np.int32),
            bias_exp=np.full(neurons, layer["bias_exp"], np.int32),
            reset_interval=period,
            reset_offset=index + 2,  # Lava's time_step counts from 1
        )
        if parts:
            parts[-1][1].s_out.connect(synapses.s_in)
        synapses.a_out.connect(neuron.a_in)
        close_gate(neuron, gates, index)
        parts.append((synapses, neuron))
    return parts


def close_gate(neuron: LIFReset, gates: list, index: int) -> None:
    """Let the gate of layer `index` act on its neurons, if it has one."""
    if index < len(gates) and gates[index].any():
        RingBuffer(data=gates[index]).s_out.connect(neuron.a_in)


def record(neuron: LIFReset, neurons: int, file: str) -> None:
    """Write state and spikes of `neuron` to `file` in every step."""
    recorder = Recorder(neurons=neurons, trace_file=file)
    recorder.u.connect_var(neuron.u)
    recorder.v.connect_var(neuron.v)
    neuron.s_out.connect(recorder.s_in)


def execute(network: RingBuffer, steps: int, models: dict) -> None:
    """Run `steps` steps and stop. Raises LavaFailed if a process model fails.

    Lava waits for ever for a process model that raised; so the run is not waited for, but watched.
    """
    try:
        network.create_runtime(Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map=models))
        actors = network.runtime._messaging_infrastructure.actors
        answers = network.runtime.service_to_runtime
        network.run(RunSteps(steps, blocking=False))
        while not all(port.probe() for port in answers):
            check_alive(actors)
            time.sleep(0.005)
        if not all(enum_equal(port.peek(), MGMT_RESPONSE.DONE) for port in answers):
            time.sleep(0.5)  # the process that failed may not have said why yet
            check_alive(actors)
            raise LavaFailed("Lava's runtime service reports an error")
        network.wait()
        network.stop()
    except BaseException:
        abandon(network)
        raise


def check_alive(actors: list) -> None:
    ended = [actor for actor in actors if not actor.is_alive()]
    if ended:
        time.sleep(0.5)  # another may have failed first, and not have said why yet
    for actor in actors:
        if actor.exception is not None:
            lines = [line.strip() for line in actor.exception[1].strip().splitlines()]
            where = [line for line in lines if line.startswith("File ")][-1:]
            raise LavaFailed(f"a process model failed: {'; '.join([lines[-1], *where])}")
    if ended:
        raise LavaFailed(f"a process of Lava ended early, exit code {ended[0].exitcode}")


def abandon(network: RingBuffer) -> None:
    """End the children and give back their shared memory. Lava's own stop() would wait for them."""
    infrastructure = getattr(network.runtime, "_messaging_infrastructure", None)
    if infrastructure is not None:
        for actor in infrastructure.actors:
            actor.kill()
        infrastructure.smm.shutdown()
        network.runtime._is_started = False  # or its destructor calls stop()
    for child in multiprocessing.active_children():
        child.kill()

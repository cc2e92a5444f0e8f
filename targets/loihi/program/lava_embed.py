"""The exported network as a part of a larger Lava program.

    sys.path.insert(0, "model.loihi")
    from lava_embed import embed

    network = embed(samples=10)
    my_source.s_out.connect(network.s_in)
    network.s_out[0].connect(my_monitor.s_in)
    network.v_out.connect(my_decoder.v_in)
    config = Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map=network.models)
    my_source.run(condition=RunSteps(network.steps), run_cfg=config)

Time. The source sends step t of sample k in Lava step x = k * period + t, counted from 0 (`time_step` is
x + 1). Layer l sends its spikes of that step, and the readout its v, in Lava step x + l + 1; what it sends in
other steps belongs to no sample. In the `period - T` steps between samples the source must send nothing.
A hidden layer is silent there and before its first step whatever its bias and late spikes do: a source of
the network's own adds what lava_network.py calls a gate.
"""

from __future__ import annotations

from dataclasses import dataclass

from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.proc.dense.process import DelayDense
from lava_network import connect_layers, gate_sources, longest_delay, with_payloads
from lava_processes.event import EventDelayDense
from lava_processes.readout import Readout
from reading import load_program
from run import HERE
from silence import gate_between


@dataclass(frozen=True)
class Embedded:
    """What to connect, and how to run it.

    `s_in` takes events int32 [inputs], 0 or 1, or payloads where `payload_max` is above 1. `s_out[l]` gives
    the spikes of layer l, int32 [neurons], 0 or 1; those of the readout are all 0. `v_out` gives v of the
    readout, int32 [classes]; v * `readout_scale` is in the units of training. Run at least `steps` Lava
    steps, with `models` as `exception_proc_model_map`.
    """

    s_in: InPort
    s_out: list[OutPort]
    v_out: OutPort
    T: int
    payload_max: int
    readout_scale: float
    period: int
    steps: int
    models: dict


def embed(samples: int = 1, model: str = "event") -> Embedded:
    """The network of `program.npz` beside this file, for a run of `samples` samples.

    `model` is `event`, or `stock` for Lava's own process models. Raises ValueError if there is more than one
    sample and no gate keeps a layer silent between them; such a network takes one sample a run.
    Raises reading.RunError if program.npz is not what was exported.
    """
    program = load_program(HERE / "program.npz")
    layers, T = with_payloads(program["layers"], program["payload_max"]), program["T"]
    gap = longest_delay(layers)
    gates = [gate_between(layer, T, gap) for layer in layers[:-1]]
    unsafe = [index for index, gate in enumerate(gates) if gate is None]
    if samples > 1 and unsafe:
        raise ValueError(f"layers {unsafe}: no gate keeps them silent between samples; embed(samples=1)")
    period = T + gap
    steps = (samples - 1) * period + T + len(layers)
    parts = connect_layers(layers, gate_sources(layers, gates, samples, T, steps), period, readout=Readout)
    return Embedded(
        s_in=parts[0][0].s_in,
        s_out=[neuron.s_out for _, neuron in parts],
        v_out=parts[-1][1].v_out,
        T=T,
        payload_max=program["payload_max"],
        readout_scale=program["readout_scale"],
        period=period,
        steps=steps,
        models={} if model == "stock" else {DelayDense: EventDelayDense},
    )

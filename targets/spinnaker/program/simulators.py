"""The network in PyNN: the same populations and projections in each of its simulators.

Populations are `IF_curr_delta`: v decays, what arrives is added to it, and a spike sets it to 0. Biases
arrive as spikes of a source of their own, one in each step of the sample, since a current would also act
before and after it; on a board they are currents. Samples that stand side by side have copies of all
neurons, so that nothing of one reaches another.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

import numpy as np
from network_file import RunError

STEP = 1.0
"""Milliseconds of PyNN in a step, whatever the network's own."""
START = 2
"""The step of PyNN in which level 0 begins: NEST's sources take two steps to send."""
V_IN_MV, BOARD_IN_MV = 256.0, 32768.0
"""Units of the contract's v in 1 mV of network.npz, and of a board's numbers in 1 mV."""
NEVER = 1e9
"""Milliseconds: behind the end of every run."""
MISSING = (
    "this Python ({}) has no {}; `uv run --script run.py ...` provides the simulators Brian2 and NEST, "
    "`uv run --with 'spynnaker==1!7.4.1' --script run.py ...` sPyNNaker"
)


class Simulator:
    """A module of PyNN, and in what it differs from the others."""

    v_late = 0
    """Samples of v, the first of which is that of time 0, by which v stands behind the spike of its step."""
    batch = 1
    """Samples side by side, unless the caller says otherwise."""
    options: Mapping[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        try:
            self.sim = self.load()
        except ModuleNotFoundError as error:
            raise RunError(MISSING.format(sys.executable, error.name)) from None

    def load(self) -> ModuleType:
        """The module of PyNN."""
        raise NotImplementedError

    def setup(self, longest: int) -> None:
        self.sim.setup(timestep=STEP, min_delay=STEP, max_delay=STEP * longest, **self.options)

    def connector(self, pre: np.ndarray, post: np.ndarray, weight: np.ndarray, delay: np.ndarray):
        return self.sim.FromListConnector(np.column_stack([pre, post, weight, delay * STEP]))

    def sources(self, times: list, label: str):
        return self.sim.Population(
            len(times), self.sim.SpikeSourceArray(spike_times=self.trains(times)), label=label
        )

    def trains(self, times: list):
        from pyNN.parameters import Sequence

        return [Sequence(each) for each in times]

    def population(self, size: int, cell, of: dict):
        return self.sim.Population(size, cell, label=of["name"])

    def bias(self, group, of: dict, steps: int, copies: int) -> None:
        """A source that spikes in every step of the sample, a step before the population takes part in it."""
        if not of["bias"].any():
            return
        times = STEP * (np.arange(steps) + of["level"] + START - 1)
        source = self.sources([times], f"bias of {of['name']}")
        neurons = np.arange(of["neurons"])
        one = np.ones_like(neurons)
        synapses = {"pre": 0 * one, "post": neurons, "weight": of["bias"], "delay": one}
        _connect(self, source, group, synapses, (0, of["neurons"]), copies)

    def in_mv(self, v: np.ndarray, of: dict) -> np.ndarray:
        """v [samples, steps, neurons] in the network's mV."""
        return v

    def run(self, steps: int) -> None:
        self.sim.run(steps * STEP)


class Brian2(Simulator):
    """Brian2 adds what arrives after the threshold, where a reset would delete it: its order is changed.

    A spike is sent on in the step after it, so delays are a step shorter there.
    """

    v_late, batch = 1, 16

    def load(self) -> ModuleType:
        import pyNN.brian2
        from brian2 import prefs

        prefs.codegen.target = "numpy"  # needs no compiler
        return pyNN.brian2

    def setup(self, longest: int) -> None:
        import brian2

        super().setup(longest)
        brian2.defaultclock.dt = STEP * brian2.ms  # of the sources, to which PyNN gives no clock
        self.network = self.sim.simulator.state.network
        self.network.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]

    def connector(self, pre, post, weight, delay):
        """All synapses at once: PyNN's own way looks for each of them among all, which takes hours."""
        from brian2 import ms, mV

        def connect(projection) -> None:
            synapses = projection._brian2_synapses[0][0]
            synapses.connect(i=pre, j=post)
            synapses.weight = weight * mV
            synapses.delay = (delay - 1) * STEP * ms
            projection._n_connections = len(pre)

        return _instead(super().connector(pre, post, weight, delay), connect)

    def sources(self, times: list, label: str):
        """A silent one beside a single one, of which PyNN would make no list."""
        return super().sources(times if len(times) > 1 else [*times, times[0][:0]], label)


class Nest(Simulator):
    batch = 16
    options = MappingProxyType({"spike_precision": "on_grid"})

    def load(self) -> ModuleType:
        os.environ["PATH"] = os.defpath  # else PyNN compiles extensions, which nothing here needs
        os.environ.setdefault("PYNEST_QUIET", "1")
        import pyNN.nest

        return pyNN.nest

    def setup(self, longest: int) -> None:
        import nest

        nest.set_verbosity("M_ERROR")
        super().setup(longest)
        cell = self.sim.IF_curr_delta  # of which PyNN 0.13 does not know how NEST calls its v
        cell.variable_map, cell.scale_factors = {"v": "V_m"}, {"v": 1}

    def connector(self, pre, post, weight, delay):
        """All synapses at once: PyNN's own way asks NEST for those of each neuron, which takes minutes."""
        import nest

        def connect(projection) -> None:
            ends = [
                np.array(of.node_collection.tolist())[chosen]
                for of, chosen in ((projection.pre, pre), (projection.post, post))
            ]
            synapses = {"synapse_model": "static_synapse", "weight": weight, "delay": delay * STEP}
            nest.Connect(*ends, "one_to_one", synapses)

        return _instead(super().connector(pre, post, weight, delay), connect)


class Spinnaker(Simulator):
    """sPyNNaker records v as a step begins, so the state after a step stands in the next sample."""

    v_late = 1

    def load(self) -> ModuleType:
        import pyNN.spiNNaker

        return pyNN.spiNNaker

    def setup(self, longest: int) -> None:
        self.sim.setup(timestep=STEP)

    def population(self, size: int, cell, of: dict):
        """The shift of its ring buffers is that of its weights, not what sPyNNaker would guess from rates."""
        summed = {"max_expected_summed_weight": [of["summed"]] * 2}
        return self.sim.Population(size, cell, label=of["name"], additional_parameters=summed)

    def bias(self, group, of: dict, steps: int, copies: int) -> None:
        """Currents that begin with the population; equal ones in one source.

        sPyNNaker 7.4.1 cannot write a DCSource below 0. A board asks a StepCurrentSource once for each neuron
        and looks at its next time as soon as one has come, so a time behind the run must follow.
        """
        times = [STEP * (of["level"] + START), NEVER]
        for amplitude in np.unique(of["current"][of["current"] != 0]):
            source = self.sim.StepCurrentSource(times=times, amplitudes=[float(amplitude)] * 2)
            group[np.tile(of["current"] == amplitude, copies)].inject(source)

    def in_mv(self, v: np.ndarray, of: dict) -> np.ndarray:
        """v as the network has it, of which a weight of 1 is 0.25 mV: a board has a unit for each neuron."""
        return v * (BOARD_IN_MV / V_IN_MV / of["unit"])

    def trains(self, times: list):
        """sPyNNaker 7.4.1 breaks down where no source spikes, so the first one does, behind the run."""
        trains = [list(map(float, each)) for each in times]
        return trains if any(trains) else [[NEVER], *trains[1:]]


def _instead(connector, connect):
    """The connector, which joins populations by `connect` instead."""
    connector.connect = connect
    return connector


SIMULATORS = {"brian2": Brian2, "nest": Nest, "spinnaker": Spinnaker}


def run_network(name: str, network: dict, spikes: np.ndarray, recorded: list[int], batch: int | None):
    """Of each population of `recorded`: v in mV [samples, T, neurons], and its spikes as uint8.

    Where nothing is recorded, nothing is read: a virtual board has nothing to read.
    """
    simulator = SIMULATORS[name]()
    size = batch or simulator.batch
    parts = [
        _batch(simulator, network, spikes[start : start + size], recorded)
        for start in range(0, len(spikes), size)
    ]
    return {
        k: tuple(np.concatenate([part[k][which] for part in parts]) for which in (0, 1)) for k in recorded
    }


def _batch(simulator: Simulator, network: dict, spikes: np.ndarray, recorded: list[int]) -> dict:
    """As `run_network`, of samples side by side."""
    sim, copies, populations = simulator.sim, len(spikes), network["populations"]
    delays = [each["delay"].max() for each in network["projections"]]
    simulator.setup(int(max(delays, default=1)) + 1)
    groups = [_population(simulator, network, number, spikes) for number in range(len(populations))]
    for each in network["projections"]:
        source, destination = each["source"], each["destination"]
        sizes = populations[source]["neurons"], populations[destination]["neurons"]
        _connect(simulator, groups[source], groups[destination], each, sizes, copies)
    for group, of in zip(groups, populations, strict=True):
        if of["model"] != "input":
            simulator.bias(group, of, network["T"], copies)
    for k in recorded:
        groups[k].record(["spikes", "v"] if populations[k]["model"] == "lif" else ["v"])
    last = max(of["level"] for of in populations)
    simulator.run(START + last + network["T"] + 2)
    found = {k: _recorded(simulator, groups[k], populations[k], network["T"], copies) for k in recorded}
    sim.end()
    return found


def _population(simulator: Simulator, network: dict, number: int, spikes: np.ndarray):
    sim, of, copies = simulator.sim, network["populations"][number], len(spikes)
    if of["model"] == "input":
        events = spikes[:, : of["end"], of["first"] : of["first"] + of["neurons"]]
        times = [
            STEP * (np.flatnonzero(events[sample, :, line]) + of["level"] + START)
            for sample in range(copies)
            for line in range(of["neurons"])
        ]
        return simulator.sources(times, of["name"])
    repeated = {name: np.tile(of[name], copies) for name in ("tau_m", "cm", "v_thresh")}
    cell = sim.IF_curr_delta(v_rest=0.0, v_reset=0.0, tau_refrac=0.0, i_offset=0.0, **repeated)
    group = simulator.population(copies * of["neurons"], cell, of)
    group.initialize(v=0.0)
    return group


def _connect(simulator: Simulator, source, destination, synapses: dict, sizes: tuple, copies: int) -> None:
    """Excitatory synapses and inhibitory ones apart, which PyNN asks for; weights keep their sign."""
    for receptor, chosen in (("excitatory", synapses["weight"] > 0), ("inhibitory", synapses["weight"] < 0)):
        if not chosen.any():
            continue
        pre, post, weight, delay = (synapses[name][chosen] for name in ("pre", "post", "weight", "delay"))
        copy = np.arange(copies)[:, None]
        arrays = (
            (copy * sizes[0] + pre).ravel(),
            (copy * sizes[1] + post).ravel(),
            np.tile(weight, copies),
            np.tile(delay, copies),
        )
        connector = simulator.connector(*arrays)
        simulator.sim.Projection(
            source, destination, connector, simulator.sim.StaticSynapse(), receptor_type=receptor
        )


def _recorded(simulator: Simulator, group, of: dict, steps: int, copies: int) -> tuple:
    segment, neurons = group.get_data().segments[-1], of["neurons"]
    first = START + of["level"]
    v = np.asarray(segment.analogsignals[0].magnitude, np.float64)[first + simulator.v_late :][:steps]
    if v.shape != (steps, copies * neurons):
        raise RunError(f"{of['name']}: PyNN gives v of the shape {v.shape}, {steps} steps were wanted")
    fired = np.zeros((steps, copies * neurons), np.uint8)
    for index, train in enumerate(segment.spiketrains):
        step = np.rint(np.asarray(train.magnitude, np.float64) / STEP).astype(int) - first
        fired[step[(step >= 0) & (step < steps)], index] = 1
    shape = (steps, copies, neurons)
    v, fired = (each.reshape(shape).transpose(1, 0, 2) for each in (v, fired))
    return simulator.in_mv(v, of), fired

"""The scalar oracle: the integer contract (`docs/semantics.md`) written out in plain Python integers.

It is meant to be read beside the contract, clause by clause, and believed. So its limits are literals
of the page, not of `snnc.formats`, and numpy only carries lists in and traces out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from snnc.stages import Artifact, LayerTrace, Population, Projection, QuantizedGraph, Trace, check_input

SpikeTrain = list[list[int]]
"""For each step, the neurons that spiked in it; an input event of payload p is p spikes of one line."""
State = list[list[int]]
"""For each step, one value a neuron."""
LIMIT = 2**23 - 1


def decay(x: int, k: int) -> int:
    """Clause 4: what the decay constant `k` leaves of `x`, rounded toward zero."""
    magnitude = (abs(x) * (4096 - k)) >> 12
    return -magnitude if x < 0 else magnitude


def wrap24(x: int) -> int:
    """Clause 3: one correction into -2**23 + 1 .. 2**23."""
    if x > 2**23:
        return x - 2**24
    if x <= -(2**23):
        return x + 2**24
    return x


def clip(x: int) -> int:
    """Clauses 5 and 5a: into -(2**23 - 1) .. 2**23 - 1."""
    return LIMIT if x > LIMIT else -LIMIT if x < -LIMIT else x


def scale(x: int, k: int) -> int:
    """Clause 5a: `k` 4096ths of `x`, rounded toward zero; `k` may be negative."""
    magnitude = (abs(x) * abs(k)) >> 12
    return -magnitude if (x < 0) != (k < 0) else magnitude


@dataclass(frozen=True, slots=True)
class Neurons:
    """Parameters of a population with a state, a list of one value a neuron each; not of an input."""

    count: int
    du: list[int]
    dv: list[int]
    input_bias: list[int]
    bias: list[int]
    end: int
    threshold: list[int] | None = None
    reset: str | None = None
    r: list[int] | None = None
    adaptation: tuple[list[int], list[int], list[int], str] | None = None
    """dw, ka, kb and the order; None but for `adlif`."""


@dataclass(frozen=True, slots=True)
class Synapses:
    """`of[j]` lists (i, W << e, D) of every synapse from neuron j of `source` to i of `destination`."""

    source: str
    destination: str
    of: list[list[tuple[int, int, int]]]


@dataclass(slots=True)
class Run:
    """What a population did in one sample so far: its state after each step, and how often it saturated."""

    a: State
    u: State = field(default_factory=list)
    w: State = field(default_factory=list)
    v: State = field(default_factory=list)
    spikes: SpikeTrain = field(default_factory=list)
    u_wraps: int = 0
    w_clips: int = 0
    v_clips: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    """A graph in Python integers. `order`: all populations in the contract order, None for an input."""

    order: dict[str, Neurons | None]
    out_of: dict[str, list[Synapses]]
    steps: int


def neurons(population: Population, end: int) -> Neurons | None:
    """`population` with its biases and thresholds shifted (clauses 2, 5 and 6)."""
    p = population
    if p.model == "input":
        return None
    assert p.decay_u is not None
    assert p.decay_v is not None
    return Neurons(
        count=p.neurons,
        du=p.decay_u.tolist(),
        dv=p.decay_v.tolist(),
        input_bias=_shifted(p.input_bias_mant, p.input_bias_exp),
        bias=_shifted(p.bias_mant, p.bias_exp),
        end=end,
        threshold=None if p.threshold is None else _shifted(p.threshold, 6),
        reset=p.reset,
        r=None if p.reset_by is None else _shifted(p.reset_by, 6),
        adaptation=None if p.model != "adlif" else _adaptation(p),
    )


def _adaptation(p: Population) -> tuple[list[int], list[int], list[int], str]:
    assert p.decay_w is not None
    assert p.ka is not None
    assert p.kb is not None
    assert p.order is not None
    return p.decay_w.tolist(), p.ka.tolist(), p.kb.tolist(), p.order


def _shifted(values: npt.NDArray[np.int32] | None, exponent: int | None) -> list[int]:
    assert values is not None
    assert exponent is not None
    return [value << exponent for value in values.tolist()]


def synapses(projection: Projection) -> Synapses:
    """`projection` by source neuron, with its weight exponent in the weights (clauses 1 and 2)."""
    found = projection.synapses.as_list()
    of: list[list[tuple[int, int, int]]] = [[] for _ in range(found.pre_neurons)]
    rows = zip(*(x.tolist() for x in (found.pre, found.post, found.weight, found.delay)), strict=True)
    for j, i, weight, delay in rows:
        of[j].append((i, weight << projection.weight_exp, delay))
    return Synapses(projection.source, projection.destination, of)


def network(graph: QuantizedGraph) -> Network:
    """`graph` as the functions below take it."""
    order = {name: neurons(graph.population(name), graph.end(name)) for name in graph.order}
    out_of = {name: [synapses(each) for each in graph.out_of(name)] for name in graph.order}
    return Network(order, out_of, graph.time_steps)


def run_sample(net: Network, events: dict[str, SpikeTrain]) -> dict[str, Run]:
    """One sample, from rest (clause 8), on the `events` of each input population before its end."""
    runs = {
        name: Run([p.input_bias.copy() for _ in range(net.steps)])  # clause 2: the bias in every step
        for name, p in net.order.items()
        if p is not None
    }
    for t in range(net.steps):
        for name, population in net.order.items():
            fired = events[name][t] if population is None else advance(population, runs[name], t)
            for projection in net.out_of[name]:  # clause 2: each spike is put into the step it arrives in
                a = runs[projection.destination].a
                for j in fired:
                    for i, weight, delay in projection.of[j]:
                        if t + delay < net.steps:  # what would arrive at step T or later arrives nowhere
                            a[t + delay][i] += weight
    return runs


def advance(p: Neurons, run: Run, t: int) -> list[int]:
    """Clauses 3 to 6 for all neurons of a population in step t; which of them spike."""
    rest = [0] * p.count  # clause 8
    u, w, v = ((states[-1] if states else rest).copy() for states in (run.u, run.w, run.v))
    spiked = set(run.spikes[-1]) if run.spikes else set()
    fired = []
    for i, a in enumerate(run.a[t]):
        # Clause 3.
        x = decay(u[i], p.du[i]) + (a << 6)
        u[i] = wrap24(x)
        run.u_wraps += u[i] != x
        adapted = 0
        if p.adaptation is not None:
            # Clause 5a.
            dw, ka, kb, order = p.adaptation
            before = w[i]
            x = decay(w[i], dw[i]) + scale(v[i], ka[i]) + (kb[i] if i in spiked else 0)
            w[i] = clip(x)
            run.w_clips += w[i] != x
            adapted = w[i] if order == "new" else before
        # Clause 5.
        x = decay(v[i], p.dv[i]) + u[i] + p.bias[i] - adapted
        v[i] = clip(x)
        run.v_clips += v[i] != x
        # Clause 6; `li` has no threshold.
        if p.threshold is not None and v[i] > p.threshold[i] and t < p.end:
            fired.append(i)
            if p.reset == "zero":
                v[i] = 0
            elif p.reset == "subtract":
                assert p.r is not None
                v[i] -= p.r[i]
    for states, now in ((run.u, u), (run.w, w), (run.v, v)):
        states.append(now)
    run.spikes.append(fired)
    return fired


def trains(graph: QuantizedGraph, sample: list[list[int]]) -> dict[str, SpikeTrain]:
    """The events of each input population of one sample [T][lines], none from its end on (clause 6)."""
    return {
        p.name: [
            [j for j, x in enumerate(row[graph.lines(p.name)]) for _ in range(x)]
            if t < graph.end(p.name)
            else []
            for t, row in enumerate(sample)
        ]
        for p in graph.populations
        if p.model == "input"
    }


def run_graph(graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> Trace:
    """Run uint8 [samples, T, inputs] through `graph`, the lines of all input populations side by side.

    Raises
    ------
    StageError
        If the input does not fit the graph.
    """
    net = network(graph)
    samples = [run_sample(net, trains(graph, sample)) for sample in check_input(graph, spikes).tolist()]
    traces = [
        _layer_trace([runs[p.name] for runs in samples], p, graph.time_steps)
        for p in graph.populations
        if p.model != "input"
    ]
    return Trace(OracleExecutor.name, tuple(traces))


def _layer_trace(runs: list[Run], population: Population, steps: int) -> LayerTrace:
    shape = (len(runs), steps, population.neurons)
    fired = np.zeros(shape, np.bool_)
    for sample, run in enumerate(runs):
        for t, indices in enumerate(run.spikes):
            if indices:
                fired[sample, t, indices] = True
    adapts = population.model == "adlif"
    return LayerTrace(
        u=np.array([run.u for run in runs], np.int32).reshape(shape),
        v=np.array([run.v for run in runs], np.int32).reshape(shape),
        spikes=fired,
        u_wraps=sum(run.u_wraps for run in runs),
        v_clips=sum(run.v_clips for run in runs),
        w=np.array([run.w for run in runs], np.int32).reshape(shape) if adapts else None,
        w_clips=sum(run.w_clips for run in runs) if adapts else None,
    )


class OracleExecutor:
    """The scalar oracle as an executor (`snnc.executor.Executor`)."""

    name = "oracle"

    def unavailable_reason(self) -> str | None:
        """None: it needs nothing but Python and numpy."""
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs]; see `run_graph`."""
        return run_graph(artifact.graph, spikes)

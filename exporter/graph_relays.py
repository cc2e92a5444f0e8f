"""Relay populations: delays of any length in a graph that is no chain, out of projections that hold less.

`relay.py` says what a relay is and why it computes the same. Here the relays of a population s are *stages*,
populations of their own: stage 1 sends what s sends, `prefix` steps later, stage 2 what stage 1 sends, and
so on. A synapse from s of delay D that goes over stage k leads from there, with the delay D - k prefix. All
projections from s share its stages. Synapses that need none stay as they are, and a convolution stays one:
its stages have a relay for every neuron of s.

On a chip that takes a step for each hop, a population computes step t in step t + level of the chip, and a
synapse waits there for h = D + level(d) - level(s) - 1 steps, 0 .. most (`targets/levels.py`). Take
levels for which no h is below the least; they may be beyond the most. Let stage k have the level
level(s) + k (span - prefix), with span = most + 1 (if the least is 0). Then from stage to stage a spike waits
span - 1 = most steps, and from stage k to d for h - k span: within the limits for one k. So levels exist. The
prefix is span, or as much less as keeps D - k prefix from being negative.

No cycle of delays 0 is new: a delay of 0 to or from a relay comes of a synapse whose delay was 0, or the
other half of its way is longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import BUT_OF_EXAMPLE, LimitError
from snnc.exporter.relay import THRESHOLD, WEIGHT, check_count, free_name
from snnc.stages import (
    Convolution,
    Population,
    Projection,
    QuantizedGraph,
    SynapseList,
    SynapseMatrix,
    Synapses,
)
from snnc.stages.population import LIF, ZERO
from snnc.target import Limits, Target
from snnc.targets.levels import hops_of, retime

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reach:
    """What delays a synapse can have: one of delay D waits for D + `later` steps, `least` .. `most` are held.

    `hop`: steps that a relay takes beside its delay. `later`: of each projection.
    """

    least: int
    most: int
    hop: int
    later: tuple[int, ...]

    @property
    def span(self) -> int:
        """By how much a stage shortens what a synapse waits for."""
        return min(self.most + self.hop, self.most - self.least + 1)

    def stages(self, delay: Ints, later: int) -> Ints:
        """Over how many stages synapses of these delays go."""
        return np.maximum(0, -((self.most - delay - later) // self.span))


def reach_of(graph: QuantizedGraph, limits: Limits, levels: Mapping[str, int] | None) -> Reach:
    """Of `graph` on a chip with these `levels`, or where a hop takes no step.

    Raises
    ------
    LimitError
        If the delays that the target holds leave no room for relays.
    """
    hop = 0 if levels is None else 1
    later = (0,) * len(graph.projections)
    if levels is not None:
        later = tuple(levels[each.destination] - levels[each.source] - 1 for each in graph.projections)
    found = Reach(limits.delay_min, limits.delay_max, hop, later)
    if found.span < max(1, limits.delay_min + hop):
        raise LimitError(
            f"relays need delays of {limits.delay_min} .. {max(1, 2 * limits.delay_min)} steps, the target "
            f"holds {limits.delay_min}..{limits.delay_max}; export to another target"
        )
    return found


def relays_for(graph: QuantizedGraph, target: Target) -> QuantizedGraph:
    """`graph` with the relays that `target` needs; without them if it holds all delays as they are.

    Raises
    ------
    LimitError
        If a cycle is shorter than its hops, an input that carries payloads needs relays, or the target holds
        too few delays for any.
    """
    limits = target.limits
    if fits(graph, target):
        return graph
    if target.levels is None:
        return add_graph_relays(graph, reach_of(graph, limits, None))
    neurons = {each.name: each.neurons for each in graph.populations}
    hops = hops_of(graph)
    any_delay = sum(each.longest + 1 + limits.delay_min for each in hops)
    levels = retime(neurons, hops, limits.delay_min, any_delay)
    return add_graph_relays(graph, reach_of(graph, limits, levels))


def fits(graph: QuantizedGraph, target: Target) -> bool:
    """Whether `target` holds all delays of `graph`: as they are, or with the levels of populations."""
    limits, hops = target.limits, hops_of(graph)
    if target.levels is None:
        return all(hop.longest <= limits.delay_max for hop in hops)
    neurons = {each.name: each.neurons for each in graph.populations}
    try:
        retime(neurons, hops, limits.delay_min, limits.delay_max)
    except LimitError:
        return False
    return True


def add_graph_relays(graph: QuantizedGraph, reach: Reach) -> QuantizedGraph:
    """`graph` with stages of relays for each population whose synapses wait for longer than `reach.most`.

    Raises
    ------
    LimitError
        If an input that carries payloads needs them, or there would be more stages than populations may be.
    """
    taken = {each.name for each in graph.populations}
    populations: list[Population] = []
    added: list[Projection] = []
    moved: dict[int, list[Projection]] = {}
    for each in graph.populations:
        populations.append(each)
        from_here = [(n, one) for n, one in enumerate(graph.projections) if one.source == each.name]
        found = [(n, one, reach.stages(_delays(one.synapses), reach.later[n])) for n, one in from_here]
        if not any((stage[_present(one.synapses)] > 0).any() for _, one, stage in found):
            continue
        _refuse_payloads(each, [one for _, one in from_here], reach)
        longest = max(one.synapses.max_delay for _, one in from_here)
        check_count(each.name, longest, max(int(stage.max(initial=0)) for _, _, stage in found))
        line = _line(each, [(one.synapses, stage) for _, one, stage in found], reach, taken)
        populations += line.populations
        added += line.projections
        for n, one, stage in found:
            moved[n] = line.parts(one, stage)
    kept = [part for n, one in enumerate(graph.projections) for part in moved.get(n, [one])]
    return replace(graph, populations=tuple(populations), projections=(*added, *kept))


@dataclass(frozen=True, slots=True)
class _Line:
    """The stages of one population: `neurons` of it that each of them repeats."""

    prefix: int
    neurons: tuple[Ints, ...]
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]

    def parts(self, of: Projection, stage: Ints) -> list[Projection]:
        """`of` from its source and from the stages, as far as there is a synapse; `stage` of each element."""
        found = []
        for number, source in enumerate([of.source, *(each.name for each in self.populations)]):
            here = stage == number
            if not (here & _present(of.synapses)).any():
                continue
            synapses = self._moved(of.synapses, here, number)
            found.append(replace(of, source=source, synapses=synapses))
        return found

    def _moved(self, synapses: Synapses, here: npt.NDArray[np.bool_], number: int) -> Synapses:
        """Those `here` alone; they lead from stage `number`, 0 for the source itself."""
        earlier = number * self.prefix
        if isinstance(synapses, Convolution):
            kernel = np.where(here, synapses.kernel, 0)
            return replace(synapses, kernel=kernel, delay=np.where(kernel != 0, synapses.delay - earlier, 0))
        if isinstance(synapses, SynapseMatrix):
            weight = np.where(here, synapses.weight, 0)
            delay = np.where(here & (weight != 0), synapses.delay - earlier, 0)
            if number:
                weight, delay = (each[:, self.neurons[number - 1]] for each in (weight, delay))
            return SynapseMatrix(weight, delay)
        listed: SynapseList = synapses.as_list()
        pre, neurons = listed.pre[here], listed.pre_neurons
        if number:
            pre = np.searchsorted(self.neurons[number - 1], pre).astype(np.int32)
            neurons = len(self.neurons[number - 1])
        rest = listed.post[here], listed.weight[here], listed.delay[here] - earlier
        return SynapseList(pre, *rest, neurons, listed.post_neurons)


def _line(
    source: Population, synapses: Sequence[tuple[Synapses, Ints]], reach: Reach, taken: set[str]
) -> _Line:
    prefix, deepest = reach.span, np.zeros(source.neurons, np.int64)
    for each, stage in synapses:
        relayed = (stage > 0) & _present(each)
        if reach.hop and relayed.any():
            prefix = min(prefix, int((_delays(each)[relayed] // stage[relayed]).min()))
        if isinstance(each, Convolution):
            deepest = np.maximum(deepest, stage[_present(each)].max(initial=0))
        else:
            np.maximum.at(deepest, _sources(each)[_present(each)], stage[_present(each)])
    neurons = tuple(np.flatnonzero(deepest >= stage) for stage in range(1, int(deepest.max()) + 1))
    names = [free_name(f"{source.name}_relay{number}", taken) for number in range(1, len(neurons) + 1)]
    populations = tuple(_relays(name, len(own)) for name, own in zip(names, neurons, strict=True))
    before = [np.arange(source.neurons), *neurons]
    projections = []
    for start, name, heard, own in zip([source.name, *names], names, before, neurons, strict=False):
        ones = np.ones(len(own), np.int32)
        pre, post = np.searchsorted(heard, own).astype(np.int32), np.arange(len(own), dtype=np.int32)
        repeats = SynapseList(pre, post, WEIGHT * ones, prefix * ones, len(heard), len(own))
        projections.append(Projection(start, name, repeats))
    return _Line(prefix, neurons, populations, tuple(projections))


def _relays(name: str, neurons: int) -> Population:
    one = formats.DECAY_ONE
    values = {"decay_u": one, "decay_v": one, "threshold": THRESHOLD}
    return Population(name, LIF, neurons, reset=ZERO, **values)  # type: ignore[arg-type]  # one for all


def _delays(synapses: Synapses) -> Ints:
    """As they are stored: [synapses], [post, pre] or [O, I, kh, kw]."""
    stored = synapses if isinstance(synapses, Convolution | SynapseMatrix) else synapses.as_list()
    return stored.delay.astype(np.int64)


def _present(synapses: Synapses) -> npt.NDArray[np.bool_]:
    """In the same shape, which of them stand for a synapse."""
    if isinstance(synapses, Convolution):
        there: npt.NDArray[np.bool_] = synapses.kernel != 0
        return there
    stored = synapses if isinstance(synapses, SynapseMatrix) else synapses.as_list()
    return stored.weight != 0


def _sources(synapses: Synapses) -> Ints:
    """In the same shape, the source of each."""
    if isinstance(synapses, SynapseMatrix):
        return np.broadcast_to(np.arange(synapses.pre_neurons), synapses.weight.shape)
    return synapses.as_list().pre.astype(np.int64)


def _refuse_payloads(source: Population, projections: Sequence[Projection], reach: Reach) -> None:
    if (source.payload_max or 1) == 1:
        return
    longest = max(projections, key=lambda each: each.synapses.max_delay)
    raise LimitError(
        f"{longest.name}: delays of up to {longest.synapses.max_delay} steps are beyond those that the "
        f"target holds ({reach.least}..{reach.most}), and relays for them would lose payloads of up to "
        f"{source.payload_max}; use shorter delays, or export with --payload-max 1{BUT_OF_EXAMPLE}"
    )

"""What the delays of a network take on a chip, and what they would take if they were factored.

Delays as sums of parts that a chip may hold once a source or once a neuron:
`d[i, j] = axonal[j] + synaptic[i, j] + post[i]` on every synapse, exactly, all parts >= 0.

- *axonal*: the spikes of source j wait before they fan out. Always exact (clause 2).
- *post-synaptic*: neuron i runs `post[i]` steps early, and its own spikes wait that long. Exact only where a
  neuron is shift-invariant: it spikes and has no bias. Proof, for s = `post[i]`. Let nothing arrive before
  step t0. By induction over t < t0 the clauses 3 to 6 give u = v = 0, and no spike, since 0 > vth << 6 is
  false. From t0 on they never name t. So if everything arrives s steps earlier, u, v and spikes are what they
  were, s steps earlier, and the spikes act when they did. At the end of the sample, what used to arrive in T
  .. T + s - 1, nowhere, now arrives in T - s .. T - 1; but a spike of those steps waits until T or later, and
  acts nowhere. A bias acts from step 0 whatever arrives, so with a bias the proof fails and `post` is 0. So
  it is for the readout, whose v at each step is the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.stages import QuantizedGraph, QuantizedLayer, SynapseMatrix, Synapses
from snnc.target import Limits

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DelayFactors:
    """`axonal` int32 [inputs], `synaptic` int32 [neurons, inputs], `post` int32 [neurons], in steps.

    Where there is no synapse, `synaptic` is 0.
    """

    axonal: IntArray
    synaptic: IntArray
    post: IntArray

    def __post_init__(self) -> None:
        for name in ("axonal", "synaptic", "post"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int32, name=f"{name} delays"))

    @property
    def total(self) -> IntArray:
        """The delays that the parts add up to, int32 [neurons, inputs]; right where there is a synapse."""
        return self.axonal + self.synaptic + self.post[:, None]


def shift_invariant(layer: QuantizedLayer) -> npt.NDArray[np.bool_]:
    """Neurons for which a post-synaptic part is exact, bool [neurons]."""
    silent: npt.NDArray[np.bool_] = layer.bias_mant == 0
    return silent & layer.spikes


def factor_delays(layer: QuantizedLayer) -> DelayFactors:
    """Parts with a short synaptic one: first what all synapses of a source share, then those of a neuron.

    Without post-synaptic parts the longest synaptic delay is the least possible; with them it may not be.
    """
    present = layer.weight != 0
    axonal = _shared(layer.delay, present, axis=0)
    rest = layer.delay - axonal
    post = np.where(shift_invariant(layer), _shared(rest, present, axis=1), 0)
    return DelayFactors(axonal, np.where(present, rest - post[:, None], 0), post)


def _shared(delay: IntArray, present: npt.NDArray[np.bool_], axis: int) -> IntArray:
    """The shortest present delay along `axis`; 0 where there is no synapse."""
    beyond = np.iinfo(np.int32).max
    least: IntArray = np.where(present, delay, beyond).min(axis=axis)
    return np.where(least == beyond, 0, least)


def delay_costs(
    graph: QuantizedGraph, limits: Limits, levels: Mapping[str, int] | None = None
) -> list[dict[str, int | str]]:
    """A row a layer, for the manifest.

    `slots`: steps for which each neuron holds pending input, one for each delay from 0 to the longest, of
    `slots_limit`; `neurons_per_core`: how many neurons a core has slots for. `lines`: distinct pairs (source,
    delay). `delay_bits`: of all delays of the synapses, each as long as the longest of its projection needs.

    `factored_slots`, `factored_bits`: the same if the target held axonal and post-synaptic delays beside the
    synaptic (`factor_delays`). Analysis only: no target of snnc does. A graph that is no chain has a row for
    each population with a state, without these two and `lines`; with `levels` (`Target.levels`) the delays
    are those of the chip's program.
    """
    if not graph.is_chain:
        return [_costs(graph, each.name, limits, levels) for each in graph.stateful]
    rows: list[dict[str, int | str]] = []
    for layer in graph.layers:
        parts, synapses = factor_delays(layer), int(np.count_nonzero(layer.weight))
        axonal, synaptic, post = (int(part.max()) for part in (parts.axonal, parts.synaptic, parts.post))
        rows.append(
            {
                "layer": layer.name,
                "longest": layer.max_delay,
                "slots": layer.max_delay + 1,
                "slots_limit": limits.delay_slots,
                "neurons_per_core": limits.neurons_with_delay(layer.max_delay),
                "lines": count_lines(layer),
                "delay_bits": synapses * layer.max_delay.bit_length(),
                "factored_slots": synaptic + 1,
                "factored_bits": synapses * synaptic.bit_length()
                + layer.inputs * axonal.bit_length()
                + layer.neurons * post.bit_length(),
            }
        )
    return rows


def _costs(
    graph: QuantizedGraph, name: str, limits: Limits, levels: Mapping[str, int] | None
) -> dict[str, int | str]:
    into = [each for each in graph.into(name) if each.synapses.count]
    hops = [levels[name] - levels[each.source] - 1 if levels else 0 for each in into]
    delays = [each.synapses.max_delay + hop for each, hop in zip(into, hops, strict=True)]
    longest = max(delays, default=0)
    return {
        "layer": name,
        "longest": longest,
        "slots": longest + 1,
        "slots_limit": limits.delay_slots,
        "neurons_per_core": limits.neurons_with_delay(longest),
        "delay_bits": sum(
            each.synapses.count * delay.bit_length() for each, delay in zip(into, delays, strict=True)
        ),
    }


def count_lines(layer: QuantizedLayer) -> int:
    """Distinct pairs (source, delay) of the synapses: the lines that delays need where they wait apart."""
    return lines_in(layer.synapses)


def lines_in(synapses: Synapses) -> int:
    """As `count_lines`, of a projection."""
    used = np.zeros((synapses.max_delay + 1, synapses.pre_neurons), np.bool_)
    if isinstance(synapses, SynapseMatrix):
        neuron, source = np.nonzero(synapses.weight)
        used[synapses.delay[neuron, source], source] = True
    else:
        listed = synapses.as_list()
        used[listed.delay, listed.pre] = True
    return int(np.count_nonzero(used))

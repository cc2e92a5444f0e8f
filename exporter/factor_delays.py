"""Delays as sums of parts that a chip may hold once a source or once a neuron.

`d[i, j] = axonal[j] + synaptic[i, j] + post[i]` on every synapse, exactly, all parts >= 0:

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

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.stages import QuantizedLayer

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

"""What golden vectors of graphs are made of: populations, projections, expected states and scores.

The vectors stand in `graph_golden.py` and the modules that it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from golden import FORGET, HOLD, GoldenCase, _steps_first

from snnc.stages import (
    LayerTrace,
    Population,
    Projection,
    QuantizedGraph,
    Readout,
    SynapseList,
    SynapseMatrix,
)
from snnc.stages.population import ADLIF, INPUT, LI, LIF, NEW, ZERO


@dataclass(frozen=True)
class Decoded:
    """What one readout answers (clause 7).

    `scores`, float64 [samples, T, classes], and `classes`, int [samples, T], are those after 1 .. T steps;
    the last are the answer. A class of -1 means that rounding decides.
    """

    scores: npt.NDArray[np.float64]
    classes: npt.NDArray[np.int64]


@dataclass(frozen=True)
class GraphCase(GoldenCase):
    """`layers`: the expected state of every population that is no input, in the order of the list.

    `answers`: one of each readout, in their order; empty where the case is not about decoders.
    """

    answers: tuple[Decoded, ...] = ()


def source(name: str = "x", neurons: int = 1, **others: Any) -> Population:
    return Population(name, INPUT, neurons, **others)


def lif(name: str = "h", neurons: int = 1, **others: Any) -> Population:
    """Without memory unless `decay_u` or `decay_v` says so; every v above 0 is a spike."""
    return Population(
        name, LIF, neurons, **{"decay_u": FORGET, "decay_v": FORGET, "threshold": 0, "reset": ZERO} | others
    )


def adlif(name: str = "h", neurons: int = 1, **others: Any) -> Population:
    """As `lif`, with a w that keeps all and gets nothing."""
    adaptation = {"decay_w": HOLD, "ka": 0, "kb": 0, "order": NEW}
    return replace(lif(name, neurons), model=ADLIF, **adaptation | others)


def li(name: str = "y", neurons: int = 1, **others: Any) -> Population:
    """u forgets all and v nothing."""
    return Population(name, LI, neurons, **{"decay_u": FORGET, "decay_v": HOLD} | others)


def dense(
    pre: str, post: str, weight: npt.ArrayLike, delay: int | list[list[int]] = 0, exp: int = 0
) -> Projection:
    """Weight and delay are [neurons of `post`, neurons of `pre`]; one delay stands for equal ones."""
    delays = np.full_like(weight, delay) if isinstance(delay, int) else np.array(delay)
    return Projection(pre, post, SynapseMatrix(np.array(weight), delays), exp)


def listed(pre: int, post: int, *synapses: tuple[int, int, int, int]) -> SynapseList:
    """`synapses` as in clause 1, (j, i, W, D), between `pre` and `post` neurons."""
    columns = np.array(synapses).T
    return SynapseList(columns[0], columns[1], columns[2], columns[3], pre, post)


def state(
    u: list[Any],
    v: list[Any],
    spikes: list[Any] | None = None,
    w: list[Any] | None = None,
    *,
    u_wraps: int = 0,
    v_clips: int = 0,
    w_clips: int = 0,
) -> LayerTrace:
    """Expected state; u, v, spikes and w are [neurons][T], or [samples][neurons][T]."""
    fired = np.zeros_like(u) if spikes is None else np.array(spikes)
    adaptation = {} if w is None else {"w": _steps_first(w), "w_clips": w_clips}
    return LayerTrace(
        _steps_first(u), _steps_first(v), _steps_first(fired).astype(bool), u_wraps, v_clips, **adaptation
    )


def decoded(scores: list[Any], classes: list[Any]) -> Decoded:
    """Scores so far are [classes][T], classes so far [T], or lists of these, one for each sample."""
    by_sample = np.array(classes)
    return Decoded(
        _steps_first(scores).astype(np.float64), by_sample[None] if by_sample.ndim == 1 else by_sample
    )


def readout(population: str, decoder: str, neurons: int, scale: float | list[float] | None = None) -> Readout:
    names = tuple(f"class{number}" for number in range(neurons))
    return Readout(population, decoder, scale if scale is None else np.array(scale), names)


def graph_of(
    populations: Sequence[Population],
    projections: Sequence[Projection],
    steps: int,
    readouts: Sequence[Readout] | None = None,
) -> QuantizedGraph:
    """Unless `readouts` are given, the last population that is no input is the only one."""
    last = next(each for each in reversed(populations) if each.model != INPUT)
    decoder: tuple[str, int, float | None]
    decoder = ("count", last.neurons, None) if last.spikes else ("sum", last.neurons, 1.0)
    readouts = [readout(last.name, *decoder)] if readouts is None else readouts
    return QuantizedGraph(tuple(populations), tuple(projections), tuple(readouts), steps, 0.001)


def case(
    name: str,
    populations: Sequence[Population],
    projections: Sequence[Projection],
    input: list[Any],
    expected: list[LayerTrace],
    readouts: Sequence[Readout] | None = None,
    answers: Sequence[Decoded] = (),
) -> GraphCase:
    """`input` is a train for each line, [lines][T], or [samples][lines][T]; lines as in the list."""
    train = _steps_first(input).astype(np.uint8)
    graph = graph_of(populations, projections, train.shape[1], readouts)
    return GraphCase(name, graph, train, tuple(expected), tuple(answers))

"""Executor: the network as a board computes it, in the contract's steps."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from snnc.errors import ExecutorError
from snnc.stages import Artifact, LayerTrace, Trace
from snnc.stages.fixed_point import FixedPoint
from snnc.targets.spinnaker.fixed import fits
from snnc.targets.spinnaker.fixed.accum import FRACTION_BITS
from snnc.targets.spinnaker.fixed.board import Answer, Board, mapped_of
from snnc.targets.spinnaker.fixed.mapping import Floats
from snnc.targets.spinnaker.fixed.ring import FULL
from snnc.targets.spinnaker.fixed.stored import settings_of

NAME, TARGET = "spinnaker-fixed", "spinnaker"
MOST = (1 << 31) - 1
"""The largest state that a trace holds."""


class SpinnakerFixedExecutor:
    """The network of an artifact of the target spinnaker in a board's arithmetic.

    Scales and time constants are those that the artifact's script gives a board. Its states are the board's
    in the contract's units, to the nearest whole number; so they differ from the contract's by rounding even
    where all is right, and that they agree somewhere is no equality of states.
    """

    name = NAME
    own_arithmetic = (
        "it computes in the board's S16.15, which rounds up where the contract rounds toward zero"
    )

    def unavailable_reason(self) -> str | None:
        """None: it needs nothing but numpy and scipy."""
        return None

    def unsupported_reason(self, artifact: Artifact) -> str | None:
        """That the artifact is none of target spinnaker, or what of its network a board lacks, or None."""
        if artifact.target != TARGET:
            return f"{artifact.path.name} was not made for a SpiNNaker board; export with --target {TARGET}"
        return "; ".join(fits.problems(artifact.graph)) or None

    def numbers(self, artifact: Artifact, population: str) -> FixedPoint:
        """Those with which it runs a population of `artifact`. Raises as `run` of its settings."""
        setting = settings_of(artifact.graph, artifact.manifest.get("settings", {}))[population]
        mapped = mapped_of(artifact.graph, population, setting, 0)
        cells = mapped.cells
        return FixedPoint(
            fraction_bits=FRACTION_BITS,
            weight_unit=1 << setting.quantum,
            most=FULL,
            shift=cells.shift,
            resistance=cells.constants.resistance,
            decay=cells.constants.decay,
            threshold=cells.constants.threshold,
            current=cells.injected(0),
            unit=mapped.unit,
        )

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        """Run uint8 [samples, T, inputs] with the settings of the artifact.

        Raises
        ------
        StageError
            If the input does not fit the graph.
        LimitError
            If a board cannot hold the network, or the settings do not fit it; InputError if they are none.
        ExecutorError
            If a state is too large for a trace.
        """
        graph = artifact.graph
        board = Board.of(graph, settings_of(graph, artifact.manifest.get("settings", {})))
        began = time.perf_counter()
        answers = board.run(spikes)
        info = {
            "seconds": time.perf_counter() - began,
            "saturated_sums": sum(each.saturated for each in answers.values()),
            "levels": dict(board.levels),
        }
        return Trace(NAME, tuple(_layer(each.name, answers[each.name]) for each in graph.stateful), info)


def _layer(name: str, answer: Answer) -> LayerTrace:
    """A board counts neither wraps nor clips, of which it has none."""
    assert answer.u is not None
    return LayerTrace(_whole(f"{name}, u", answer.u), _whole(f"{name}, v", answer.v), answer.spikes)


def _whole(what: str, values: Floats) -> npt.NDArray[np.int32]:
    found = np.floor(values + 0.5)
    if (outside := np.abs(found) > MOST).any():
        raise ExecutorError(
            f"{NAME}: {what} of the board is {found[outside][0]:.0f} in the contract's units, a trace holds "
            f"{MOST}; use smaller weights"
        )
    return found.astype(np.int32)

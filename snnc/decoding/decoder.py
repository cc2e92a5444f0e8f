"""Clause 7: the host's decoding of the readouts of a graph, each by its own decoder over its own steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.decoding import bounds, softmax
from snnc.decoding.classes import Alike, equals_one_before, may_be_largest
from snnc.decoding.scores import SCORES, SO_FAR
from snnc.errors import StageError
from snnc.stages.quantized import QuantizedGraph
from snnc.stages.readout import OF_SPIKES, Readout
from snnc.stages.trace import LayerTrace

Scores = npt.NDArray[np.float64] | npt.NDArray[np.int64]
"""float64 from v, int64 from spikes."""
Record = npt.NDArray[np.int32] | npt.NDArray[np.bool_]
Array = npt.NDArray[Any]
Classes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decodes one readout of a graph: `decoders(graph)` makes one for each.

    A `record` is what the readout is decoded from, [samples, T, classes]: v of an `li` population, whole
    numbers that fit int32, or spikes of a spiking one, bool. `record(layers)` takes it from a trace. Steps
    from `end` on have no effect.

    `scores`, `classes` and `tolerance` (the rounding bound) of a record are of whole samples; `allowed` tells
    whether clause 7 allows the classes that another decoder took. `scores_so_far`, `classes_so_far`,
    `tolerance_so_far` and `allowed_so_far` have results for t = 0 .. T-1, each of the steps 0 .. t alone
    (n = t + 1 in clause 7). All raise `StageError` if a record does not fit the readout, or if scores exceed
    the range of floating point.

    Attributes
    ----------
    readout
        Population, decoder, scale and class names.
    end
        Steps that are decoded, the `end` of the population.
    layer
        Number of the population in `Trace.layers`.
    """

    readout: Readout
    end: int
    layer: int

    @property
    def of_spikes(self) -> bool:
        """Whether it decodes spikes; scores are whole numbers then."""
        return self.readout.decoder in OF_SPIKES

    def record(self, layers: Sequence[LayerTrace]) -> Record:
        """What it decodes of `layers`, those of a trace of the graph: v or spikes."""
        found = layers[self.layer]
        return found.spikes if self.of_spikes else found.v

    def scores(self, record: npt.ArrayLike) -> Scores:
        """`y_i` of clause 7, [samples, classes]: float64, of `count` and `first` int64."""
        own = self._own(record)
        with np.errstate(over="ignore", invalid="ignore"):
            found = SCORES[self.readout.decoder](own, self.readout.scale)
        return self._finite(found)

    def scores_so_far(self, record: npt.ArrayLike) -> Scores:
        """`scores` of the steps 0 .. t alone, for every t: [samples, T, classes]."""
        own = self._own(record)
        with np.errstate(over="ignore", invalid="ignore"):
            found = SO_FAR[self.readout.decoder](own, self.readout.scale)
        return self._finite(found)[:, self._steps(record)]

    def classes(self, record: npt.ArrayLike) -> Classes:
        """Class of each sample, int64 [samples]: of those with equal scores the first."""
        return _first_of_largest(self.scores(record))

    def classes_so_far(self, record: npt.ArrayLike) -> Classes:
        """`classes` of the steps 0 .. t alone, for every t: int64 [samples, T]."""
        return _first_of_largest(self.scores_so_far(record))

    def tolerance(self, record: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> softmax.Floats:
        """How far a score that another decoder computed in `dtype` may lie from `scores`: float64 [samples].

        It is the sum of the bounds of both, each in its own type, from `bounds`; 0 of `count` and
        `first`.

        Raises
        ------
        StageError
            Also if there is no bound in `dtype`: a scale is subnormal in it, or a `sum` has too many terms.
        """
        return self._tolerance(self._own(record), dtype)[:, -1]

    def tolerance_so_far(self, record: npt.ArrayLike, dtype: npt.DTypeLike = np.float64) -> softmax.Floats:
        """`tolerance` of the steps 0 .. t alone, for every t: float64 [samples, T]."""
        return self._tolerance(self._own(record), dtype)[:, self._steps(record)]

    def allowed(
        self,
        record: npt.ArrayLike,
        taken: npt.NDArray[np.integer],
        found: npt.NDArray[np.floating | np.integer] | None = None,
        *,
        scores: Scores | None = None,
    ) -> npt.NDArray[np.bool_]:
        """Whether clause 7 allows that another decoder takes the classes `taken` [samples]: bool [samples].

        `found` [samples, classes]: its own scores, or None if it tells none; their type is the one that it
        computes in. Whether these scores themselves are near enough to `scores` is another question.
        `scores`: those of the record, where they are known.
        """
        right = self.scores(record) if scores is None else scores
        self._check_shapes(right, taken, found)
        whole = None if found is None else found[:, None]
        last = np.array([self.end - 1])
        return self._allowed(record, last, taken[:, None], right[:, None], whole)[:, 0]

    def allowed_so_far(
        self,
        record: npt.ArrayLike,
        taken: npt.NDArray[np.integer],
        found: npt.NDArray[np.floating | np.integer] | None = None,
        *,
        scores: Scores | None = None,
    ) -> npt.NDArray[np.bool_]:
        """`allowed` of classes [samples, T] and scores [samples, T, classes] so far: bool [samples, T]."""
        right = self.scores_so_far(record) if scores is None else scores
        self._check_shapes(right, taken, found)
        return self._allowed(record, self._steps(record), taken, right, found)

    def _allowed(
        self,
        record: npt.ArrayLike,
        steps: npt.NDArray[np.intp],
        taken: npt.NDArray[np.integer],
        right: Array,
        found: npt.NDArray[np.floating | np.integer] | None,
    ) -> npt.NDArray[np.bool_]:
        """`allowed` of results that are decoded up to each of `steps`, [samples, steps]."""
        if self.of_spikes:
            first: npt.NDArray[np.bool_] = taken == right.argmax(axis=2)
            return first
        own = self._own(record)
        held = may_be_largest(taken, right, self._tolerance(own, self._dtype(found))[:, steps])
        if found is not None:
            held &= taken == found.argmax(axis=2)
        else:
            alike = Alike(self.readout.decoder, own, self._scale, steps)
            held &= ~equals_one_before(taken, alike)
        return held

    def _tolerance(self, own: Array, dtype: npt.DTypeLike) -> softmax.Floats:
        if self.of_spikes:
            return np.zeros(own.shape[:2])
        bounds.check(self.readout, self.end, dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            found = bounds.tolerance_so_far(self.readout.decoder, own, self._scale, dtype)
        return self._finite(found)

    def _own(self, record: npt.ArrayLike) -> Array:
        """Its own steps of a record, checked: int32 or bool, [samples, end, classes]."""
        what = f"readout {self.readout.population}: {'spikes' if self.of_spikes else 'v'}"
        array = frozen(record, np.bool_ if self.of_spikes else np.int32, name=what)
        count = len(self.readout.class_names)
        if array.ndim != 3 or array.shape[1] < self.end or array.shape[2] != count:
            raise StageError(
                f"{what} has shape {array.shape}, expected [samples, at least {self.end} steps, {count} "
                "classes]; give the record of its population"
            )
        return array[:, : self.end]

    @property
    def _scale(self) -> softmax.Scale:
        assert self.readout.scale is not None
        return self.readout.scale

    def _steps(self, record: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Of each step the last one that is decoded then: after the end nothing changes."""
        return np.minimum(np.arange(np.shape(record)[1]), self.end - 1)

    def _finite(self, found: Array) -> Array:
        if not np.isfinite(found).all():
            raise StageError(
                f"readout {self.readout.population}: scale is up to {np.max(self._scale)}, with which "
                f"{self.readout.decoder} of its v exceeds {np.finfo(np.float64).max}, the range of floating "
                "point; choose a smaller scale"
            )
        return found

    def _check_shapes(self, right: Array, taken: Array, found: Array | None) -> None:
        for what, array, shape in (("classes", taken, right.shape[:-1]), ("scores", found, right.shape)):
            if array is not None and array.shape != shape:
                raise StageError(
                    f"readout {self.readout.population}: {what} to judge have shape {array.shape}, expected "
                    f"{shape}; give those of the same samples and steps"
                )

    @staticmethod
    def _dtype(found: Array | None) -> npt.DTypeLike:
        return found.dtype if found is not None and found.dtype.kind == "f" else np.float64


def decoders(graph: QuantizedGraph) -> tuple[Decoder, ...]:
    """A decoder for each readout of `graph`, in the order of the graph's list.

    For a chain it is one, `softmax` of all steps, and it gives what `snnc.decoding.softmax` gives.
    """
    return tuple(
        Decoder(each, graph.end(each.population), graph.trace_index(each.population))
        for each in graph.readouts
    )


def _first_of_largest(scores: Array) -> Classes:
    best: Classes = scores.argmax(axis=-1).astype(np.int64, copy=False)
    return best

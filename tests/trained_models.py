"""Whether two trained models are the same."""

from typing import Any

import numpy as np

from snnc.stages import TrainedModel


def same(left: TrainedModel, right: TrainedModel) -> bool:
    return dict(left.metrics) == dict(right.metrics) and all(
        np.array_equal(a, b) for a, b in zip(every_array(left), every_array(right), strict=True)
    )


def every_array(model: TrainedModel) -> list[np.ndarray[Any, Any]]:
    assert model.gaussian is not None
    real = [array for layer in model.layers + model.gaussian for array in (layer.weight, layer.position)]
    integers = [layer for layers in model.quantised.values() for layer in layers]
    return real + [array for layer in integers for array in (layer.weight, layer.delay, layer.bias)]

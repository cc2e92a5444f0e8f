"""Faults in the emitted ONNX graphs: operators, constants, metadata."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import onnx
from onnx import numpy_helper

from independent_faults.catalogue import fault

Files = dict[str, bytes]
MODEL, PROBE = "model.onnx", "probe.onnx"


def edit(
    files: Files, change: Callable[[onnx.ModelProto], None], names: tuple[str, ...] = (MODEL, PROBE)
) -> None:
    for name in names:
        model = onnx.load_model_from_string(files[name])
        change(model)
        files[name] = model.SerializeToString()


def scan(model: onnx.ModelProto) -> onnx.NodeProto:
    return next(node for node in model.graph.node if node.op_type == "Scan")


def body(model: onnx.ModelProto) -> onnx.GraphProto:
    return next(attribute.g for attribute in scan(model).attribute if attribute.name == "body")


def node(graph: onnx.GraphProto, output: str) -> onnx.NodeProto:
    return next(node for node in graph.node if output in node.output)


def constant(graph: onnx.GraphProto, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """The constant `name` becomes what `change` makes of it."""
    tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
    old = numpy_helper.to_array(tensor)
    new = np.asarray(change(old.copy()), old.dtype).reshape(old.shape)
    tensor.CopyFrom(numpy_helper.from_array(new, name))


@fault("onnx_divides_by_4095", "demo", 4, where="onnx")
def divides_by_4095(files: Files) -> None:
    """A decay divides by 4095 instead of 4096."""
    edit(files, lambda model: constant(body(model), "decay_one", lambda one: one - 1))


@fault("onnx_delays_backwards", "demo", 2, where="onnx")
def delays_backwards(files: Files) -> None:
    """The first layer's history is read from its other end: a delay d acts as 24 - d."""

    def backwards(place: np.ndarray) -> np.ndarray:
        return (24 - place // 140) * 140 + place % 140

    edit(files, lambda model: constant(body(model), "place_0", backwards))


@fault("onnx_history_joined_wrongly", "demo", 2, where="onnx")
def history_joined_wrongly(files: Files) -> None:
    """New spikes are put behind the readout's history and cut off there: no spike ever reaches the
    readout."""

    def change(model: onnx.ModelProto) -> None:
        inputs = node(body(model), "history_1.longer").input
        inputs[0], inputs[1] = inputs[1], inputs[0]

    edit(files, change)


@fault("onnx_weights_requantised", "demo", 1, where="onnx")
def weights_requantised(files: Files) -> None:
    """The readout's weights are rounded to multiples of 4."""
    edit(
        files,
        lambda model: constant(body(model), "weight_1", lambda w: np.clip(np.round(w / 4) * 4, -128, 124)),
    )


@fault("onnx_model_without_bias", "demo", 5, where="onnx")
def model_without_bias(files: Files) -> None:
    """In model.onnx the readout has no bias; probe.onnx is right."""
    edit(files, lambda model: constant(body(model), "bias_1", np.zeros_like), (MODEL,))


@fault("onnx_probe_threshold", "demo", 6, where="onnx")
def probe_threshold(files: Files) -> None:
    """In probe.onnx the threshold mantissa of the first layer is 3 higher; model.onnx, which gives the
    readout, is right."""
    edit(files, lambda model: constant(body(model), "threshold_0", lambda theta: theta + 3 * 64), (PROBE,))


@fault("onnx_membrane_not_negative", "demo", 5, where="onnx")
def membrane_not_negative(files: Files) -> None:
    """v is clipped to 0 below, in every layer."""
    edit(files, lambda model: constant(body(model), "v_min", np.zeros_like))


@fault("onnx_decay_without_sign", "demo", 4, where="onnx")
def decay_without_sign(files: Files) -> None:
    """The decay of the readout's v gives the magnitude: what is kept of a negative v is positive."""

    def change(model: onnx.ModelProto) -> None:
        graph = body(model)
        node(graph, "v_1.driven").input[0] = "v_1.quotient"

    edit(files, change)


@fault("onnx_time_reversed", "demo", 2, where="onnx")
def time_reversed(files: Files) -> None:
    """The input is read from its last step to its first."""

    def change(model: onnx.ModelProto) -> None:
        scan(model).attribute.append(onnx.helper.make_attribute("scan_input_directions", [1]))

    edit(files, change)


@fault("onnx_reset_to_threshold", "demo", 6, where="onnx")
def reset_to_threshold(files: Files) -> None:
    """A spike sets v to vth << 6 instead of 0."""

    def change(model: onnx.ModelProto) -> None:
        node(body(model), "v_0.after").input[1] = "threshold_0"

    edit(files, change)


@fault("onnx_biases_exchanged", "demo", 5, where="onnx")
def biases_exchanged(files: Files) -> None:
    """Neurons 2 and 3 of the first layer have each other's bias."""

    def exchange(bias: np.ndarray) -> np.ndarray:
        bias[[2, 3]] = bias[[3, 2]]
        return bias

    edit(files, lambda model: constant(body(model), "bias_0", exchange))


@fault("onnx_softmax_over_time", "demo", 7, where="onnx", class_only=True)
def softmax_over_time(files: Files) -> None:
    """The softmax of the decoding is over the steps and not over the classes."""

    def change(model: onnx.ModelProto) -> None:
        softmax = node(model.graph, "v.shares")
        del softmax.attribute[:]
        softmax.attribute.append(onnx.helper.make_attribute("axis", 1))

    edit(files, change)


@fault("onnx_scale_in_state_units", "demo", 7, where="onnx", class_only=True)
def scale_in_state_units(files: Files) -> None:
    """The readout's scale is 1024 times too large: the softmax of a step is nearly a maximum."""
    edit(files, lambda model: constant(model.graph, "readout_scale", lambda scale: scale * 1024))


@fault("onnx_class_names_sorted", "demo", 7, where="onnx", class_only=True)
def class_names_sorted(files: Files) -> None:
    """The names of the classes in the model's metadata are sorted by alphabet: a class gets another's
    name."""

    def change(model: onnx.ModelProto) -> None:
        for entry in model.metadata_props:
            if entry.key == "class_names":
                entry.value = json.dumps(sorted(json.loads(entry.value)))

    edit(files, change)

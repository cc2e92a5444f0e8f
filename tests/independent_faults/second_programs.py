"""Faults in the emitted programs: C, ONNX and Lava."""

from __future__ import annotations

import io

import numpy as np
import onnx
from onnx import numpy_helper

from independent_faults.catalogue import fault
from independent_faults.edits_c import Files, replace
from independent_faults.edits_onnx import body, constant, edit, node


def replace_first(files: Files, old: str, new: str) -> None:
    """The first `old` in snn.c, that of the first layer, becomes `new`."""
    text = files["snn.c"].decode()
    assert old in text
    files["snn.c"] = text.replace(old, new, 1).encode()


@fault("c_sums_unsigned", "demo", 2, where="c")
def sums_unsigned(files: Files) -> None:
    """Pending sums of the readout are unsigned 16-bit numbers: one below 0 arrives as 65536 more."""
    replace(files, "snn.h", "int16_t sum1[25][20]", "uint16_t sum1[25][20]")


@fault("c_spikes_stick", "demo", 6, where="c")
def spikes_stick(files: Files) -> None:
    """Once a neuron has spiked its spike stays on to the end of the sample, and v stays 0."""
    replace(files, "snn.c", "s->spikes[n] = integrate(", "s->spikes[n] |= integrate(")


@fault("c_stops_at_a_silent_line", "demo", 2, where="c")
def stops_at_a_silent_line(files: Files) -> None:
    """The first layer stops looking for events at the first silent input line of a step."""
    replace_first(files, "            continue;", "            break;")


@fault("c_readout_delays_one_place_on", "demo", 1, where="c")
def readout_delays_one_place_on(files: Files) -> None:
    """Each synapse of the readout has the delay of the next place of the table, 20 j + i + 1; the last one
    that of the first."""
    replace(files, "snn.c", "delay1[k]", "delay1[(k + 1) % 1920]")


@fault("c_input_rotated", "demo", 2, where="c")
def input_rotated(files: Files) -> None:
    """Source j of the first layer is input line j + 1, the last one line 0."""
    replace_first(files, "if (events[j] == 0)", "if (events[(j + 1) % 140] == 0)")


@fault("c_ring_restarts_at_step_32", "demo", 2, where="c")
def ring_restarts_at_step_32(files: Files) -> None:
    """Before step 32 of each sample the position in the readout's ring jumps from 7 to 0: what is in flight
    arrives at other steps."""
    replace(
        files,
        "main.c",
        "            snn_step(&state, events);\n",
        "            if (step == 32)\n"
        "                state.now[1] = 0;\n"
        "            snn_step(&state, events);\n",
    )


@fault("c_reset_clears_the_next", "demo", 6, where="c")
def reset_clears_the_next(files: Files) -> None:
    """A spike leaves v as it is and sets v[t-1] of the next neuron to 0 before that is updated; the last
    neuron of the first layer does so to the first class."""
    replace(files, "snn.c", "            s->v[n] = 0;\n", "            s->v[n + 1] = 0;\n")


@fault("c_class_of_the_sample_before", "demo", 7, where="c", class_only=True)
def class_of_the_sample_before(files: Files) -> None:
    """Each sample gets the class of the one before it, the first gets class 0."""
    replace(
        files,
        "main.c",
        '            fprintf(output, "%d\\n", snn_class(&state));\n',
        "        {\n            static int last;\n"
        '            fprintf(output, "%d\\n", last);\n            last = snn_class(&state);\n        }\n',
    )


@fault("c_scores_of_some_steps", "demo", 7, where="c", class_only=True)
def scores_of_some_steps(files: Files) -> None:
    """Only the steps 0 to 11, 25 to 36 and 50 to 59 are added up for the class."""
    replace(
        files,
        "snn.c",
        "    add_scores(s);\n",
        "    if (s->now[1] >= 1 && s->now[1] <= 12)\n        add_scores(s);\n",
    )


@fault("onnx_rows_of_places_exchanged", "demo", 1, where="onnx")
def rows_of_places_exchanged(files: Files) -> None:
    """Classes 7 and 8 of the readout have each other's delays; weights are right."""

    def exchange(place: np.ndarray) -> np.ndarray:
        place[[7, 8]] = place[[8, 7]]
        return place

    edit(files, lambda model: constant(body(model), "place_1", exchange))


@fault("onnx_compares_the_current", "demo", 6, where="onnx")
def compares_the_current(files: Files) -> None:
    """The threshold is compared with u[t] instead of v[t]."""

    def change(model: onnx.ModelProto) -> None:
        node(body(model), "s_0.now").input[0] = "u_0.after"

    edit(files, change)


@fault("onnx_readout_sign_of_the_current", "demo", 4, where="onnx")
def readout_sign_of_the_current(files: Files) -> None:
    """The decay of the readout's v takes the sign of u[t-1]; where that is 0 nothing of v is kept."""

    def change(model: onnx.ModelProto) -> None:
        node(body(model), "v_1.kept").input[0] = "u_1.sign"

    edit(files, change)


@fault("onnx_dead_line", "demo", 1, where="onnx")
def dead_line(files: Files) -> None:
    """The weights of input line 100 are 0."""

    def kill(weight: np.ndarray) -> np.ndarray:
        weight[:, :, 100] = 0
        return weight

    edit(files, lambda model: constant(body(model), "weight_0", kill))


@fault("onnx_history_starts_full", "demo", 2, where="onnx")
def history_starts_full(files: Files) -> None:
    """Before step 0 every neuron of the first layer counts as having spiked in every step, as the readout
    sees it."""

    def change(model: onnx.ModelProto) -> None:
        value = node(model.graph, "history_1.start").attribute[0].t
        value.CopyFrom(numpy_helper.from_array(np.ones_like(numpy_helper.to_array(value))))

    edit(files, change)


@fault("onnx_readout_not_inhibited", "demo", 3, where="onnx")
def readout_not_inhibited(files: Files) -> None:
    """The readout's sum is taken times 64 and then clipped to 0 and above: inhibition does not reach u."""

    def change(model: onnx.ModelProto) -> None:
        shifted = node(body(model), "a_1.shifted")
        shifted.output[0] = "a_1.signed"
        at = list(body(model).node).index(shifted)
        rectify = onnx.helper.make_node("Max", ["a_1.signed", "zero"], ["a_1.shifted"])
        body(model).node.insert(at + 1, rectify)

    edit(files, change)


@fault("onnx_largest_share_decides", "demo", 7, where="onnx", class_only=True)
def largest_share_decides(files: Files) -> None:
    """The score of a class is its largest share of a step, not the sum over all steps."""

    def change(model: onnx.ModelProto) -> None:
        total = node(model.graph, "scores")
        total.op_type = "ReduceMax"
        del total.input[1:]
        total.attribute.append(onnx.helper.make_attribute("axes", [1]))

    edit(files, change)


def change_array(files: Files, name: str, place: tuple[int, ...], value: int) -> None:
    """An entry of an array of program.npz becomes `value`."""
    with np.load(io.BytesIO(files["program.npz"]), allow_pickle=False) as program:
        arrays = dict(program)
    arrays[name][place] = value
    np.savez_compressed(buffer := io.BytesIO(), **arrays)
    files["program.npz"] = buffer.getvalue()


@fault("loihi_weights_entered_once", "demo", 1, where="loihi")
def weights_entered_once(files: Files) -> None:
    """Weights enter Lava as w and not as 2w, with the exponent -1 as before: a weight w acts as the half of
    it, rounded down."""
    replace(files, "lava_network.py", "weights=2 * layer", "weights=layer")


@fault("loihi_reset_interval_too_long", "demo", 8, where="loihi")
def reset_interval_too_long(files: Files) -> None:
    """Neurons are reset a step later with each sample of a run: in step 1 of sample 1, step 2 of sample
    2."""
    replace(files, "lava_network.py", "reset_interval=period,", "reset_interval=period + 1,")


@fault("loihi_one_delay", "demo", 1, where="loihi")
def one_delay(files: Files) -> None:
    """The synapse from neuron 50 of the first layer to class 12 of the readout has the longest delay,
    24."""
    change_array(files, "delay_1", (12, 50), 24)


@fault("loihi_decoded_over_half", "demo", 7, where="loihi", class_only=True)
def decoded_over_half(files: Files) -> None:
    """The program decodes the first half of the steps alone."""
    replace(
        files,
        "run.py",
        "x = v.astype(np.float64) * scale",
        "x = v[:, : v.shape[1] // 2].astype(np.float64) * scale",
    )

"""What a network file of lava-dl may not hold: refused by name, with the value and what to do."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from lava_dl_files import WIDEST, as_file, conv, cuba, dense, pool

from snnc.errors import InputError, LimitError
from snnc.exporter.lava_dl.importer import import_network
from snnc.exporter.nir.importer import ImportOptions
from snnc.io import hdf5_guard
from snnc.stages.population import LI, LIF

ONE = dense([[2, 4]], cuba())
GRID = {"type": b"input", "shape": [2, 4, 4]}
KERNEL = np.ones((3, 2, 3, 3))
CONV = conv(KERNEL, [3, 2, 2], cuba())
VALUES = {"type": b"input", "shape": [4], "neuron": cuba(vThMant=9)}


def read(layers, payload_max=1, **told):
    data = hdf5_guard.trust(as_file(layers))
    return import_network(data, "a.net", ImportOptions(**{"time_steps": 5} | told), payload_max)


REFUSED = {
    "no type": ([{**ONE, "type": b""}], r"layer 0 \(''\): is of an unknown type; known are input, flatten"),
    "convT": ([{**ONE, "type": b"convT"}], r"layer 0 \('convT'\): is a transposed convolution"),
    "concat": ([ONE, {"type": b"concat", "shape": [3], "layers": [0]}], "layer 1 .*joins layers"),
    "input later": ([ONE, GRID], r"layer 1 \('input'\): comes after other layers"),
    "unknown field": ([{**ONE, "sparsity": 3}], "layer 0 .*'sparsity' is a field whose meaning is unknown"),
    "unknown neuron": ([dense([[2]], cuba(type=b"ALIF"))], "layer 0, neuron: type is 'ALIF', which adapts"),
    "SDNN": ([dense([[2]], cuba(type=b"SDNN"))], "graded differences .sigma-delta.; the contract has CUBA"),
    "unknown parameter": ([dense([[2]], cuba(noise=1))], "layer 0, neuron: 'noise' is a field"),
    "graded": ([dense([[2]], cuba(gradedSpike=True))], "its spikes are graded"),
    "message bits": ([dense([[2]], cuba(messageBits=8))], "its spikes are graded"),
    "refractory": ([dense([[2]], cuba(refDelay=3))], "refDelay is 3, a refractory time"),
    "exponent": ([dense([[2]], cuba(wgtExp=2))], "wgtExp is 2, which netx does not apply"),
    "norm exponent": ([dense([[2]], cuba(weight_exp=-1.0))], "weight_exp is -1, which netx does not apply"),
    "threshold": (
        [dense([[2]], cuba(vThMant=WIDEST)), dense([[2]], cuba())],
        "layer0, neuron 0: threshold is 262143, expected",
    ),
    "decay": ([dense([[2]], cuba(iDecay=5000))], "layer0, neuron 0: decay_u is 5000, expected 0..4096"),
    "decays": (
        [dense([[2]], cuba(vDecay=[1, 2, 3]))],
        "vDecay has 3 numbers, expected 1, 1 for the channels",
    ),
    "no decay": ([dense([[2]], {"type": b"CUBA", "iDecay": 1, "vThMant": 1})], "has no 'vDecay'"),
    "fraction": ([dense([[2.5]], cuba())], "weight holds 2.5, expected whole numbers"),
    "single": ([dense([[2]], cuba(), bias=np.float32(2**31))], "bias holds 2147483648.0, expected whole"),
    "half": ([dense([[2]], cuba(), bias=np.float16("inf"))], "bias holds inf, expected whole numbers"),
    "nan": ([dense([[np.nan]], cuba())], "weight holds nan, expected whole numbers"),
    "odd": ([dense([[129, -3]], cuba())], "weight holds -3 .. 129, and not all are multiples of 2"),
    "wide": ([dense([[1 << 20]], cuba())], "no 8-bit numbers .-128 .. 127. with one exponent up to 10"),
    "bias": ([dense([[2]], cuba(), bias=[5000])], "bias holds 5000, the contract has -4096 .. 4095"),
    "bias and delay": ([dense([[2]], cuba(), bias=[5], delay=[1])], "has biases and axonal delays"),
    "delays": ([dense([[2, 2]], cuba(), delay=[1, 2, 3])], r"delay has shape \(3,\), expected \[1\]"),
    "negative": ([dense([[2]], cuba(), delay=[-1])], "delay holds -1 steps"),
    "fractional delay": ([dense([[2]], cuba(), delay=[1.5])], "delay holds 1.5, expected whole numbers"),
    "recurrent": (
        [dense([[2]], cuba(), type=b"dense_rec", weight_rec=[[1]], delay=[1])],
        r"layer 0 \('dense_rec'\): is recurrent and has delays; netx applies them to both",
    ),
    "no recurrence": ([dense([[2]], cuba(), type=b"dense_rec")], "has no 'weight_rec'"),
    "sizes": ([dense([[2]], cuba(), inFeatures=2)], r"inFeatures is \[2\], by the other fields it is \[1\]"),
    "chain": ([ONE, dense([[2, 2]], cuba())], "weight reads 2 neurons, there are 1 before it"),
    "no neurons": ([dense([[2]]), ONE], "follows layer0, which has no spikes but real numbers"),
    "no grid": ([CONV], "layer 0 .*does not say how large its input is; add a layer 0 of the type 'input'"),
    "no flatten": ([GRID, dense([[2] * 32], cuba())], "reads a grid .* put a layer 'flatten' before it"),
    "flatten": ([GRID, {"type": b"flatten", "shape": [30]}], "has 30 neurons by its shape, .* has 32"),
    "shape": (
        [GRID, conv(KERNEL, [3, 3, 3], cuba())],
        r"shape is \[3, 3, 3\], by the kernel it is \[3, 2, 2\]",
    ),
    "kernel": (
        [GRID, conv(np.ones((3, 2, 5, 5)), [3, 1, 1], cuba())],
        r"layer 1 \('conv'\): convolution: a kernel of \(5, 5\) does not fit the grid",
    ),
    "groups": ([GRID, conv(KERNEL, [3, 2, 2], cuba(), groups=2)], "the source has 2 channels"),
    "pool": (
        [GRID, {**pool((2, 2), [2, 1, 1], 64, cuba()), "stride": [3, 3]}],
        "where it does not cover the grid tile by tile, slayer mixes channels",
    ),
    "no shape": ([{"type": b"input", "shape": [0, 1, 1]}, ONE], r"shape is \[0, 1, 1\], expected one number"),
    "huge shape": ([{"type": b"input", "shape": [1 << 30, 4, 4]}, ONE], "with a product of 1 .. 4194304"),
    "only an input": ([GRID], "nothing can be exported"),
    "values": ([VALUES], r"takes values 64 \* x \+ 0 in every step; .* pass --payload-max N, 2 .. 255"),
    "no value": ([{**ONE, "bias": np.dtype("f4")}], "layer 0: 'bias' holds no value"),
    "text": ([{**ONE, "shape": b"wide"}], "shape is the text 'wide', expected numbers"),
    "type": ([{**ONE, "neuron": cuba(type=5)}], "layer 0, neuron: type is a number, expected a text"),
}


@pytest.mark.parametrize(("layers", "words"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_by_name(layers, words):
    with pytest.raises(InputError, match=rf"^a\.net: .*{words}"):
        read(layers)


def test_values_of_an_input_layer_need_a_current_without_memory():
    slow = {**VALUES, "neuron": cuba(iDecay=100)}
    with pytest.raises(InputError, match="iDecay is 100 in the input layer; netx adds input values to v"):
        read([slow], payload_max=9)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"time_steps": None}, "does not say how many steps a sample has; pass --time-steps N"),
        ({"time_steps": 0}, "--time-steps is 0, expected a whole number 1 .. 2147483647"),
        ({"time_steps": 2**63}, "--time-steps is 9223372036854775808, expected"),
        ({"time_steps": 2.5}, "--time-steps is 2.5, expected a whole number"),
        ({"dt": float("nan")}, "--dt is nan, expected seconds above 0"),
        ({"reset": "zero"}, "leave out --round-delays, --reset, --fires and --integration"),
        ({"fires": "at"}, "leave out --round-delays, --reset, --fires and --integration"),
        ({"integration": "exact"}, "leave out --round-delays, --reset, --fires and --integration"),
        ({"round_delays": True}, "leave out --round-delays, --reset, --fires and --integration"),
        ({"decoder": "sum"}, "--decoder sum: layer0, the readout, spikes; choose count, first"),
    ],
)
def test_options_are_checked(told, words):
    with pytest.raises(InputError, match=rf"^a\.net: .*{words}"):
        read([ONE], **told)


def test_other_members_and_numbers_of_layers_are_refused():
    with pytest.raises(InputError, match=r"^a\.net: holds 'extra' beside 'layer', whose meaning is unknown"):
        import_network(as_file([ONE], extra=1), "a.net", ImportOptions(time_steps=5))
    with pytest.raises(InputError, match="has 2 layers, one of which is called '7'; number them from 0"):
        import_network(as_file([ONE], **{"layer/7": 1}), "a.net", ImportOptions(time_steps=5))
    assert import_network(as_file([ONE], **{"simulation/Ts": 1}), "a", ImportOptions(time_steps=5)).graph


def test_arrays_that_a_small_file_declares_are_not_read(tmp_path):
    path = tmp_path / "a.net"
    path.write_bytes(as_file([ONE]))
    with h5py.File(path, "a") as file:
        del file["layer/0/weight"]
        file.create_dataset("layer/0/weight", (1 << 20, 1 << 20), np.int8, chunks=(64, 64))
    with pytest.raises(InputError, match="its arrays unpack to"):
        import_network(path.read_bytes(), "a.net", ImportOptions(time_steps=5))
    with h5py.File(path, "a") as file:
        del file["layer/0/weight"]
        file.create_dataset("layer/0/weight", (1 << 13, 1 << 14), np.int8, chunks=(64, 64))
    with pytest.raises(InputError, match=r"holds \d+ numbers, the limit is 67108864"):
        import_network(path.read_bytes(), "a.net", ImportOptions(time_steps=5))


@pytest.mark.filterwarnings("error")
def test_whole_numbers_of_any_type_are_read():
    for kind in (np.float16, np.float64, np.longdouble, np.int8, np.uint64):
        layer = {**ONE, "weight": np.array([[2, 4]], kind)}
        np.testing.assert_array_equal(read([layer]).graph.projections[0].synapses.weight, [[2, 4]])


def test_damaged_bytes_are_refused():
    with pytest.raises(InputError, match=r"^a\.net: .*is damaged"):
        import_network(as_file([ONE])[:200], "a.net", ImportOptions())


@pytest.mark.parametrize(
    ("weight", "neuron", "steps", "model"),
    [
        ([254] * 16, cuba(iDecay=0, vThMant=WIDEST), 40, LI),  # v is clipped below it
        ([254] * 16, cuba(vThMant=131071), 32, LI),  # it takes 33 steps of 16 * 254
        ([254] * 16, cuba(vThMant=131071), 33, LIF),
        ([2, 4], cuba(vThMant=29), 5, LIF),
        ([2, 4], cuba(vThMant=30), 5, LI),
    ],
)
def test_a_last_layer_that_cannot_spike_is_a_readout(weight, neuron, steps, model):
    found = read([dense([weight], neuron)], time_steps=steps)
    assert found.graph.populations[-1].model == model
    assert ("read_as_readout" in found.notes) == (model == LI)
    assert found.graph.readouts[0].decoder == ("last" if model == LI else "count")


def test_the_decoder_may_be_told():
    assert read([ONE], decoder="first").graph.readouts[0].decoder == "first"
    assert read([dense([[2, 4]])], decoder="softmax").graph.readouts[0].decoder == "softmax"


def test_weights_have_the_least_exponent_that_is_exact():
    for weight, exponent in (([[127, -128]], 0), ([[254, -256]], 1), ([[128, 4]], 1), ([[1024 * 127]], 10)):
        projection = read([dense(weight, cuba())]).graph.projections[0]
        assert projection.weight_exp == exponent
        np.testing.assert_array_equal(projection.synapses.weight << exponent, weight)


def test_a_step_without_a_duration_is_said():
    assert "--dt" in read([ONE]).notes["step_assumed"]
    found = read([ONE], dt=0.25)
    assert found.graph.bin_s == 0.25
    assert "step_assumed" not in found.notes


def test_steps_and_delays_without_end_take_no_memory():
    """The bounds of a layer have a number for each step up to the longest delay."""
    with pytest.raises(LimitError, match=r"take \d+ bytes a sample, the limit is"):
        read([dense([[2, 4]], cuba(), delay=10**9)], time_steps=2 * 10**9)

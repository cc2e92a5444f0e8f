"""Networks of the NIR paper: each is read, or refused for the reason that it has."""

from __future__ import annotations

import h5py
import nir
import numpy as np
import pytest
from real_data import real_data

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.exporter.passes.quantise_graph import QuantiseGraph
from snnc.stages import Convolution, DiscreteModel, FloatConvolution, FloatGraph
from snnc.stages.float_graph import graph_of_chain

pytestmark = pytest.mark.slow

PUBLISHED = {
    # dt, the reset of its framework, when it fires; what it becomes
    "lif_norse.nir": (1e-4, "zero", "above", DiscreteModel),
    "lif_rockpool.nir": (1e-4, "subtract", "above", FloatGraph),
    "two_lif_neurons.nir": (1e-4, "zero", "above", DiscreteModel),
    "braille_noDelay_bias_zero.nir": (1e-4, "zero", "above", FloatGraph),
    "braille_noDelay_noBias_subtract.nir": (1e-4, "subtract", "above", FloatGraph),
    "braille_flattened.nir": (1.0, "zero", "above", FloatGraph),
    "cnn_sinabs.nir": (1.0, "subtract", "at", FloatGraph),
    "scnn_mnist.nir": (1.0, "subtract", "at", FloatGraph),
    "scnn_mnist_batches.nir": (1.0, "subtract", "at", FloatGraph),
}
BROKEN = {
    "braille.nir": "edge 'fc1' -> 'lif1' names a node that does not exist, 'lif1'",
}
CNNS = [name for name in PUBLISHED if "cnn" in name]


def published(name: str):
    return real_data("foreign") / "nir" / name


def read(name: str, steps: int, reset: str | None = None, fires: str | None = None, dt: float | None = None):
    usual = PUBLISHED[name]
    told = ImportOptions(dt or usual[0], steps, False, reset or usual[1], fires or usual[2])
    model = import_nir(published(name).read_bytes(), name, told).model
    return graph_of_chain(model) if isinstance(model, DiscreteModel) else model


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_is_read_as_what_it_is(name):
    dt, reset, fires, kind = PUBLISHED[name]
    data = published(name).read_bytes()
    assert type(import_nir(data, name, ImportOptions(dt, 10, False, reset, fires)).model) is kind
    with pytest.raises(InputError, match=r"pass --reset zero; if its neurons subtract"):
        import_nir(data, name, ImportOptions(dt, 10, False, None, fires))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_by_what_is_broken(name):
    with pytest.raises(InputError, match=f"^{name}: .*{BROKEN[name]}"):
        import_nir(published(name).read_bytes(), name, ImportOptions(1e-4, 10, False, "zero", "above"))
    with pytest.raises(ValueError, match=r"does not exist|type mismatch"):
        nir.read(published(name))  # and nir has the same reasons


def test_neurons_with_one_number_for_all_are_as_many_as_lines_arrive():
    """nir refuses the file: of `lif1` and `lif2` each parameter is a number without a dimension."""
    with h5py.File(published("braille_flattened.nir")) as file:
        nodes = file["node/nodes"]
        rows = [len(nodes[weights]["weight"]) for weights in ("fc1", "fc2")]
        assert {nodes[name]["tau_mem"].shape for name in ("lif1", "lif2")} == {()}
    graph = read("braille_flattened.nir", 3)
    assert [each.neurons for each in graph.populations[1:]] == rows


def braille(name: str, events: np.ndarray, reset: str) -> dict[str, np.ndarray]:
    """The equations of the NIR paper, one neuron after the other, forward Euler at dt = 1e-4."""
    with h5py.File(published(name)) as file:
        node = {key: {k: v[()] for k, v in value.items()} for key, value in file["node/nodes"].items()}
    sizes = {"lif1.lif": len(node["fc1"]["weight"]), "lif2": len(node["fc2"]["weight"])}
    current = {key: [0.0] * size for key, size in sizes.items()}
    potential = {key: [0.0] * size for key, size in sizes.items()}
    spikes = {key: np.zeros((len(events), size), bool) for key, size in sizes.items()}
    for t, line in enumerate(events):
        before = spikes["lif1.lif"][t - 1] if t else np.zeros(sizes["lif1.lif"])
        for key, feeds in (("lif1.lif", [("fc1", line), ("lif1.w_rec", before)]), ("lif2", [("fc2", None)])):
            at = node[key]
            for i in range(sizes[key]):
                arriving = 0.0
                for weights, source in feeds:
                    source = spikes["lif1.lif"][t] if source is None else source
                    row = node[weights]["weight"][i].astype(float)
                    arriving += sum(w * s for w, s in zip(row, source.astype(float), strict=True))
                    arriving += float(node[weights]["bias"][i]) if "bias" in node[weights] else 0.0
                u, v = current[key][i], potential[key][i]
                u += 1e-4 / at["tau_syn"][i] * (at["w_in"][i] * arriving - u)
                v += 1e-4 / at["tau_mem"][i] * (at["v_leak"][i] - v + at["r"][i] * u)
                if v > at["v_threshold"][i]:
                    spikes[key][t, i] = True
                    v = 0.0 if reset == "zero" else v - at["v_threshold"][i]
                current[key][i], potential[key][i] = u, v
    return spikes


@pytest.mark.parametrize(
    ("name", "reset"),
    [("braille_noDelay_bias_zero.nir", "zero"), ("braille_noDelay_noBias_subtract.nir", "subtract")],
)
def test_the_recurrent_braille_nets_fire_as_their_equations_do(name, reset):
    steps = 100
    events = np.random.default_rng(7).random((steps, 12)) < 0.3
    want = braille(name, events, reset)
    found = run_float(read(name, steps), events)
    for population, spikes in want.items():
        assert spikes.any()
        np.testing.assert_array_equal(found[population].spikes, spikes, err_msg=population)


@pytest.mark.parametrize("name", CNNS)
@pytest.mark.parametrize("per_neuron", [True, False])
def test_the_cnns_keep_their_kernels_in_integers(name, per_neuron):
    graph, quantise = read(name, 3), QuantiseGraph(8, per_neuron)
    integers = quantise.run(graph)
    quantise.check(graph, integers)
    kinds = [type(each.synapses) for each in integers.projections]
    assert kinds.count(Convolution) == 3  # a pool lies before the last of them, and before the matrix
    assert [each.neurons for each in integers.populations] == [2312, 4096, 4096, 512, 256, 10]
    changes = quantise.summary(graph, integers)
    assert changes["fires_at_exact"] == 4096 + 4096 + 512 + 256 + 10


def test_the_cnn_computes_what_torch_does():
    """One step of the first layers: convolutions, pools and weights of the file, by torch."""
    import torch

    node = nir.read(published("cnn_sinabs.nir"), type_check=False).nodes
    graph = read("cnn_sinabs.nir", 4)
    rng = np.random.default_rng(1)
    events = rng.random((4, 2312)) < 0.2
    found = run_float(graph, events)
    run = torch.nn.functional
    membranes: dict[str, torch.Tensor] = {}
    spikes = {key: [] for key in ("1", "3", "6", "10", "12")}
    for t in range(4):
        x = torch.tensor(events[t].reshape(1, 2, 34, 34), dtype=torch.float64)
        for key in map(str, range(13)):
            at = node[key]
            if isinstance(at, nir.Conv2d):
                weight = torch.tensor(at.weight, dtype=torch.float64)
                x = run.conv2d(x, weight, stride=tuple(at.stride), padding=tuple(at.padding))
            elif isinstance(at, nir.SumPool2d):
                x = run.avg_pool2d(x, 2) * 4
            elif isinstance(at, nir.Flatten):
                x = x.reshape(1, -1)
            elif isinstance(at, nir.Affine):
                x = x @ torch.tensor(at.weight, dtype=torch.float64).T
            else:
                v = membranes.get(key, torch.zeros_like(x)) + x
                x = (v >= 1).double()
                membranes[key] = v - x
                spikes[key].append(x.numpy().reshape(-1) > 0)
    for key, theirs in spikes.items():
        np.testing.assert_array_equal(found[key].spikes, theirs, err_msg=key)
    assert found["6"].spikes.any()
    assert isinstance(graph.projections[0].synapses, FloatConvolution)

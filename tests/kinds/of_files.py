"""Files that others publish: spikes against NIR's equations, or lava-dl's, on random input.

Rows of files whose data are absent are skipped; the page keeps them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import h5py
import lava_dl_loop
import nir
import numpy as np
from nir_graph_interpreter import interpret_graph
from real_data import real_data

from kinds.row import Row, percent
from snnc.cli.kinds import explained
from snnc.errors import SnncError
from snnc.exporter.float_reference import run_float
from snnc.exporter.lava_dl.importer import import_network
from snnc.exporter.network_files import load_network
from snnc.exporter.nir.importer import ImportOptions, import_nir
from snnc.hwsim.oracle import run_graph
from snnc.stages import DiscreteModel
from snnc.stages.float_graph import graph_of_chain

STEPS = {1e-4: 200, 1.0: 3}
"""Of networks with a time step; the second are large."""
RECURRENT = ("input", "fc1", "lif1.w_rec", "lif1.lif", "fc2", "lif2")
"""In a step, what recurs counts as it was in the step before."""


def network(file: str, dt: float, reset: str, fires: str, integration: str = "euler") -> Callable[[], str]:
    """Of the file itself by nir and NIR's equations, and by snnc."""

    def made() -> str:
        path, steps = real_data("foreign") / "nir" / file, STEPS[dt]
        told = ImportOptions(dt, steps, False, reset, fires, integration=integration)
        model = import_nir(path.read_bytes(), file, told).model
        graph = graph_of_chain(model) if isinstance(model, DiscreteModel) else model
        theirs = by_nir(path)
        events = np.random.default_rng(3).random((steps, graph.inputs)) < 0.3
        order = RECURRENT if "lif1.w_rec" in theirs.nodes else in_order(theirs)
        spikes = interpret_graph(theirs, order, events, dt, reset, fires, integration)
        ours = run_float(graph, events)
        both = either = 0
        for each in graph.populations[1:]:
            if each.spikes:
                a, b = ours[each.name].spikes != 0, spikes[f"{each.name} spikes"] != 0
                both, either = both + int((a & b).sum()), either + int((a | b).sum())
        assert either
        return percent(both, either)

    return made


def by_nir(path: Path) -> nir.NIRGraph:
    """The file; if its nodes are of a batch of 1, which nir does not read, as without it."""
    if "batches" not in path.name:
        return nir.read(path, type_check=False)
    with h5py.File(buffer := io.BytesIO(path.read_bytes()), "r+") as file:
        for node in file["node/nodes"].values():
            if node["type"][()] == b"Conv2d":
                node["input_shape"] = [34, 34]
    graph = nir.read(buffer, type_check=False)
    for node in graph.nodes.values():
        if isinstance(node, nir.IF):
            node.r, node.v_threshold, node.v_reset = node.r[0], node.v_threshold[0], node.v_reset[0]
        elif isinstance(node, nir.Input):
            node.input_type["input"] = node.input_type["input"][1:]
        elif isinstance(node, nir.Flatten):
            node.start_dim = 0
    return graph


def in_order(graph: nir.NIRGraph) -> list[str]:
    """The nodes of a chain, without its end."""
    after = dict(graph.edges)
    found = [name for name in graph.nodes if name not in after.values()]
    while found[-1] in after:
        found.append(after[found[-1]])
    return found[:-1]


def tiny() -> str:
    """By the equations of lava-dl: the file's layers, read by h5py alone."""
    path, steps = real_data("foreign") / "netx" / "tiny.net", 6
    graph = import_network(path.read_bytes(), path.name, ImportOptions(time_steps=steps), 255).graph
    with h5py.File(path) as file:
        layers = [plain(file["layer"][key]) for key in sorted(file["layer"], key=int)]
    events = np.random.default_rng(3).integers(0, 256, (steps, graph.inputs)) * (
        np.random.default_rng(4).random((steps, graph.inputs)) < 0.2
    )
    theirs = list(lava_dl_loop.run(layers, events).values())
    ours = run_graph(graph, events[None].astype(np.uint8)).layers
    both = either = 0
    for mine, (_, _, spikes) in zip(ours, theirs, strict=True):
        a, b = np.asarray(mine.spikes)[0] != 0, spikes != 0
        both, either = both + int((a & b).sum()), either + int((a | b).sum())
    assert either
    return percent(both, either)


def plain(group: h5py.Group) -> dict[str, object]:
    found = {k: plain(v) if isinstance(v, h5py.Group) else v[()] for k, v in group.items()}
    return found | {"type": np.ravel(found["type"])[0]}


def refused(folder: str, file: str) -> Callable[[], str]:
    """By `snnc export`; the folder is left out of what is said."""

    def made() -> str:
        path = real_data("foreign") / folder / file
        try:
            load_network(path, ImportOptions())
        except SnncError as error:
            said = explained(error, "export", {"model": path})
            raise SnncError(str(said).replace(f"{path.parent}/", "")) from error
        raise AssertionError(f"{file} is read")

    return made


def _nir(file: str, *told: object, **more: str) -> Row:
    return Row("NIR", f"`{file}`", network(file, *told, **more))


ROWS = (
    _nir("lif_norse.nir", 1e-4, "zero", "above"),
    _nir("lif_rockpool.nir", 1e-4, "subtract", "above", integration="impulse"),
    _nir("two_lif_neurons.nir", 1e-4, "zero", "above"),
    _nir("braille_noDelay_bias_zero.nir", 1e-4, "zero", "above"),
    _nir("braille_noDelay_noBias_subtract.nir", 1e-4, "subtract", "above"),
    _nir("braille.nir", 1e-4, "zero", "above"),
    _nir("cnn_sinabs.nir", 1.0, "subtract", "at"),
    _nir("scnn_mnist.nir", 1.0, "subtract", "at"),
    _nir("scnn_mnist_batches.nir", 1.0, "subtract", "at"),
    Row("lava-dl", "`tiny.net`", tiny),
    *(
        Row("mlGeNN", f"`299-Conn_{each}-g.npy`", refused("ml_genn", f"299-Conn_{each}-g.npy"))
        for each in ("Input_Hidden", "Hidden_Hidden", "Hidden_Output")
    ),
)

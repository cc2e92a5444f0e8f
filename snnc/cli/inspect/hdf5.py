"""HDF5 files: traces, NIR graphs and their data, lava-dl's networks, published recordings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from snnc.cli.inspect.description import Description, command, network_facts, read_bytes
from snnc.errors import InputError, UnknownKindError
from snnc.text import VALUE, one_line, quoted, shortened

if TYPE_CHECKING:
    import h5py

_LISTED = 6
"""Most data sets and attributes that are told of a file of no known kind."""
SIGNATURE = b"\x89HDF\r\n\x1a\n"


def describe(path: Path) -> Description:
    """Raises `SnncError` if the file is damaged or none of a known kind."""
    import h5py

    from snnc.io import hdf5_guard

    hdf5_guard.check(path, lambda problem: _refuse(path, f"{problem}; copy or write it again"))
    try:
        with h5py.File(path, "r") as file:
            ours = "format" in file.attrs or "graph_hash" in file.attrs
            kinds = {
                _trace: ours,
                _own_graph: "node/metadata/snnc" in file,
                _graph: "node" in file,
                _recordings: "spikes/times" in file,
                _observed: "nodes" in file,
                _netx: "layer" in file,
            }
            held = "" if any(kinds.values()) else _held(file)
    except Exception as error:  # whatever h5py raises on a damaged file means one thing
        raise InputError(f"{path}: HDF5, but damaged ({error}); copy or write it again") from error
    for reader, found in kinds.items():
        if found:
            return reader(path)
    from snnc.trainer.data.own_files import OF_YOUR_OWN

    raise UnknownKindError(
        f"{path}: HDF5 that snnc does not know (it holds {held or 'no data set'}): no trace, no NIR graph, "
        f"no network for netx, and no recordings in the layout of SHD; {OF_YOUR_OWN}"
    )


def _held(file: h5py.File) -> str:
    """The first data sets, with their shapes, and attributes of the file, as they are named in it."""
    from snnc.io import hdf5_checks

    names = [
        f"{_named(name)} {'' if data.shape is None else list(data.shape)}".rstrip()
        for name, data in islice(hdf5_checks.datasets(file), _LISTED + 1)
    ]
    names += [f"attribute {_named(name)}" for name in islice(file.attrs, _LISTED + 1 - len(names))]
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")


def _named(name: str) -> str:
    return shortened(one_line(name), VALUE)


def _trace(path: Path) -> Description:
    from snnc.io.traces.base import VARIABLES
    from snnc.io.traces.file import TraceFile

    with TraceFile(path) as trace:
        version = trace.version
        held = {
            f"layer {name}": f"{neurons} neurons; "
            + (", ".join(v for v in VARIABLES if trace.holds(index, v)) or "not recorded")
            for index, (name, neurons) in enumerate(zip(trace.layers, trace.neurons, strict=True))
        }
        facts = {
            "executor": trace.executor,
            "samples": len(trace),
            "steps": f"{trace.first} to {trace.stop - 1} of {trace.time_steps}",
            "input lines": f"{trace.inputs}, {'recorded' if trace.has_input else 'not recorded'}",
            **held,
            "graph hash": trace.graph_hash,
        }
    return Description(
        f"trace of a run, version {version}",
        facts,
        command("compare", path, "OTHER", "--artifact", "ARTIFACT"),
        "trace",
    )


def _own_graph(path: Path) -> Description:
    from snnc.cli.export_command import export_command
    from snnc.exporter.nir.reader import read_nir
    from snnc.exporter.nir.structure import as_layers
    from snnc.exporter.nir.writer import GRAPH_VERSION, METADATA_VERSION

    graph = read_nir(_content(path), str(path))
    version = METADATA_VERSION if as_layers(graph) else GRAPH_VERSION
    in_artifact = (path.parent / "manifest.json").exists()
    following = command("verify", path.parent) if in_artifact else export_command(path)
    what = f"integer network as NIR, written by snnc, version {version}"
    return Description(what, network_facts(graph), following, "nir")


def _graph(path: Path) -> Description:
    from snnc.cli.inspect.exports import of_nir
    from snnc.exporter.nir.foreign import read_foreign

    data = _content(path)
    try:
        foreign = read_foreign(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return of_nir(path, data, foreign)


def _observed(path: Path) -> Description:
    """NIRData: what is observed of each node."""
    import h5py

    with _opened(path) as file:
        facts = {}
        for node, group in file["nodes"].items():
            observed = group.get("observables") if isinstance(group, h5py.Group) else None
            if not isinstance(observed, h5py.Group):
                raise InputError(f"{path}: node {quoted(node)} has no observables, so it is no NIRData")
            facts[f"node {node}"] = ", ".join(map(str, observed))
    return Description("values of the nodes of a NIR graph (NIRData)", facts, kind="trace")


def _netx(path: Path) -> Description:
    from snnc.cli.inspect import netx

    with _opened(path) as file:
        return netx.describe(path, file, partial(_refuse, path))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file, if it holds all that it names; what h5py raises on damage becomes our error."""
    import h5py

    from snnc.io import hdf5_checks

    refuse = partial(_refuse, path)
    with hdf5_checks.damage(refuse), h5py.File(path, "r") as file:
        hdf5_checks.check_own(file, refuse)
        yield file


def _content(path: Path) -> bytes:
    from snnc.io import hdf5_guard

    return hdf5_guard.pass_on(path, read_bytes(path))


def _refuse(path: Path, problem: str) -> NoReturn:
    raise InputError(f"{path}: {problem}")


def _recordings(path: Path) -> Description:
    from snnc.cli.inspect.recordings import events_description
    from snnc.trainer.data import load_shd_hdf5

    return events_description(load_shd_hdf5(path), path)

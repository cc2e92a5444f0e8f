"""Artifacts: reading an exported folder with suspicion, and the model that it carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snnc import __version__
from snnc.batches import check_sample
from snnc.errors import TAKES_YOURS, ArtifactError, NoDataError, SnncError
from snnc.exporter.artifact_folder import is_built, is_code, plain_files, read_listed
from snnc.exporter.golden import check_golden_data, read_golden
from snnc.exporter.manifest import MANIFEST, check_bits, manifest_of
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.placement.record import read_placement
from snnc.exporter.ranges.certificate import certificate, unpack_ranges
from snnc.exporter.ranges.check import check_ranges
from snnc.io import budget_file, hdf5_guard
from snnc.io.size_file import SIZE_FILE
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import Artifact, PlacedProgram, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.stages.board_clock import PLACE_FILE
from snnc.target import Target
from snnc.targets.registry import load_target
from snnc.text import quoted

GRAPH = "graph.nir"
GOLDEN = "golden.npz"
RANGES = "ranges.npz"
GOLDEN_NIR = "golden.nirdata"
SOURCE, IMPORTED, LAVA_DL = "source.pt", "source.nir", "source.net"
"""The model file that the network came from, or the NIR file, or that of lava-dl."""
SOURCES = (SOURCE, IMPORTED, LAVA_DL)
REPRODUCES = "reproducer_of"
"""What the manifest's provenance calls the graph hash of the network that a reproducer was made from."""
REPORTS = ("report.json", "report.html")
"""What `snnc verify` adds to the folder; not in the manifest."""
FORMER = re.compile(r"report-[0-9TZ-]+\.(json|html)")
"""Names of reports that were kept, as they have what the last one has not."""
RESULTS = (*REPORTS, PLACE_FILE)
"""With that of `snnc place`."""
ADDED = (*RESULTS, SIZE_FILE)
"""All that commands add to it."""
NAMED = 3
"""Of files of code in a message, at most."""
MADE = " (`make clean` removes what `make` built)"
OF_THE_EXPORTER = (GRAPH, GOLDEN, RANGES, GOLDEN_NIR, *SOURCES, budget_file.NAME)
"""The files of every target. All others that a manifest lists are the target's program."""


def read_artifact(path: Path) -> Artifact:
    """Read and check the folder at `path`: versions, every file's hash, the graph, golden vectors, ranges.

    Raises
    ------
    ArtifactError
        If it is missing, not ours, of another version, incomplete, altered, beyond its target's limits,
        or its range certificate does not hold.
    """
    return _read(path, may_be_built=False)


def inspect_artifact(path: Path) -> Artifact:
    """As `read_artifact`, for who runs nothing of it: what its own Makefile built may lie in the folder."""
    return _read(path, may_be_built=True)


def _read(path: Path, may_be_built: bool) -> Artifact:
    manifest = manifest_of(path)
    try:
        return _checked(path, manifest, may_be_built)
    except ArtifactError:
        refuse_another(path, manifest)  # that says more than a file which is not of this manifest
        raise


def checked_files(path: Path, manifest: dict[str, Any], may_be_built: bool) -> dict[str, bytes]:
    """The files that the `manifest` lists, by name, as they were exported; nothing of them is read.

    Raises `ArtifactError` if one is missing or altered, or code lies beside them that it does not list.
    """
    present = plain_files(path)
    contents = read_listed(path, manifest["files"], present)
    for name in (GRAPH, GOLDEN, RANGES):
        if name not in contents:
            raise ArtifactError(f"{path}: the manifest lists no {name}; export the model again")
    made = "Makefile" in contents
    ours = set(filter(is_built, present)) if may_be_built and made else set[str]()
    if strangers := set(filter(is_code, present)) - set(contents) - ours:
        named = ", ".join(sorted(strangers)[:NAMED])
        more = f" and {len(strangers) - NAMED} more" if len(strangers) > NAMED else ""
        raise ArtifactError(
            f"{path}: holds code that the manifest does not list ({named}{more}); "
            f"the target's program could run it; remove it{MADE if made else ''}"
        )
    return contents


def _checked(path: Path, manifest: dict[str, Any], may_be_built: bool) -> Artifact:
    """The artifact at `path`, whose manifest has been read. Raises as `read_artifact`."""
    contents = checked_files(path, manifest, may_be_built)
    hdf5_guard.examine(*(contents[name] for name in (GRAPH, GOLDEN_NIR) if name in contents))
    graph = read_nir(contents[GRAPH], f"{path / GRAPH}")
    if graph_hash(graph) != manifest["graph_hash"]:
        raise ArtifactError(f"{path}: {GRAPH} is not the graph of the manifest; export the model again")
    if (version := manifest["semantics_version"]) != semantics_version(graph):
        raise ArtifactError(
            f"{path / MANIFEST}: semantics_version is {version}, that of {GRAPH} is "
            f"{semantics_version(graph)}; export the model again"
        )
    try:
        check_sample(graph)
        target = load_target(manifest["target"])
    except SnncError as error:
        raise ArtifactError(f"{path / GRAPH}: {error}") from error
    try:
        target = target.configured(manifest.get("settings", {}))
    except SnncError as error:
        raise ArtifactError(f"{path / MANIFEST}: its settings: {error}") from error
    try:
        target.check(graph)
    except SnncError as error:
        raise ArtifactError(f"{path / GRAPH}: {error}") from error
    try:
        if target.settle is not None:
            target.settle(graph, target.settings)
    except SnncError as error:
        raise ArtifactError(f"{path / MANIFEST}: its settings: {error}") from error
    _check_proof(path, manifest, graph, contents[RANGES])
    check_bits(manifest["provenance"].get("weight_bits"), graph, f"{path / MANIFEST}")
    spikes, readouts = read_golden(contents[GOLDEN], graph, path / GOLDEN)
    if graph.inputs and not spikes.any() and REPRODUCES not in manifest["provenance"]:
        raise ArtifactError(
            f"{path / GOLDEN}: its golden inputs are all silent, so a comparison would show little; "
            "export again"
        )
    if GOLDEN_NIR in contents:
        check_golden_data(contents[GOLDEN_NIR], graph, spikes, readouts, f"{path / GOLDEN_NIR}")
    program = {name: data for name, data in contents.items() if name not in OF_THE_EXPORTER}
    carried = {name: contents[name] for name in (*SOURCES, budget_file.NAME) if name in contents}
    try:
        placed = read_placement(manifest["placement"], manifest["traffic"], graph, target)
    except SnncError as error:
        raise ArtifactError(f"{path / MANIFEST}: {error}; export the model again") from error
    first, *others = readouts
    return Artifact(
        path, manifest["target"], graph, manifest, spikes, first, program, carried, placed, tuple(others)
    )


def target_of_artifact(artifact: Artifact) -> Target:
    """The target of an artifact that was read, with the settings of its export."""
    return load_target(artifact.target).configured(artifact.manifest.get("settings", {}))


def placed_program(artifact: Artifact) -> PlacedProgram:
    """The placement of an artifact that was read."""
    assert artifact.placed is not None  # `read_artifact` sees to it
    return artifact.placed


def check_program(artifact: Artifact) -> None:
    """Raise `ArtifactError` unless the artifact's program is what this release emits for its graph.

    The manifest lies beside the files it hashes, so hashes tell damage, not intent. `verify` and `run`
    start the target's program: it must be ours, the data that it reads included.
    """
    program, emitted = artifact.program, load_target(artifact.target).emitter()(placed_program(artifact))
    release = artifact.manifest["snnc_version"]
    other = "" if release == __version__ else f" (snnc {quoted(release)} wrote it)"
    for name in sorted({*program, *emitted}):
        if name not in program:
            raise ArtifactError(f"{artifact.path}: has no {name}, a part of the program{other}; export again")
        if program[name] != emitted.get(name):
            raise ArtifactError(
                f"{artifact.path / name}: is not the program that this release of snnc emits{other}, and it "
                "would be run; export again, or pass --trust-program if you trust its source"
            )


def check_unchanged(artifact: Artifact) -> None:
    """Raise `ArtifactError` if another artifact has taken the place of the one that was read."""
    refuse_another(artifact.path, artifact.manifest)


def refuse_another(path: Path, manifest: Mapping[str, Any]) -> None:
    if manifest_of(path) != manifest:
        raise ArtifactError(
            f"{path}: was replaced by another export while it was in use; run the command again"
        )


def _check_proof(path: Path, manifest: Mapping[str, Any], graph: QuantizedGraph, data: bytes) -> None:
    """Raise `ArtifactError` unless the certificate holds for the graph and is what the manifest says."""
    ranges = unpack_ranges(data, graph, f"{path / RANGES}")
    try:
        proved = check_ranges(graph, ranges)
    except ArtifactError as error:
        raise ArtifactError(f"{path / RANGES}: {error}") from error
    claimed = manifest["range_proof"], manifest["provenance"].get("overflow_proved")
    if claimed != (certificate(ranges), proved):
        raise ArtifactError(
            f"{path / MANIFEST}: its range proof differs from {RANGES}, in which overflow is "
            f"{'excluded' if proved else 'not excluded'}; export the model again"
        )


def carries_model(artifact: Artifact) -> bool:
    """Whether the artifact was made from a model file of `snnc train`."""
    return SOURCE in artifact.carried


def source_model(artifact: Artifact) -> TrainedModel | TrainedGraph:
    """The trained model that the artifact carries.

    Raises
    ------
    NoDataError
        If it carries none.
    ArtifactError
        If that model is of another network, by its input lines.
    """
    if not carries_model(artifact):
        raise NoDataError(
            f"{artifact.path}: the artifact was not made from a model of `snnc train`, so its recordings are "
            f"unknown; {TAKES_YOURS}"
        )
    from snnc.trainer.model_file import kept_model

    model = kept_model(artifact.path / SOURCE, artifact.carried[SOURCE])
    if model.inputs != artifact.graph.inputs:
        raise ArtifactError(
            f"{artifact.path / SOURCE}: is of a network of {model.inputs} input lines, and that of the "
            f"artifact has {artifact.graph.inputs}; export it again"
        )
    return model

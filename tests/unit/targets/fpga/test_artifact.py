"""An artifact of the target fpga: its settings, what it holds, and when its core is run."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from fpga_cores import HOSTILE, adapting, network, without_input

from snnc.cli import main
from snnc.errors import ArtifactError, InputError
from snnc.exporter.artifact import check_program, read_artifact
from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import (
    Artifact,
    Trace,
)
from snnc.targets.fpga.emitter import fixed_files
from snnc.targets.fpga.executor import RtlExecutor
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.registry import target_of
from snnc.verification.compare import first_divergence
from snnc.verification.shrinking.reproducer import reproduce


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return export_graph(adapting(network()), "fpga:lanes=4", tmp_path_factory.mktemp("export") / "net.fpga")


def test_the_manifest_holds_the_settings(artifact: Artifact) -> None:
    assert artifact.manifest["settings"] == {"board": "sim", "lanes": 4, "clock": "default"}
    assert lanes_of(artifact.program) == 4
    check_program(artifact)


def test_other_settings_do_not_replace_an_artifact(artifact: Artifact) -> None:
    with pytest.raises(InputError, match=r"was exported with lanes = 4, this export has 8; .*overwrite"):
        export_graph(adapting(network()), "fpga:lanes=8", artifact.path)
    export_graph(adapting(network()), "fpga:lanes=4", artifact.path)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("fpga:lanes=3", "give 2, 4, 8, 16, 32 or 64"),
        ("fpga:board=moon", "there is sim"),
        ("fpga:speed=9", "has no setting 'speed', only board, lanes, clock; leave it out"),
        ("fpga:lanse=9", "has no setting 'lanse' .did you mean 'lanes'.., only board, lanes, clock"),
        ("c:lanes=4", "has no setting 'lanes'"),
        ("fpga:board=sim,lanes=4", "separate settings by colons: fpga:board=sim:lanes=4"),
        ("fpga:lanes=4:lanes=8", "target 'fpga': 'lanes' is given as '4' and as '8'; give it once"),
    ],
)
def test_settings_that_there_are_not_are_refused(spec: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        target_of(spec)


def test_the_command_names_the_folder_by_the_target(
    artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(artifact.path / "graph.nir", tmp_path / "net.nir")
    words = ["export", str(tmp_path / "net.nir"), "--target", "fpga:lanes=4"]
    assert main([*words, "--lanes", "8"]) == 2
    assert "'lanes' is given as '4' and as '8'" in " ".join(capsys.readouterr().err.split())
    assert main(words) == 0
    assert read_artifact(tmp_path / "net.fpga").manifest["settings"]["lanes"] == 4


def test_a_manifest_with_other_settings_is_refused(artifact: Artifact, tmp_path: Path) -> None:
    export_graph(network(), "fpga:lanes=4", tmp_path / "net.fpga")
    file = tmp_path / "net.fpga" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["settings"]["lanes"] = 8
    file.write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="is not the program that this release"):
        check_program(read_artifact(tmp_path / "net.fpga"))
    manifest["settings"]["lanes"] = [4]
    file.write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=r"manifest\.json: its settings: --lanes \[4\]: give 2, 4"):
        read_artifact(tmp_path / "net.fpga")


@pytest.mark.parametrize(
    "name", ["rtl/x.v", "rtl/x.VH", "sim/x.sv", "sim/x.cpp", "GNUmakefile", "makefile", "obj/snnc_sim"]
)
def test_files_that_make_would_take_are_refused(name: str, artifact: Artifact, tmp_path: Path) -> None:
    folder = tmp_path / "net.fpga"
    shutil.copytree(artifact.path, folder)
    (folder / "notes.txt").write_text("harmless")
    read_artifact(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("")
    with pytest.raises(ArtifactError, match=rf"does not list \({name}\); .* \(`make clean` removes"):
        read_artifact(folder)


@pytest.mark.parametrize("name", ["obj/sim/snnc_sim", "obj/sim/x.cpp", "host/__pycache__/model.pyc"])
def test_what_make_built_stays_where_nothing_is_run(
    name: str, artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str], refused
) -> None:
    """Other code is refused there, too, and so is what no Makefile of the folder built."""
    folder = tmp_path / "net.fpga"
    shutil.copytree(artifact.path, folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("")
    assert main(["targets", "--for", str(folder)]) == 0
    for command in (("inspect", folder), ("inspect", folder / "README.md"), ("chip", folder)):
        capsys.readouterr()
        assert main([*map(str, command)]) == 0
        found = capsys.readouterr()
        following = (found.out + found.err).strip().splitlines()[-1]
        if "snnc targets" not in following:
            assert following.startswith(f"next: make -C {folder} clean && snnc ")
        assert ("built here: 1 files, by `make`" in found.out) == (command == ("inspect", folder))
    given = tmp_path / "x.npz"
    np.savez(given, spikes=artifact.golden_input)
    for command in (("run", folder, "--input", given), ("verify", folder), ("place", folder)):
        assert "(`make clean` removes what `make` built)" in refused(*command)
    capsys.readouterr()
    other = shutil.copytree(artifact.path, tmp_path / "other.fpga")
    (other / "x.py").write_text("")
    assert main(["inspect", str(folder), str(other)]) == 2
    found = capsys.readouterr()
    assert "net.fpga" in found.out
    assert "other.fpga: holds code that the manifest does not list (x.py)" in found.err
    program = export_graph(network(), "c", tmp_path / "net.c").path
    (program / name).parent.mkdir(parents=True)
    (program / name).write_text("")
    assert f"does not list ({name})" in refused("inspect", program)


@pytest.mark.parametrize(
    ("data", "why"), [(b"1" * 10_000, r"is larger than what was exported \(\d+ bytes\)"), (b"1", "differs")]
)
def test_events_in_the_place_of_the_example_may_be_moved(
    data: bytes, why: str, artifact: Artifact, tmp_path: Path
) -> None:
    """The model need not be exported again for it."""
    folder = tmp_path / "net.fpga"
    shutil.copytree(artifact.path, folder)
    (folder / "events.hex").write_bytes(data)
    says = rf"events\.hex: {why}.*; put that file back, with data of your own in a file of another name, or "
    with pytest.raises(ArtifactError, match=says):
        read_artifact(folder)
    (folder / "events.hex").rename(folder / "mine.hex")
    (folder / "events.hex").write_bytes(artifact.program["events.hex"])
    read_artifact(folder)


def test_the_readme_and_the_waves_show_w_where_there_is_one(artifact: Artifact, tmp_path: Path) -> None:
    row, signal = b"| w and the last spike, in each lane | 3 | ", b"core.g_lane[0].lane.o_w_16["
    assert row in artifact.program["README.md"]
    assert signal in artifact.program["wave.gtkw"]
    plain = export_graph(network(), "fpga:lanes=4", tmp_path / "net.fpga").program
    assert row not in plain["README.md"]
    assert signal not in plain["wave.gtkw"]


def test_the_makefile_names_every_module() -> None:
    files = fixed_files()
    named = re.search(r"^MODULES := (.*)$", files["Makefile"].decode().replace("\\\n", " "), re.MULTILINE)
    assert named is not None
    assert sorted(f"rtl/snnc_{each}.v" for each in named[1].split()) == sorted(
        each for each in files if each.startswith("rtl/")
    )


def test_a_network_without_inputs_is_exported(tmp_path: Path) -> None:
    graph, _ = without_input()
    held = export_graph(graph, "fpga", tmp_path / "net.fpga", allow_saturation=True)
    assert held.program["events.hex"] == b"10000000000\n" * graph.time_steps


class OfFourLanes:
    """Wrong in the first neuron's v where a core has 4 lanes."""

    name = "of-four"

    def unavailable_reason(self) -> None:
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        trace = oracle.run_graph(artifact.graph, spikes)
        first, *others = trace.layers
        v = np.array(first.v)
        v[..., 0] += lanes_of(artifact.program) == 4
        return Trace(self.name, (replace(first, v=v), *others))


def test_a_reproducer_keeps_the_settings(artifact: Artifact, tmp_path: Path) -> None:
    events = np.ones((1, 7, 5), np.uint8)
    wrong, right = OfFourLanes(), OracleExecutor()
    expected = right.run(artifact, events)
    divergence = first_divergence(artifact.graph, expected, wrong.run(artifact, events), events, "golden")
    assert divergence is not None
    folder = tmp_path / "small.fpga"
    found = reproduce(artifact, wrong, right, divergence, events, expected, folder, runs=30, seconds=1e9)
    assert found.folder == str(folder)
    small = read_artifact(folder)
    assert (small.manifest["settings"], lanes_of(small.program)) == (
        {"board": "sim", "lanes": 4, "clock": "default"},
        4,
    )


def test_names_reach_no_file_of_the_core(tmp_path: Path) -> None:
    held = export_graph(network("sneaky"), "fpga:lanes=4", tmp_path / "net.fpga")
    assert not any(b"sneaky" in data or HOSTILE.encode() in data for data in held.program.values())


def test_the_same_network_gives_the_same_bytes(artifact: Artifact, tmp_path: Path) -> None:
    again = export_graph(adapting(network()), "fpga:lanes=4", tmp_path / "net.fpga")
    assert dict(again.program) == dict(artifact.program)


def test_another_artifact_has_no_core(tmp_path: Path) -> None:
    held = export_graph(network(), "c", tmp_path / "net.c")
    assert "export the model with --target fpga" in str(RtlExecutor().unsupported_reason(held))

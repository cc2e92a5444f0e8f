"""`make check` of an exported folder: what its scripts compute and compare, without a simulator."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from fpga_cores import Case, adapting, crowded, network, random_cases, without_current, without_input
from fpga_links import ROOT, sample_of

from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.io import files
from snnc.stages import Artifact, LayerTrace
from snnc.stages.population import ADLIF
from snnc.targets.fpga.emitter import PARAMETERS
from snnc.targets.fpga.layout import Layout, layout
from snnc.targets.fpga.memories import memories
from snnc.targets.fpga.shape import shape
from snnc.targets.fpga.simulation import events_file

sys.path.append(str(ROOT / "targets" / "fpga" / "host"))
import check
import model


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [*random_cases(40, 5), crowded(), without_input(), without_current()]


def records(of: Layout, layers: tuple[LayerTrace, ...]) -> npt.NDArray[np.int32]:
    """What `snnc_sim.v` writes where the core has the states `layers`, int32 [samples, T, groups, ...].

    Without the bits for what wrapped or was clipped, which a trace only counts.
    """
    samples, steps = layers[0].v.shape[:2]
    found = np.zeros((samples, steps, of.groups, of.lanes, 3 if of.adapts else 2), np.int32)
    for place in of.places:
        layer = layers[of.graph.trace_index(place.population.name)]
        for n in range(place.population.neurons):
            at = (slice(None), slice(None), place.first + n // of.lanes, n % of.lanes)
            found[(*at, 0)] = layer.u[..., n] << 3 | layer.spikes[..., n]
            found[(*at, 1)] = layer.v[..., n]
            if place.population.model == ADLIF:
                found[(*at, 2)] = layer.w[..., n] << 1  # type: ignore[index]
    group = np.broadcast_to(np.arange(of.groups, dtype=np.int32)[:, None], (samples, steps, of.groups, 1))
    return np.concatenate([group, found.reshape(samples, steps, of.groups, -1)], axis=-1)


@pytest.mark.parametrize("lanes", [2, 8])
def test_the_model_in_the_folder_computes_the_contract(cases: list[Case], lanes: int, tmp_path: Path) -> None:
    """Every u, w, v and spike of the oracle; every wrap and clip is counted as often as there."""
    saturated = 0
    for number, (graph, events) in enumerate(cases):
        of, folder = layout(graph, lanes), tmp_path / str(number)
        size = shape(of)
        memory = {f"mem/{name}": data for name, data in memories(of, size).items()}
        files.fill(folder, {PARAMETERS: size.text.encode(), **memory})
        computes, trace = model.Model(folder), oracle.run_graph(graph, events).layers
        ours = np.array([list(computes.run(sample_of(each))) for each in events], np.int32)
        ours = ours.reshape(len(events), graph.time_steps, of.groups, -1)
        of_lanes = ours[..., 1:].reshape(*ours.shape[:3], lanes, -1)
        wraps, clips = (int((of_lanes[..., 0] >> bit & 1).sum()) for bit in (1, 2))
        assert (wraps, clips) == (sum(each.u_wraps for each in trace), sum(each.v_clips for each in trace))
        saturated += wraps + clips
        of_lanes[..., 0] &= ~6
        if of.adapts:
            assert (of_lanes[..., 2] & 1).sum() == sum(each.w_clips or 0 for each in trace)
            of_lanes[..., 2] &= ~1
        ours[..., 1:] = of_lanes.reshape(*ours.shape[:3], -1)
        assert np.array_equal(ours, records(of, trace)), number
    assert saturated


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return export_graph(adapting(network()), "fpga:lanes=4", tmp_path_factory.mktemp("export") / "net.fpga")


def simulated(
    artifact: Artifact, folder: Path, change: Callable[[npt.NDArray[np.int32]], object] = lambda found: None
) -> int:
    """The exit status of the comparison, where the core has the states of the oracle after `change`."""
    shutil.copytree(artifact.path, folder, dirs_exist_ok=True)
    events = (np.random.default_rng(5).random((2, 7, 5)) < 0.4).astype(np.uint8)
    trace = oracle.run_graph(artifact.graph, events).layers
    assert trace[0].spikes.any()
    (folder / "events.hex").write_bytes(events_file(events))
    found = records(layout(artifact.graph, 4), trace)
    change(found)
    (folder / "results.bin").write_bytes(found.astype("<i4").tobytes())
    (folder / "cycles.bin").write_bytes(np.full(2 * 7, 10, "<u4").tobytes())
    return run(folder, "compare")


def run(folder: Path, what: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "__file__", str(folder / "host/check.py"))
        return check.main([what, str(folder / "events.hex")])


def test_states_as_expected_are_said(
    artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(artifact, tmp_path) == 0
    *samples, verdict = capsys.readouterr().out.splitlines()
    assert verdict == "2 samples of 7 steps: every u, w, v and spike is as expected"
    graph = artifact.graph
    events = (np.random.default_rng(5).random((2, 7, 5)) < 0.4).astype(np.uint8)
    trace = oracle.run_graph(graph, events).layers
    best = trace[graph.trace_index("out")].v.max(axis=1).argmax(axis=1)  # the decoder is `max`
    for number, line in enumerate(samples):
        name = graph.readouts[0].class_names[best[number]]
        spikes = sum(int(each.spikes[number].sum()) for each in trace)
        assert line == f"sample {number}: class {best[number]} ({name}); {spikes} spikes, 70 cycles"
    assert run(tmp_path, "tell") == 0
    assert capsys.readouterr().out.splitlines() == samples


@pytest.mark.parametrize(
    ("at", "add", "says"),
    {
        "u": ((1, 3, 1, 1 + 3 * 1), 8, "step 3, lane 1 of group 1 (neuron 5 of population 1): u is "),
        "v": ((1, 3, 2, 2 + 3 * 2), 1, "step 3, lane 2 of group 2 (neuron 2 of population 2): v is "),
        "w": ((1, 6, 0, 3), 2, "step 6, lane 0 of group 0 (neuron 0 of population 1): w is "),
        "wrap": ((1, 0, 0, 1), 2, "lane 0 of group 0 (neuron 0 of population 1): whether u wrapped is 1, "),
        "nobody": ((1, 0, 2, 2 + 3 * 3), 5, "step 0, lane 3 of group 2: v is 5, expected 0"),
    }.values(),
)
def test_the_first_difference_is_named(
    at: tuple[int, ...],
    add: int,
    says: str,
    artifact: Artifact,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def change(found: npt.NDArray[np.int32]) -> None:
        found[at] += add

    assert simulated(artifact, tmp_path, change) == 1
    said = capsys.readouterr()
    assert said.err.startswith("check.py: sample 1, ")
    assert says in said.err
    assert "as expected" not in said.out


def test_results_that_are_no_whole_run_are_refused(
    artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(artifact, tmp_path) == 0
    whole = (tmp_path / "results.bin").read_bytes()
    (tmp_path / "results.bin").write_bytes(whole[:-4])
    assert run(tmp_path, "compare") == 2
    assert f"has {len(whole) - 4} bytes, expected {len(whole)}" in capsys.readouterr().err
    (tmp_path / "results.bin").write_bytes(b"\1" + whole[1:])
    assert run(tmp_path, "tell") == 2
    assert "results.bin has group 1 where 0 should be" in capsys.readouterr().err
    (tmp_path / "events.hex").write_text("00100000005\n" + "10000000000\n" * 7)
    assert run(tmp_path, "tell") == 2
    assert "line 5 with payload 1: there are 5 lines" in capsys.readouterr().err


def test_events_are_read_before_a_simulation(
    artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(artifact, tmp_path) == 0
    (tmp_path / "results.bin").unlink()
    capsys.readouterr()
    assert run(tmp_path, "read") == 0
    assert capsys.readouterr() == ("", "")
    (tmp_path / "events.hex").write_text("hello\n")
    assert run(tmp_path, "read") == 2
    assert "check.py: line 1: 'hello' is no event" in capsys.readouterr().err
    (tmp_path / "events.hex").unlink()
    assert run(tmp_path, "read") == 2
    assert "events.hex" in capsys.readouterr().err


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("number", ["0", "3", "ffff"])
def test_sizes_that_were_changed_end_in_no_traceback(
    at: int, number: str, artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Steps, slots, last group and ring address, first row of inputs."""
    assert simulated(artifact, tmp_path) == 0
    sizes = (tmp_path / "mem/sizes.hex").read_text().split()
    sizes[at] = number
    (tmp_path / "mem/sizes.hex").write_text("\n".join(sizes))
    capsys.readouterr()
    status = run(tmp_path, "compare")
    said = capsys.readouterr().err
    assert status in (0, 1, 2)
    assert (not said) == (status == 0)
    if at == 4 and number == "ffff":
        assert status == 2
        assert (
            "check.py: mem/, rtl/params.vh or host/network.json was changed since the export: `snnc " in said
        )


def test_a_memory_without_its_end_is_named(
    artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(artifact, tmp_path) == 0
    for name in ("row", "decay", "sizes", "threshold", "bias"):
        path = tmp_path / f"mem/{name}.hex"
        whole = path.read_text()
        for changed in (whole.split()[0] + "\n", "no number\n"):
            path.write_text(changed)
            capsys.readouterr()
            assert run(tmp_path, "compare") == 2, name
            assert "check.py: mem/, rtl/params.vh or host/network.json was" in capsys.readouterr().err
        path.write_text(whole)
    assert run(tmp_path, "compare") == 0


def test_a_network_file_without_its_places_is_named(
    artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(artifact, tmp_path) == 0
    path = tmp_path / "host/network.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({key: value for key, value in told.items() if key != "places"}))
    capsys.readouterr()
    assert run(tmp_path, "compare") == 2
    assert "host/network.json was changed since the export" in capsys.readouterr().err

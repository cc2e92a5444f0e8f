"""Which boards hold a network, on how many lanes, and what is said where none does."""

from __future__ import annotations

from pathlib import Path

import pytest
from fpga_cores import HOSTILE, adapting, dense

from snnc.cli import main
from snnc.errors import InputError, LimitError
from snnc.exporter.graph_export import export_graph
from snnc.targets.fpga.boards import BOARDS, ECP5, ICE40, Family
from snnc.targets.fpga.layout import layout
from snnc.targets.fpga.parameters import lanes_of
from snnc.targets.fpga.resources import Memory, block_rams, fitting, memories_of, use
from snnc.targets.fpga.shape import shape
from snnc.targets.registry import target_of


@pytest.mark.parametrize(
    ("memory", "family", "count"),
    [
        (Memory(1024, 18), ECP5, 1),
        (Memory(1025, 18), ECP5, 2),
        (Memory(512, 72), ECP5, 2),
        (Memory(2048, 9), ECP5, 1),
        (Memory(64, 32), ECP5, 0),  # lies in LUTs
        (Memory(64, 32), ICE40, 2),
        (Memory(64, 32, table=True), ICE40, 0),  # logic makes it
        (Memory(256, 9, table=True), ICE40, 1),
        (Memory(8, 16), ICE40, 1),
        (Memory(4, 16), ICE40, 0),  # lies in registers
        (Memory(512, 8), ICE40, 1),
        (Memory(256, 17), ICE40, 2),
        (Memory(0, 17), ICE40, 0),
    ],
)
def test_block_rams_of_a_memory(memory: Memory, family: Family, count: int) -> None:
    assert block_rams(memory, family) == count


def test_as_many_lanes_as_fit_are_taken(tmp_path: Path) -> None:
    graph = dense(40)
    found = {name: fitting(graph, name, "fit").layout.lanes for name in BOARDS}
    assert found["ulx3s"] == 64
    assert found["icebreaker"] < found["tangnano20k"] <= found["ulx3s"]
    held = export_graph(graph, "fpga:board=ulx3s", tmp_path / "net.fpga")
    assert held.manifest["settings"] == {"board": "ulx3s", "lanes": "fit", "clock": "default"}
    assert lanes_of(held.program) == 64


def test_adaptation_takes_four_multipliers_a_lane() -> None:
    graph = adapting(dense(40), decay_v=500)
    plain, found = (fitting(each, "ulx3s", 16).need for each in (dense(40), graph))
    assert (plain.multipliers, found.multipliers) == (16 * 2, 16 * 6)
    assert found.luts - plain.luts > 16 * 200
    assert found.flip_flops - plain.flip_flops > 16 * 300
    assert fitting(graph, "ulx3s", "fit").layout.lanes == 16  # of 156 multipliers, 32 lanes need 192
    with pytest.raises(LimitError, match=r"needs 12 multipliers of 8 .*; use --board ulx3s"):
        fitting(graph, "icebreaker", "fit")


def test_of_a_small_device_bits_that_rows_share_are_not_counted() -> None:
    """A row has 16 words, one or none: of these numbers two bits of five differ."""
    of = layout(dense(64), 4)
    rows = {name: list(memories_of(of, shape(of), BOARDS[name]))[2] for name in ("icebreaker", "ulx3s")}
    counts, starts = set(of.words.count.tolist()), of.words.start
    differing = [bit for bit in range(16) if len({int(start) >> bit & 1 for start in starts}) == 2]
    assert counts == {0, 1, 16}
    assert rows["icebreaker"].bits == len(differing) + 2
    assert rows["ulx3s"].bits == shape(of).word_bits + shape(of).count_bits == len(differing) + 5


def test_spram_is_taken_only_where_it_is_needed() -> None:
    """It must be loaded at each start, so fewer lanes without it are better."""
    small, large = (fitting(dense(neurons), "icebreaker", "fit") for neurons in (40, 72))
    assert (small.shape.spram, small.need.spram) == (0, 0)
    assert (large.shape.spram, large.need.spram, large.layout.lanes) == (1, 4, 4)
    assert fitting(dense(72), "icebreaker", 2).need.spram == 3  # 37 bits a word
    assert fitting(dense(72), "tangnano20k", "fit").need.spram == 0
    assert "4 of 4 SPRAM blocks" in use(dense(72), {"board": "icebreaker", "lanes": "fit"})
    assert "SPRAM" not in use(dense(40), {"board": "icebreaker", "lanes": "fit"})


@pytest.mark.parametrize(
    ("neurons", "board", "lanes", "said"),
    [
        (
            200,
            "icebreaker",
            "fit",
            r"iCEBreaker with iCE40UP5K: with 2 lanes the core needs \d+ block RAMs of 30 that can be used "
            r"\(estimate\); use --board ulx3s, on which \d+ lanes fit",
        ),
        (40, "icebreaker", 64, r"needs .*128 multipliers of 8 .*; use --lanes [24]$"),
        (60, "icebreaker", 8, r"; use --lanes 4, which takes 4 SPRAM blocks, or without SPRAM --lanes 2$"),
        (72, "icebreaker", 16, r"; use --lanes 4, which takes 4 SPRAM blocks$"),
        (60, "tangnano20k", 32, r"; use --lanes 16$"),
        (600, "ulx3s", "fit", r"block RAMs of 208 .*; use fewer synapses \(--prune\)"),
    ],
)
def test_what_does_not_fit_says_what_would(neurons: int, board: str, lanes: int | str, said: str) -> None:
    with pytest.raises(LimitError, match=said):
        fitting(dense(neurons), board, lanes)


@pytest.mark.parametrize("spec", ["fpga:lanes=fit", "fpga:board=ulx3s:lanes=3", "fpga:board=../ulx3s"])
def test_settings_of_boards_that_there_are_not(spec: str) -> None:
    with pytest.raises(InputError, match=r"give 2, 4|there is sim, ulx3s, icebreaker, tangnano20k"):
        target_of(spec)


def test_names_reach_no_file_of_a_board(tmp_path: Path) -> None:
    held = export_graph(dense(10, name="sneaky"), "fpga:board=ulx3s", tmp_path / "net.fpga")
    assert not any(b"sneaky" in data or HOSTILE.encode() in data for data in held.program.values())


def test_targets_for_a_network_names_the_boards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = export_graph(dense(200), "fpga", tmp_path / "net.fpga", allow_saturation=True)
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        assert main(["targets", "--for", str(held.path)]) == 0
        lines = capsys.readouterr().out.splitlines()
        at = lines.index("fpga icebreaker")
        assert sum(line.startswith(" fpga icebreaker ") for line in lines[:at]) == 1
        use = lines[at + 1 : lines.index("fpga tangnano20k")]
        assert "block RAMs of 30 that can be used" in " ".join(" ".join(use).split())
        assert all(line.startswith("  ") for line in use)
        assert any(line.startswith("  does not fit: ") for line in use)
        assert max(len(line) for line in lines[1:-1] if not line.startswith("snnc ")) <= width
        assert len(use) <= 4

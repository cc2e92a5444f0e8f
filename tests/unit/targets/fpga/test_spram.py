"""Synapse words in memories that no bitstream fills: the flash's image, and its reader through the pins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fpga_cores import dense, of_axons
from fpga_links import Link, differences, host, sample_bytes, sample_of, sent_bytes
from fpga_links import answers as said

from snnc.exporter.graph_export import export_graph
from snnc.hwsim import oracle
from snnc.io import files
from snnc.stages import Artifact, QuantizedGraph
from snnc.targets.fpga import place, simulation, tools
from snnc.targets.fpga.flash import IMAGE, crc
from snnc.targets.fpga.layout import layout
from snnc.targets.programs import call

GRAPH = dense(72)
"""Too many synapses for the block RAMs of an iCE40UP5K."""
EVENTS = (np.random.default_rng(8).random((1, GRAPH.time_steps, 72)) < 0.5).astype(np.uint8)
WITH_AXONS = 90
"""The same of neurons whose synapses share a delay."""
UNLOADED = 9
WIDTH = 8
"""Bytes of a synapse word: those of four blocks."""


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("spram") / "net.fpga"
    return export_graph(GRAPH, "fpga:board=icebreaker", folder, allow_saturation=True)


def bitwise(data: bytes, register: int) -> int:
    """A CRC-32 as `snnc_flash.v` computes it: bit by bit."""
    for byte in data:
        for bit in range(7, -1, -1):
            feedback = register >> 31 ^ byte >> bit & 1
            register = (register << 1 & 0xFFFFFFFF) ^ 0x04C11DB7 * feedback
    return register


def test_the_sum_is_a_crc_that_begins_as_it_is_told() -> None:
    assert crc(b"123456789", 0xFFFFFFFF) == 0x0376E6E7  # CRC-32/MPEG-2 in catalogues of CRCs
    assert crc(b"snnc", 12345) == bitwise(b"snnc", 12345)


def test_the_image_holds_the_words_and_their_sum(artifact: Artifact) -> None:
    image, program = artifact.program[IMAGE], artifact.program
    banks = sorted(name for name in program if name.startswith("mem/synapse_"))
    words = [int(line, 16) for name in banks for line in program[name].split()]
    assert [int.from_bytes(image[at : at + WIDTH]) for at in range(0, len(image) - 4, WIDTH)] == words
    identity = int(json.loads(program["host/network.json"])["identity"], 16)
    assert bitwise(image, identity & 0xFFFFFFFF | 1) == 0
    assert b"\nPROGRAM ?= iceprog\n" in program["Makefile"]
    flash = b"\t$(call tool,$(PROGRAM),PROGRAM) "
    assert flash + b"-o 1M board/words.bin\n" + flash + b"$<\n" in program["Makefile"]


def test_what_fits_the_block_rams_needs_no_flash(tmp_path: Path) -> None:
    held = export_graph(dense(40), "fpga:board=icebreaker", tmp_path / "net.fpga", allow_saturation=True)
    assert b"SPRAM = 0;" in held.program["rtl/params.vh"]
    assert IMAGE not in held.program
    assert b"1M" not in held.program["Makefile"]


needs_verilator = pytest.mark.skipif(
    tools.unavailable_reason() is not None, reason=str(tools.unavailable_reason())
)


@needs_verilator
def test_verilator_has_nothing_to_say(artifact: Artifact, tmp_path: Path) -> None:
    files.fill(tmp_path, artifact.program)
    found = tools.verilator()
    verilog = sorted(each for each in place.inputs_of(artifact.program, "icebreaker") if each.endswith(".v"))
    verilog.remove("board/snnc_icebreaker.v")
    words = [str(found.program), "--lint-only", "-Wall", "--no-timing", "-Irtl", "-Iboard"]
    words += ["--top-module", "snnc_link_sim", "board/snnc_link_sim.v", "board/snnc_flash_sim.v", *verilog]
    call(words, tmp_path, 60.0, "Verilator", variables={"VERILATOR_ROOT": str(found.root)})


@pytest.fixture(scope="module")
def network(artifact: Artifact) -> dict[str, Any]:
    return dict(json.loads(artifact.program["host/network.json"]))


@pytest.fixture(scope="module")
def link(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Link:
    return built(artifact, tmp_path_factory.mktemp("built"))


def built(artifact: Artifact, folder: Path) -> Link:
    """With a fast line to save time."""
    text = artifact.program["board/board.vh"].decode()
    for name, value in {"DIVIDER": 8, "TIMER_BITS": 3}.items():
        text, found = re.subn(rf"{name} = \d+;", f"{name} = {value};", text)
        assert found == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "OPTIMISED", "-O0")  # compiling takes longer than running
        return Link({**artifact.program, "board/board.vh": text.encode()}, folder)


@pytest.mark.slow
@needs_verilator
def test_a_sample_after_the_words_came_from_the_flash(
    link: Link, artifact: Artifact, network: dict[str, Any]
) -> None:
    link.write(IMAGE, artifact.program[IMAGE])
    assert wrong(link, GRAPH, network) == []


@pytest.mark.slow
@needs_verilator
def test_words_with_one_delay_come_from_the_flash(tmp_path: Path) -> None:
    graph = of_axons(dense(WITH_AXONS))
    held = export_graph(graph, "fpga:board=icebreaker", tmp_path / "net.fpga", allow_saturation=True)
    assert b"LANE_DELAYS = 0;" in held.program["rtl/params.vh"]
    link = built(held, tmp_path / "built")
    link.write(IMAGE, held.program[IMAGE])
    assert wrong(link, graph, dict(json.loads(held.program["host/network.json"]))) == []


def wrong(link: Link, graph: QuantizedGraph, network: dict[str, Any]) -> list[str]:
    """What differs of a sample from the reference, in words."""
    events = EVENTS.repeat(2, axis=2)[..., : graph.inputs]
    found = host.from_simulation(link.run(host.to_simulation([sample_of(events[0])], network)), network)
    expected = oracle.run_graph(graph, events).layers
    assert expected[0].spikes.any()
    return differences(layout(graph, 4), graph, network, found[0], expected, 0)


def wrong_images(right: bytes) -> dict[str, bytes]:
    """What a flash may hold instead of the image `right`."""
    one = bytearray(right)
    one[1234] ^= 4
    return {
        "a bit": bytes(one),
        "the sum": right[:-1] + bytes([right[-1] ^ 1]),
        "nothing": b"\xff" * len(right),
        "zeros": bytes(len(right)),
        "two words exchanged": right[WIDTH : 2 * WIDTH] + right[:WIDTH] + right[2 * WIDTH :],
        "another network's words": right[:-4] + crc(right[:-4], 77).to_bytes(4),
    }


@pytest.mark.slow
@needs_verilator
@pytest.mark.parametrize("name", wrong_images(bytes(2000)))
def test_wrong_words_are_told_and_never_a_class(
    name: str, link: Link, artifact: Artifact, network: dict[str, Any]
) -> None:
    """In each step, with more events than any queue holds, and in the next sample, too."""
    link.write(IMAGE, wrong_images(artifact.program[IMAGE])[name])
    received = link.run("".join(sent_bytes(sample_bytes(*[range(72)] * steps)) for steps in (2, 1)))
    taken = said.Answers(network, started=True)
    records = [record for byte in bytes.fromhex(received) if (record := taken.take(byte)) is not None]
    assert {kind for kind, _ in records} == {said.HELLO, said.MISTAKE}
    assert [data[0] for kind, data in records if kind == said.MISTAKE] == [UNLOADED] * 3
    with pytest.raises(
        said.BoardError, match=r"was sent no synapse words of this network; write board/words"
    ):
        host.from_simulation(received, network)

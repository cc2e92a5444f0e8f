"""An export that is refused since a state may overflow names the call that is not."""

from __future__ import annotations

import pathlib
from dataclasses import replace

import numpy as np
import pytest
import snntorch
import torch
from float_nets import dense, graph
from models import saved, tiny_model
from torch import nn

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import RangeProofError
from snnc.stages import FloatPopulation


class NoLeak(nn.Module):
    """Its first neurons keep all; the largest event of an example decides how far they get."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, 3, bias=False), nn.Linear(3, 2)
        self.keeps, self.out = snntorch.Leaky(1.0), snntorch.Leaky(0.9)
        with torch.no_grad():
            self.one.weight.fill_(-1.0)  # never spikes

    def forward(self, x):
        first, last, spikes = self.keeps.init_leaky(), self.out.init_leaky(), []
        for step in x:
            spk, first = self.keeps(self.one(step), first)
            spk, last = self.out(self.two(spk), last)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.fixture(scope="module")
def network() -> Network:
    """4 * 127 * 64 * 100 * 5 is 16,256,000; of 7 bits 4 * 63 * 64 * 100 * 5, 8,064,000, which v may be."""
    torch.manual_seed(0)
    example = torch.randint(0, 6, (100, 2, 4)).float()
    return snnc.from_torch(NoLeak(), example, dt=1e-3, verbose=False)


def test_the_call_is_the_one_of_the_user_with_fewer_bits(network, tmp_path):
    with pytest.raises(RangeProofError) as refused:
        network.export("c", tmp_path / "net.c", overwrite=True)
    first, last = str(refused.value).splitlines()
    assert "payload_max=" not in first
    call = f"network.export('c', '{tmp_path / 'net.c'}', overwrite=True, weight_bits=[7, 8])"
    assert last == f"what passes: {call}"
    made = eval(call, {"network": network})
    assert "proved free of overflow" in str(made)


def test_all_that_it_offers_passes(network, tmp_path):
    """Of 8 bits, events of 4 * 127 * 64 * 100 * 2, 6,502,400; of 3, 9,753,600."""
    with pytest.raises(RangeProofError, match=r"; events of at most 2 pass, too \(from_torch takes"):
        network.export("c", tmp_path / "net.c")
    smaller = snnc.from_torch(NoLeak(), torch.full((100, 1, 4), 2.0), dt=1e-3, verbose=False)
    assert smaller.export("c", tmp_path / "two.c").graph.populations[0].payload_max == 2


def test_what_is_no_plain_value_is_named(network, tmp_path):
    data = snnc.from_arrays(np.ones((3, 100, 4), np.uint8), [0, 1, 0], dt=1e-3)
    with pytest.raises(RangeProofError) as refused:
        network.export(target="c", path=pathlib.Path("net.c"), data=data, weight_bits=8, verbose=False)
    call = "network.export(target='c', path='net.c', data=data, weight_bits=[7, 8], verbose=False)"
    assert str(refused.value).endswith(f"\nwhat passes: {call}")


def test_nothing_is_named_where_no_bits_pass(tmp_path):
    """The bias of one weight adds 64 of 2 bits, 100 times 255 times: no bits make it smaller."""
    bias = np.array([1.0])
    adds = FloatPopulation("a", "li", 1, keep_u=0.0, keep_v=1.0, bias=bias)
    held = Network(replace(graph(adds, dense([0.01])), time_steps=3000), "n")
    with pytest.raises(RangeProofError) as refused:
        held.export("c", tmp_path / "net.c")
    assert "what passes" not in str(refused.value)


def test_the_command_line_names_the_command(tmp_path, capsys):
    """1100 inputs of the same weight, 127: u can reach 1100 * 127 * 64 = 8940800, and of 7 bits 4435200."""
    model = tiny_model()
    wide = np.ones((6, 1100), np.float32)
    hidden = replace(model.layers[0], weight=wide, position=np.zeros_like(wide), batch_norm=None)
    path = str(saved(replace(model, layers=(hidden, model.layers[1])), tmp_path))
    given = ["export", path, "-o", str(tmp_path / "out"), "--weight-bits", "8", "--no-budget"]
    assert main(given) == 2
    last = capsys.readouterr().err.splitlines()[-1].strip()
    assert last.startswith("what passes: snnc export ")
    command = last.removeprefix("what passes: snnc ").split()
    assert command[:2] == ["export", path]
    assert "--no-budget" in command
    assert command[-2:] == ["--weight-bits", "7,8"]
    assert command.count("--weight-bits") == 1
    assert main(command) == 0
    assert (tmp_path / "out").is_dir()

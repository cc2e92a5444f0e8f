"""Functions that move lines: chunks, flips, constant indices. Module and network agree in every spike."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import Loop, events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

PERM = torch.tensor([3, 0, 5, 1, 4, 2])
MASK = torch.tensor([True, False, True, True, False, True])
LINES = 6


class Step(nn.Module):
    """`move` of the lines between weights and neurons."""

    def __init__(self, move):
        super().__init__()
        self.move, self.fc = move, nn.Linear(4, LINES)
        outputs = move(torch.zeros(1, LINES)).shape[1]
        self.hidden = snntorch.Leaky(0.9, threshold=0.3, init_hidden=True)
        self.out, self.lif = nn.Linear(outputs, 3), snntorch.Leaky(0.8, threshold=0.7, init_hidden=True)

        with torch.no_grad():
            self.fc.weight += 0.2  # so that all spike, and not always
            self.out.weight.abs_()
            self.out.bias.zero_()

    def forward(self, x):
        return self.lif(self.out(self.move(self.hidden(self.fc(x)))))


def reversed_parts(x, dim, *sizes, name="split"):
    return torch.cat([each * (k + 1) for k, each in enumerate(getattr(x, name)(*sizes, dim=dim))][::-1], dim)


MOVES = {
    "chunk": lambda x: torch.cat([3 * each for each in x.chunk(2, 1)][::-1], 1),
    "chunk, uneven, function": lambda x: torch.cat(torch.chunk(x, 4, dim=-1)[::-1], -1),
    "chunk, all by name": lambda x: torch.cat(torch.chunk(input=x, chunks=3, dim=1)[1:], axis=1),
    "chunk, axis": lambda x: x.chunk(2, axis=1)[1],
    "split": lambda x: reversed_parts(x, 1, 4),
    "split by sizes": lambda x: reversed_parts(x, -1, [1, 3, 2]),
    "split, function": lambda x: torch.split(x, split_size_or_sections=[5, 1], dim=1)[0],
    "split_with_sizes": lambda x: reversed_parts(x, -1, [1, 3, 2], name="split_with_sizes"),
    "tensor_split": lambda x: reversed_parts(x, -1, 4, name="tensor_split"),
    "tensor_split at places, not in order": lambda x: torch.cat(torch.tensor_split(x, (4, 1), dim=1), 1),
    "hsplit": lambda x: torch.hsplit(x, 3)[1],
    "narrow": lambda x: x.narrow(1, 2, 3),
    "narrow, function, from the end": lambda x: torch.narrow(x, dim=-1, start=-4, length=3),
    "narrow, from a tensor": lambda x: torch.narrow(x, 1, torch.tensor(1), 3),
    "hstack": lambda x: torch.hstack((x[:, 4:], x[:, :3])),
    "column_stack": lambda x: torch.column_stack([x[:, 4:], 2 * x[:, :3]]),
    "concat": lambda x: torch.concat((x[:, 4:], x[:, :3]), dim=1),
    "flip": lambda x: x.flip(1),
    "flip, function": lambda x: torch.flip(x, dims=(-1,)),
    "fliplr": lambda x: torch.fliplr(x),
    "flip of a grid": lambda x: x.unflatten(1, (2, 3)).flip(2, 1)[:, :, :2].flatten(1),
    "roll": lambda x: x.roll(2, 1) + 2 * x.roll(-1, dims=1),
    "repeat": lambda x: x.repeat(1, 2),
    "tile": lambda x: torch.tile(x[:, :4], (2,)),
    "repeat_interleave": lambda x: x.repeat_interleave(torch.tensor([0, 1, 2, 0, 3, 1]), dim=1),
    "index_select": lambda x: x.index_select(1, PERM[:4]),
    "index_select, twice": lambda x: torch.index_select(x, dim=-1, index=torch.tensor([5, 0, 5, 1])),
    "list": lambda x: x[:, [3, 0, -1, 3]],
    "tensor": lambda x: x[:, PERM],
    "tensor of the end": lambda x: x[..., PERM - LINES],
    "array": lambda x: x[:, np.array([1, 4])],
    "mask": lambda x: x[:, MASK],
    "mask as list": lambda x: x[:, MASK.tolist()],
    "beside a number": lambda x: x.unflatten(1, (2, 3))[:, 1, [2, 0]],
    "beside a tensor number": lambda x: x.unflatten(1, (2, 3))[:, torch.tensor(1), [2, 0]],
    "tensor of two dimensions": lambda x: x[:, PERM[:4].reshape(2, 2)].flatten(1),
    "tensors of two dimensions, broadcast": lambda x: x.unflatten(1, (2, 3))[
        :, [[1], [0]], PERM[:2] - 3
    ].flatten(1),
    "tensors that are apart": lambda x: (
        x.unflatten(1, (2, 3))[:, [1, 0, 1], None, [2, 0, 1]].permute(1, 2, 0).flatten(1)
    ),
    "tensors beside a number": lambda x: x.unflatten(1, (2, 3, 1))[..., [1, 0], [2, 1], 0],
    "tensor first": lambda x: x.unflatten(1, (2, 3)).permute(1, 2, 0)[[1, 0], [2, 1]].T,
    "recordings by a tensor": lambda x: x[torch.arange(len(x))[:, None], PERM[None, :4]],
    "mask of two dimensions": lambda x: x.unflatten(1, (2, 3))[..., MASK.reshape(2, 3)],
    "mask beside a tensor": lambda x: x.unflatten(1, (2, 3))[:, [0, 1, 0], [True] * 3],
    "beside None": lambda x: x[:, None, PERM].flatten(1),
    "one dimension after another": lambda x: x.unflatten(1, (2, 3))[:, [1, 0]][:, :, [2, 0]].flatten(1),
    "gather": lambda x: x.gather(1, PERM[:4].expand(len(x), 4)),
    "take_along_dim": lambda x: torch.take_along_dim(x, PERM[None, 1:], 1),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_lines_are_moved_as_by_pytorch(move):
    torch.manual_seed(3)
    module, example = Loop(Step(move)), events(20, 5, 4)
    found = from_torch(module, example, dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0, 0]
    torch.manual_seed(4)
    same_spikes(module, events(20, 7, 4), found.graph, (snntorch.Leaky,))


class Whole(nn.Module):
    """`move` of all steps of the input."""

    def __init__(self, move, lines=4):
        super().__init__()
        self.move, self.fc = move, nn.Linear(lines, 5)
        self.lif = snntorch.Leaky(0.9, threshold=0.3)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in self.move(x):
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


WHOLE = {
    "chunk": (lambda x: torch.cat(x.chunk(2, -1)[::-1], 2), 4),
    "index of all steps": (lambda x: x[:, :, [3, 1]], 2),
    "flip of all steps": (lambda x: x.flip(2), 4),
    "stacked steps of a chunk": (lambda x: torch.hstack([x.transpose(1, 2)] * 2).transpose(1, 2), 8),
    "split of time": (lambda x: torch.cat([torch.zeros(3, *x.shape[1:]), x.split([17, 3])[0]]), 4),
    "narrow of time": (lambda x: torch.cat([torch.zeros(2, *x.shape[1:]), x.narrow(0, 0, 18)]), 4),
    "neighbours by a tensor": (lambda x: torch.cat([torch.zeros(2, *x.shape[1:]), x[torch.arange(18)]]), 4),
    "vstack": (lambda x: torch.vstack([torch.zeros(2, *x.shape[1:]), x.narrow(0, 0, 18)]), 4),
}


@pytest.mark.parametrize(("move", "lines"), WHOLE.values(), ids=WHOLE)
def test_all_steps_at_once(move, lines):
    torch.manual_seed(3)
    module, example = Whole(move, lines), events(20, 5, 4)
    found = from_torch(module, example, dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]
    torch.manual_seed(4)
    same_spikes(module, events(20, 7, 4), found.graph, (snntorch.Leaky,))


def test_the_lines_are_those_that_were_counted_by_hand():
    torch.manual_seed(0)
    module = Whole(lambda x: x[:, :, [2, 0, 2]], 3)
    graph = from_torch(module, events(20, 3, 4), dt=1e-3).graph
    given, weight = module.fc.weight.detach().double().numpy(), np.zeros((5, 4))
    weight[:, 2], weight[:, 0] = given[:, 0] + given[:, 2], given[:, 1]
    found, synapses = np.zeros((5, 4)), graph.projections[0].synapses.as_list()
    np.add.at(found, (synapses.post, synapses.pre), synapses.weight)
    np.testing.assert_allclose(found, weight, rtol=1e-6)


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (lambda x: x.flip(1), "flip is not followed: it moves, repeats or takes a part of batch"),
        (lambda x: x.roll(1, 0), "roll is not followed: it takes the last steps .*\n.* A delay is followed"),
        (lambda x: x.chunk(2, 1)[0], "chunk is not followed: it moves, repeats or takes a part of batch"),
        (lambda x: x.roll(1), r"it goes through all dimensions as if .*\nSay .*: x\.roll\(k, dim\)$"),
        (lambda x: x[:, [1, 0, 2]], "__getitem__ is not followed: it moves, .* batch"),
        (lambda x: x[torch.tensor(True)][0], "by one truth value"),
        (lambda x: x.take_along_dim(x.to(torch.int64), 2), "which depends on the input"),
        (lambda x: x.gather(2, torch.arange(3)[None, :, None].expand(20, 3, 4)), "in other steps or recordi"),
        (
            lambda x: x.cumsum(2),
            "cumsum is not followed\nOver lines, write it as slices and torch.cat, or as",
        ),
    ],
)
def test_what_moves_otherwise_is_refused(move, said):
    torch.manual_seed(0)
    with pytest.raises(InputError, match=said) as told:
        from_torch(Whole(move), events(20, 3, 4), dt=1e-3)
    assert "outside of the module" not in str(told.value)


@pytest.mark.parametrize(
    "turn",
    [
        lambda x: x.flip(0),
        lambda x: x[torch.arange(19, -1, -1)],
        lambda x: x[torch.tensor([0, 2, 1, 4, 3, *range(5, 20)])],
    ],
    ids=["flip", "index", "shuffle"],
)
def test_steps_that_change_places_are_no_delay(turn):
    """Of events, they are so outside of the module; of spikes, nothing hears a later step."""
    torch.manual_seed(0)
    said = "it brings later steps before earlier ones\nA network runs from the first step to the last"
    with pytest.raises(InputError, match=f"{said}.*; or change the order of events outside of the module"):
        from_torch(Whole(turn), events(20, 3, 4), dt=1e-3)
    behind = nn.Sequential(Whole(lambda x: x), Whole(turn, 5))
    with pytest.raises(InputError, match=f"{said}.*: leave it out, and train again$"):
        from_torch(behind, events(20, 3, 4), dt=1e-3)


@pytest.mark.parametrize("choose", [lambda x: x[::2], lambda x: x.view(10, 2, 3, 4).sum(1)])
def test_every_layer_takes_every_step(choose):
    with pytest.raises(InputError, match="\nEach layer takes every step"):
        from_torch(Whole(choose), events(20, 3, 4), dt=1e-3)

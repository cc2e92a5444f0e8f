"""A delay of each synapse, of all steps at once: forms that give every spike, and slips that are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events, recordings_first, same_spikes

from snnc.conversion.convert import from_torch
from snnc.conversion.functions import indexed
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError

NEURONS, LINES, STEPS, LONGEST = 4, 5, 13, 6
LATE = torch.tensor([[0, 3, 1, 6, 2], [2, 2, 0, 5, 1], [6, 0, 0, 4, 3], [1, 5, 2, 0, 6]])
ALIKE = torch.full_like(LATE, 2)


class Spiking(nn.Module):
    """v = 0.8 v + x, of all steps at once."""

    def forward(self, x):
        v, spikes = torch.zeros_like(x[:, 0]), []
        for step in range(x.shape[1]):
            v = 0.8 * v + x[:, step]
            spikes.append((v > 1).float())
            v = v - spikes[-1]
        return torch.stack(spikes, 1)


def spiking(module, name):
    parameters = {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "reset": "subtract", "reset_by": 1.0}
    return Cell(name, parameters, time_dim=1, gives=lambda a, k, out: Gives(current=a[0], spikes=out))


class Synapses(nn.Module):
    """`form` of x, the step t - d and w makes currents [recordings, steps, neurons]."""

    def __init__(self, form, late=LATE):
        super().__init__()
        torch.manual_seed(3)
        self.form, self.late, self.w = form, late, nn.Parameter(torch.rand(NEURONS, LINES) * 0.9)
        self.lif = Spiking()

    def forward(self, x):
        return self.lif(self.form(x, torch.arange(x.shape[1])[:, None, None] - self.late, self.w))


def summed(x, i, w):
    late = [F.pad(x, (0, 0, k, 0))[:, :STEPS] for k in range(LONGEST + 1)]
    return sum(F.linear(each, w * (k == LATE)) for k, each in enumerate(late))


def neuron_by_neuron(x, i, w):
    steps = [gathered(put(x), i[:, o] + LONGEST) for o in range(NEURONS)]
    return torch.cat([F.linear(each, w[o][None]) for o, each in enumerate(steps)], -1)


def convolved(x, i, w):
    taps = F.one_hot(LONGEST - LATE, LONGEST + 1) * w[..., None]
    return F.conv1d(put(x).transpose(1, 2), taps).transpose(1, 2)


def put(x):
    return F.pad(x, (0, 0, LONGEST, 0))


def steps_first(i):
    return (i + LONGEST).reshape(-1, LINES)


def neurons_first(i):
    return (i + LONGEST).transpose(0, 1).reshape(-1, LINES)


def all_neurons(x):
    return x[:, :, None].expand(-1, -1, NEURONS, -1)


def of_each(x, i):
    return x[:, i, torch.arange(LINES)]


def seen(x, i):
    return of_each(x, i.clamp(min=0))


def gathered(x, i):
    return x.gather(1, i[None].expand(len(x), *i.shape))


def apart(x):
    return x.view(len(x), STEPS, NEURONS, LINES)


def of_neurons(x):
    return x.view(len(x), NEURONS, STEPS, LINES)


PADDED = {
    "sum over delays": summed,
    "neuron by neuron": neuron_by_neuron,
    "conv1d": convolved,
    "index": lambda x, i, w: (of_each(put(x), i + LONGEST) * w).sum(-1),
    "gather [T, O, I]": lambda x, i, w: (gathered(all_neurons(put(x)), i + LONGEST) * w).sum(-1),
    "gather [T O, I]": lambda x, i, w: (apart(gathered(put(x), steps_first(i))) * w).sum(-1),
    "weighed flat": lambda x, i, w: (
        (gathered(put(x), steps_first(i)) * w.repeat(STEPS, 1)).sum(-1).view(len(x), STEPS, NEURONS)
    ),
    "gather [O T, I]": lambda x, i, w: (
        (of_neurons(gathered(put(x), neurons_first(i))) * w[:, None]).sum(-1).transpose(1, 2)
    ),
    "einsum [O T, I]": lambda x, i, w: torch.einsum(
        "boti,oi->bto", of_neurons(gathered(put(x), neurons_first(i))), w
    ),
    "index [T O, I]": lambda x, i, w: (apart(of_each(put(x), steps_first(i))) * w).sum(-1),
    "index [T O I]": lambda x, i, w: (
        apart(put(x)[:, steps_first(i).reshape(-1), torch.arange(LINES).repeat(STEPS * NEURONS)]) * w
    ).sum(-1),
    "one delay a neuron": lambda x, i, w: (
        (of_neurons(put(x).index_select(1, (i + LONGEST)[..., 0].T.reshape(-1))) * w[:, None])
        .sum(-1)
        .transpose(1, 2)
    ),
}
MASKED = {
    "mask, weights": lambda x, i, w: (seen(x, i) * (i >= 0) * w).sum(-1),
    "weights, mask": lambda x, i, w: (seen(x, i) * w * (i >= 0)).sum(-1),
    "weights that are masked": lambda x, i, w: (seen(x, i) * (w * (i >= 0))).sum(-1),
    "where": lambda x, i, w: torch.where(i >= 0, seen(x, i) * w, torch.zeros(())).sum(-1),
    "masked_fill": lambda x, i, w: (seen(x, i).masked_fill(i < 0, 0) * w).sum(-1),
    "gather": lambda x, i, w: (gathered(all_neurons(x), i.clamp(min=0)) * (i >= 0) * w).sum(-1),
    "flat": lambda x, i, w: (
        apart(gathered(x, i.clamp(min=0).reshape(-1, LINES)) * (i >= 0).reshape(-1, LINES)) * w
    ).sum(-1),
    "einsum": lambda x, i, w: torch.einsum("btoi,oi->bto", seen(x, i) * (i >= 0), w),
    "with a bias": lambda x, i, w: (seen(x, i) * (i >= 0) * w).sum(-1) + w[:, 0] / 8,
}
FORMS = [pytest.param(form, LATE, id=name) for name, form in (PADDED | MASKED).items() if "one" not in name]
FORMS += [
    pytest.param(PADDED["one delay a neuron"], LATE[:, :1].expand(-1, LINES), id="one delay a neuron"),
    pytest.param(MASKED["mask, weights"], ALIKE, id="all wait equally, masked"),
    pytest.param(MASKED["with a bias"], ALIKE, id="all wait equally, with a bias"),
    pytest.param(PADDED["gather [O T, I]"], ALIKE, id="all wait equally, flat"),
]


@pytest.mark.parametrize(("form", "late"), FORMS)
def test_each_form_gives_the_delays_and_every_spike(form, late) -> None:
    converter(Spiking)(spiking)
    module = Synapses(form, late)
    found = from_torch(module, events(3, STEPS, LINES, share=0.4), dt=1e-3, layout="NTC")
    own = found.graph.projections[0].synapses.as_list()
    delays = {
        (o, i): d for o, i, d in zip(own.post.tolist(), own.pre.tolist(), own.delay.tolist(), strict=True)
    }
    assert delays == {(o, i): int(late[o, i]) for o in range(NEURONS) for i in range(LINES)}
    other = events(7, STEPS, LINES, share=0.4, seed=5)
    same_spikes(module, other, found.graph, (Spiking,), recordings_first, recordings_first)


class Stepped(Spiking):
    """One step a call."""

    v = 0.0

    def forward(self, x):
        self.v = 0.8 * self.v + x
        spikes = (self.v > 1).float()
        self.v = self.v - spikes
        return spikes


class InALoop(Synapses):
    def __init__(self, form, late=LATE):
        super().__init__(form, late)
        self.lif = Stepped()

    def forward(self, x):
        currents = self.form(x, torch.arange(x.shape[1])[:, None, None] - self.late, self.w)
        return torch.stack([self.lif(current) for current in currents.unbind(1)], 1)


def stepped(module, name):
    return replace(spiking(module, name), time_dim=None, clear=lambda: setattr(module, "v", 0.0))


@pytest.mark.parametrize("late", [LATE, ALIKE], ids=["apart", "alike"])
@pytest.mark.parametrize("name", ["gather [O T, I]", "mask, weights", "where"])
def test_neurons_in_a_loop_hear_the_same(name, late) -> None:
    converter(Stepped)(stepped)
    found = from_torch(
        InALoop((PADDED | MASKED)[name], late), events(3, STEPS, LINES, share=0.4), dt=1e-3, layout="NTC"
    )
    own = found.graph.projections[0].synapses.as_list()
    assert own.delay.tolist() == late[own.post.tolist(), own.pre.tolist()].tolist()
    assert [(each.different, each.spikes > 0) for each in found.agreement] == [(0, True)]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (
            lambda x, i, w: (seen(x, i) * w).sum(-1),
            "an index takes step 0 of input again where nothing has come",
        ),
        (
            lambda x, i, w: (of_each(x, i) * w).sum(-1),
            "an index takes the last steps in the place of those before",
        ),
    ],
)
def test_a_slip_in_front_of_a_loop_is_told(form, said) -> None:
    converter(Stepped)(stepped)
    with pytest.raises(InputError, match=rf"lif: in InALoop\.forward \(line \d+ of .*\), {said}"):
        from_torch(InALoop(form), events(3, STEPS, LINES, share=0.4), dt=1e-3, layout="NTC")


AGAIN = "takes step 0 again where nothing has come"
WRAPS = "takes the last steps in the place of those before the first"
SLIPS = {
    "no mask": (lambda x, i, w: (seen(x, i) * w).sum(-1), AGAIN),
    "no mask, with a bias": (lambda x, i, w: (seen(x, i) * w).sum(-1) + w[:, 0], AGAIN),
    "no mask, gather": (lambda x, i, w: (gathered(all_neurons(x), i.clamp(min=0)) * w).sum(-1), AGAIN),
    "no mask, flat": (
        lambda x, i, w: (apart(gathered(x, i.clamp(min=0).reshape(-1, LINES))) * w).sum(-1),
        AGAIN,
    ),
    "no mask, einsum": (lambda x, i, w: torch.einsum("btoi,oi->bto", seen(x, i), w), AGAIN),
    "step 0 masked": (lambda x, i, w: (seen(x, i) * (i > 0) * w).sum(-1), "omits step 0"),
    "negative": (lambda x, i, w: (of_each(x, i) * w).sum(-1), WRAPS),
    "modulo": (lambda x, i, w: (of_each(x, i % STEPS) * w).sum(-1), WRAPS),
    "later": (
        lambda x, i, w: (of_each(x, (i + 2).clamp(0, STEPS - 1)) * w).sum(-1),
        "takes what comes up to 2 steps later",
    ),
    "a step missing": (
        lambda x, i, w: (seen(x, i) * ((i >= 0) & (i != 5)) * w).sum(-1),
        "takes steps that are no delay: a step is missing, or taken twice",
    ),
}


def test_a_delay_between_two_steps_of_which_one_is_0() -> None:
    def form(x, i, w):
        return sum((seen(x, i - k) * (i >= k) * w).sum(-1) for k in (0, 1)) / 2

    converter(Spiking)(spiking)
    module = Synapses(form, torch.zeros_like(LATE))
    found = from_torch(module, events(3, STEPS, LINES, share=0.4), dt=1e-3, layout="NTC")
    own = found.graph.projections[0].synapses.as_list()
    assert sorted(own.delay.tolist()) == [0] * LATE.numel() + [1] * LATE.numel()


@pytest.mark.parametrize(("form", "said"), SLIPS.values(), ids=SLIPS)
def test_what_is_no_delay_is_told_with_its_line(form, said) -> None:
    converter(Spiking)(spiking)
    with pytest.raises(InputError) as found:
        from_torch(Synapses(form), events(3, STEPS, LINES), dt=1e-3, layout="NTC")
    told = found.value.args[0]
    assert told.startswith("lif: what arrives cannot be followed: in Synapses.forward (line ")
    assert told.endswith(said)
    assert "pad[D + t - k]" in str(found.value) or "Mask by t >= k" in str(found.value)


def test_too_many_places_are_told_to_be_taken_from_a_pad(monkeypatch) -> None:
    monkeypatch.setattr(indexed, "LARGEST", 1000)
    converter(Spiking)(spiking)
    with pytest.raises(InputError, match=r"it takes 13 steps one by one, each in 260 places\nPut D silent"):
        from_torch(Synapses(MASKED["gather"]), events(3, STEPS, LINES), dt=1e-3, layout="NTC")


def test_places_that_are_no_steps_are_said_to_be_none() -> None:
    converter(Spiking)(spiking)
    said = "lif: takes time along dimension 1, and the 13 places there of what arrives are no steps"
    module = Synapses(lambda x, i, w: (of_each(x, i * 0) * w).sum(-1))
    with pytest.raises(InputError, match=said):
        from_torch(module, events(3, STEPS, LINES), dt=1e-3, layout="NTC")


def test_unfold_over_time_is_told_how_delays_are_written() -> None:
    converter(Spiking)(spiking)

    def form(x, i, w):
        taps = F.one_hot(LONGEST - LATE, LONGEST + 1) * w[..., None]
        return torch.einsum("btik,oik->bto", put(x).unfold(1, LONGEST + 1, 1), taps)

    with pytest.raises(InputError, match=r"unfold over time is not followed\nA delay is followed as F\.pad"):
        from_torch(Synapses(form), events(3, STEPS, LINES), dt=1e-3, layout="NTC")

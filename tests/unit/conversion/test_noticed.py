"""What a module does beside its functions: numbers taken out, casts, places set, states, what is read."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from changed_networks import Changed, Decoded, Membrane, X, check, drawn
from spikingjelly.activation_based import functional, neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

DRAWS = torch.Generator()
NUMPY = np.random.default_rng(1)


def ones(tensor):
    """As many as a tensor has rows."""
    return sum(1.0 for _ in tensor)


@pytest.mark.parametrize(
    "before",
    [
        lambda x: x * (2 if torch.equal(x, 0 * x) else 1),
        lambda x: x * (2 if torch.allclose(x, 0 * x) else 1),
        lambda x: x * float(len(x.nonzero())),
        lambda x: x * ones(x.nonzero()),
        lambda x: x * (2 if 1.0 in x else 1),
        lambda x: x * float(x[x > 0].numel()),
        lambda x: x * torch.ones_like(torch.masked_select(x, x > 0)).sum(),
        lambda x: x * float(f"{x.sum():.1f}"),
        lambda x: x * len(str(x.unique().shape)) + 0.1 * x.unique().shape[0],
        lambda x: x * np.random.rand(),
        lambda x: x * NUMPY.random(),
        lambda x: x * random.random(),
        lambda x: x * torch.rand(8, generator=DRAWS),
    ],
)
def test_numbers_that_are_others_for_other_events_or_the_next_time(before):
    with pytest.raises(
        InputError, match=r"on silent events Changed (computes another network \(|cannot be read)"
    ):
        check(Changed(lambda c: c, before))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (lambda x: x * float(len(x.nonzero())), "nonzero takes numbers out"),
        (lambda x: x * (2 if 1.0 in x else 1), "__contains__ takes numbers out"),
        (lambda x: x * float(x[x > 0].numel()), "__getitem__ takes numbers out"),
        (lambda x: x * np.random.rand(), "the module draws random numbers"),
        (lambda x: x * torch.rand(8, generator=DRAWS), "rand draws random numbers"),
    ],
)
def test_the_error_names_the_function(before, said):
    with pytest.raises(InputError, match=f"^{said}.* on silent events"):
        check(Changed(lambda c: c, before))


def test_readouts_that_are_others_for_other_events():
    module = Decoded(lambda o: o.sum(0) if o.sum().item() > 1 else o.amax(0))
    nn.init.zeros_(module.net[0].bias)
    with pytest.raises(InputError, match=r"item takes numbers out.* another network \(.*readouts"):
        check(module)


def test_states_of_other_modules_are_as_before():
    class Held(nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.queue, self.calls, self.held = Changed(lambda c: c), [], 0, torch.zeros(3)

        def forward(self, x):
            self.calls += 1
            self.held += 1
            self.queue.append(x)
            self.register_buffer("seen", x)
            return self.net(x) if len(self.queue) == 1 else x.relu()

    module = Held()
    check(module)
    assert (module.calls, module.queue, module.held.sum(), hasattr(module, "seen")) == (0, [], 0, False)


def into(kind, change):
    return lambda c: change(torch.zeros(c.shape, dtype=kind), c)


def put(tensor, given):
    tensor[:] = given
    return tensor


@pytest.mark.parametrize(
    "change",
    [
        lambda c: (c * 3000).to(torch.int64).float(),
        lambda c: c.type(torch.int32).float(),
        lambda c: c.type_as(torch.zeros(1, dtype=torch.int16)).float(),
        lambda c: c.unsqueeze(0).sum(0, dtype=torch.int32).float(),
        into(torch.int32, lambda held, c: held.copy_(c).float()),
        lambda c: c.to(torch.bool).float(),
        lambda c: c.long().float(),
    ],
)
def test_casts_of_weighted_sums(change):
    with pytest.raises(InputError, match="cuts numbers to whole ones\nLeave the cast out"):
        check(Changed(change))


class Placed(nn.Module):
    """`place` puts what weights make of all steps into a tensor, which neurons hear."""

    def __init__(self, place):
        super().__init__()
        torch.manual_seed(3)
        self.place, self.fc, self.neurons = place, drawn(8, 12), neuron.IFNode(step_mode="m")

    def forward(self, x):
        return self.neurons(self.place(self.fc(x)).float())


def each_step(o, x):
    for t in range(len(x)):
        o[t] = x[t]
    return o


def test_places_of_integers():
    placed = Placed(lambda a: each_step(torch.zeros(a.shape, dtype=torch.int32), a))
    with pytest.raises(InputError, match="cuts numbers to whole ones\nLeave the cast out"):
        check(placed)
    check(Changed(lambda c: c, lambda x: x.to(torch.int64).float()))
    check(Decoded(lambda y: y.sum(0).to(torch.int32)))
    with pytest.raises(InputError, match="cuts numbers to whole ones"):
        check(Decoded(lambda y: y.mean(0).to(torch.int64)))
    with pytest.raises(InputError, match="cuts numbers to whole ones"):
        check(Decoded(lambda y: y.sum(0).to(torch.bool)))
    with pytest.raises(InputError, match="cuts numbers to whole ones"):
        check(Changed(lambda c: c, lambda x: x.to(torch.bool).float()), 3 * X)


@pytest.mark.parametrize("cast", ["long", "int", "bool"])
def test_the_remedy_of_a_cast(cast):
    with pytest.raises(InputError, match="Leave the cast out: spikes are 0 or 1 as they are"):
        check(Changed(lambda c: c, lambda x: getattr(x, cast)().float()))
    with pytest.raises(InputError, match="one-hot events"):
        check(Changed(lambda c: c, lambda x: F.one_hot(x.long(), 2)[..., 0].float()))


@pytest.mark.parametrize("mode", ["trunc", "floor"])
def test_divisions_that_round(mode):
    with pytest.raises(InputError, match=f"it rounds \\(rounding_mode='{mode}'\\)\nDivide without"):
        check(Changed(lambda c: torch.div(c, 0.5, rounding_mode=mode)))


def test_factors_of_differences():
    check(Changed(lambda c: torch.rsub(c, 3 * c, alpha=2)))


@pytest.mark.parametrize(
    "decode",
    [
        lambda v: v.sum(0).relu_(),
        lambda v: F.relu(v.sum(0), inplace=True),
        lambda v: (s := v.sum(0), s.view(-1).relu_())[0],
        lambda v: (s := v.sum(0), s.view(-1).mul_(0))[0],
        lambda v: (s := v.sum(0).mul_(0), F.hardtanh(s.view(-1), -1, 1, True))[0],
    ],
)
def test_changes_of_tensors_of_inference(decode):
    class Inferred(Membrane):
        @torch.inference_mode()
        def forward(self, x):
            return super().forward(x)

    with pytest.raises(InputError, match="no output of the module is one"):
        check(Inferred(decode))
    check(Inferred(lambda v: v.sum(0).mul_(2)))


def zero(x):
    return torch.zeros(x.shape)


def test_a_change_of_all_places_counts():
    def twice(x):
        o = each_step(zero(x), x)
        o.mul_(0.5)
        return torch.stack([o[t] for t in range(len(x))])

    module = Placed(twice)
    network = check(module)
    functional.reset_net(module)
    half = Placed(lambda x: 0.5 * x)
    assert network.graph.projections[0].synapses == check(half).graph.projections[0].synapses


def zeroed(x):
    o = each_step(zero(x), x)
    o.zero_()
    o[1] = x[1]
    return o


def one_of_five(x):
    o = each_step(zero(x), x)
    o[2].mul_(5)
    o[0] = x[0]
    return o


def by_a_view(x):
    o = each_step(zero(x), x)
    o.view(-1)[:20] = 0
    return torch.stack([o[t] for t in range(len(x))])


def by_an_alias(x):
    o = each_step(zero(x), x)
    other = o[:]
    other[1] = 5 * x[1]
    return torch.stack([o[t] for t in range(len(x))])


def a_constant(x):
    o = each_step(zero(x), x)
    o[1] = 0
    return torch.stack([o[t] for t in range(len(x))])


def two_dimensions(x):
    o = zero(x)
    o[0] = x[0]
    for k in range(x.shape[1]):
        o[:, k] = x[:, k]
    return o


@pytest.mark.parametrize("place", [zeroed, one_of_five, by_a_view, by_an_alias, a_constant, two_dimensions])
def test_places_that_are_changed_later(place):
    with pytest.raises(InputError, match=r"^neurons: what arrives cannot be followed"):
        check(Placed(place))


def test_data_that_are_set():
    def doubled(c):
        c.data = 2 * c.data
        c.requires_grad = False
        return c

    def other(c):
        found = torch.empty_like(c)
        found.data = c
        return found

    for change in (doubled, other):
        with pytest.raises(
            InputError, match=r"^lif: what arrives cannot be followed: the data of a tensor are"
        ):
            check(Changed(change))


@pytest.mark.parametrize(
    ("decode", "module"),
    [
        (lambda v: v.sum(0) ** 1, Membrane),
        (lambda v: v.sum(0).flip(1).flip(1), Membrane),
        (lambda v: v[-1], Membrane),
        (lambda v: v.softmax(-1).mean(0), Membrane),
        (lambda v: v.softmax(-1), Membrane),
        (lambda v: v[-1].softmax(-1), Membrane),
        (lambda v: v.softmax(-1)[-1], Membrane),
        (lambda v: v[-1].log_softmax(-1), Membrane),
        (lambda v: v.sum(0).log_softmax(-1), Membrane),
        (lambda v: sum(v).softmax(-1), Membrane),
        (lambda v: v.mean(0).softmax(-1) * 2, Membrane),
        (lambda y: y * 0.5, Decoded),
        (lambda y: y @ torch.eye(12)[:, :4], Decoded),
        (lambda y: y.mean(0), Decoded),
    ],
)
def test_outputs_that_hold_what_is_read(decode, module, monkeypatch):
    from snnc.conversion.functions import HANDLERS

    monkeypatch.setitem(HANDLERS, "pow", lambda call: call.first)
    monkeypatch.setitem(HANDLERS, "flip", lambda call: call.first)
    check(module(decode))


@pytest.mark.parametrize("of", [lambda v: v.sum(0), lambda v: v[-1], lambda v: v, lambda v: v.max(0)[0]])
@pytest.mark.parametrize("wrong", [lambda s: s.sigmoid(), lambda s: s**3, lambda s: s * float("nan")])
def test_outputs_of_the_same_classes_and_other_scores(of, wrong, monkeypatch):
    from snnc.conversion.functions import HANDLERS

    for name in ("sigmoid", "pow", "mul"):
        monkeypatch.setitem(HANDLERS, name, lambda call: call.first)  # rules that are wrong
    said = r"^output 0: (recording \d.*: the module gives \S+ for class \d, the network \S+|tells another)"
    with pytest.raises(InputError, match=rf"{said}[^\n]*\n(Give the scores before this function|Return the)"):
        check(Membrane(lambda v: wrong(of(v))))


def test_a_matrix_behind_a_softmax_or_a_maximum():
    weight = torch.eye(4) + 0.1
    for decode in (lambda v: v.sum(0).softmax(-1) @ weight, lambda v: v.softmax(-1) @ weight):
        with pytest.raises(InputError, match="it changes scores of a softmax\nLeave the softmax to the end"):
            check(Membrane(decode))
    factors = torch.tensor([1.0, -2.0] * 6)
    for decode in (
        lambda y: y.amax(0) @ torch.randn(12, 4, generator=DRAWS.manual_seed(2)),
        lambda y: y.amax(0) * factors,
        lambda y: y.amax(0)[:, :6] + y.amax(0)[:, 6:],
        lambda y: y.amax(0).mean(-1, keepdim=True),
    ):
        with pytest.raises(InputError, match=r"the largest of all steps.*\n(Do it|Add) before"):
            check(Decoded(decode))


def test_outputs_that_are_changed_where_no_function_is_seen():
    def held(scores):
        np.maximum(scores.numpy(), 0.1, out=scores.numpy())
        return scores

    for module in (Membrane(lambda v: held(v.sum(0))), Membrane(held), Decoded(lambda y: held(y.sum(0)))):
        with pytest.raises(InputError, match=r"^output 0: recording 0.*the module gives 0\.1 for class"):
            check(module)


def test_a_sum_of_each_steps_softmax():
    with pytest.raises(InputError, match=r"scores of a softmax\nStack all steps"):
        check(Membrane(lambda v: sum(step.softmax(-1) for step in v)))
    check(Membrane(lambda v: v.softmax(-1).sum(0)))
    with pytest.raises(InputError, match="no output of the module is one"):
        check(Membrane(lambda v: torch.stack([step.softmax(-1) for step in v]).sum(0)))


def test_a_constant_behind_a_sum():
    with pytest.raises(InputError, match=r"adds a constant to scores\nAdd it to what each step gives"):
        check(Decoded(lambda y: F.linear(y.mean(0), torch.eye(12), torch.arange(12.0))))


def test_the_larger_of_two():
    with pytest.raises(InputError, match=r"the larger of two tensors\nPut neurons"):
        check(Changed(lambda c: torch.max(c, 0 * c)))


def test_modules_that_have_no_shapes_yet():
    for module in (
        nn.Sequential(nn.LazyLinear(3), neuron.IFNode(step_mode="m")),
        nn.Sequential(nn.LazyBatchNorm1d(affine=False), neuron.IFNode(step_mode="m")),
    ):
        with pytest.raises(
            InputError, match=r"0.* has no shape yet\nRun the module once, or load its weights"
        ):
            from_torch(module, X, dt=1e-3)


@pytest.mark.parametrize("dt", [10**400, float("nan"), float("inf"), 0])
def test_durations_of_a_step(dt):
    with pytest.raises(InputError, match=r"^dt is .*, expected seconds a step, above 0"):
        from_torch(Loop(nn.Sequential(nn.Linear(4, 3), neuron.IFNode())), events(5, 2, 4), dt=dt)


def test_remedies_of_decoders():
    with pytest.raises(InputError, match=r"max of softmax over time.*\nTake the sum over time"):
        check(Membrane(lambda v: v.softmax(-1).max(0)[0]))
    with pytest.raises(InputError, match=r"it is taken over no dimension; pass dim"):
        check(Membrane(lambda v: F.softmax(v)))

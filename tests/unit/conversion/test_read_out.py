"""What is read of a module: classes, scores, and what is done to them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from changed_networks import Changed, Decoded, Membrane, X, check

from snnc.errors import InputError
from snnc.exporter.float_reference import run_float

DRAWS = torch.Generator()


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
        with pytest.raises(InputError, match=r"the largest of all steps.*\nThe contract has nothing behind"):
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


def test_a_constant_behind_a_sum():
    with pytest.raises(InputError, match=r"adds a constant to scores\nAdd it to what each step gives"):
        check(Decoded(lambda y: F.linear(y.mean(0), torch.eye(12), torch.arange(12.0))))


@pytest.mark.parametrize(
    ("decode", "said"),
    [
        (lambda v: v.max(0)[0] + torch.arange(4.0), "it adds a constant to scores"),
        (lambda v: (v + torch.arange(4.0)).max(0)[0], "output 0 is a membrane and a constant"),
        (lambda v: v.sum(0) + torch.arange(4.0), "it adds a constant to scores"),
    ],
)
def test_a_constant_on_membranes_has_one_remedy(decode, said):
    with pytest.raises(InputError, match=rf"{said}.*\nLeave the constant out, and train with a bias of the"):
        check(Membrane(decode))


@pytest.mark.parametrize(
    ("decode", "lines"),
    [
        (lambda v: v.max(0)[0][:, [2, 0, 3, 1]], "2, 0, 3, 1"),
        (lambda v: v[..., [2, 0, 3, 1]].max(0)[0], "2, 0, 3, 1"),
        (lambda v: 2 * v.sum(0).flip(1), "3, 2, 1, 0"),
        (lambda v: v.max(0)[0][:, 1:].flip(1)[:, [0, 0]], "3, 3"),
        (lambda v: v.max(0)[0][:, :3], "0, 1, 2"),
    ],
)
def test_some_membranes_or_another_order(decode, lines):
    said = rf"output 0 holds the membranes {lines} of read, in this order; .*\nTake these rows of the weights"
    with pytest.raises(InputError, match=said):
        check(Membrane(decode))


def test_sums_of_membranes_are_still_weights():
    with pytest.raises(InputError, match="output 0 weighs the membrane of read; put neurons behind the"):
        check(Membrane(lambda v: F.pad(v.sum(0), (1, 0))))
    with pytest.raises(InputError, match="output 0 weighs the membrane of read; put neurons behind the"):
        check(Membrane(lambda v: v.sum(0) @ torch.ones(4, 2)))


def test_the_remedy_for_another_order_is_true():
    """The rows of the weights, as nothing else differs by neuron, give the scores of the other order."""
    order = [2, 0, 3, 1]
    module, other = Membrane(lambda v: v.max(0)[0]), Membrane(lambda v: v.max(0)[0][:, order])
    with torch.no_grad():
        module.out.weight.copy_(module.out.weight[order])
        if module.out.bias is not None:
            module.out.bias.copy_(module.out.bias[order])
        torch.testing.assert_close(module(X), other(X))
    check(module)


def test_the_larger_of_two():
    with pytest.raises(InputError, match=r"the larger of two tensors\nThe largest of all steps"):
        check(Changed(lambda c: torch.max(c, 0 * c)))


def test_remedies_of_decoders():
    with pytest.raises(InputError, match=r"max of softmax over time.*\nTake the sum over time"):
        check(Membrane(lambda v: v.softmax(-1).max(0)[0]))
    with pytest.raises(InputError, match=r"it is taken over no dimension; pass dim"):
        check(Membrane(lambda v: F.softmax(v)))


@pytest.mark.parametrize(
    ("decode", "said"),
    [
        (lambda v: sum(v[5:]), "adds up {late} of the {steps} steps of read, 5 .. {last}; "),
        (lambda v: v[-1] + v[-3], "adds up 2 of the {steps} steps of read, {third} .. {last}; "),
        (lambda v: sum(x * (1 + t) for t, x in enumerate(v)), "weighs {steps} of the {steps} steps of read"),
        (lambda v: v[-1] - v[-2], "weighs 2 of the {steps} steps of read, not all alike; "),
        (lambda v: v[-1] + v[-1].flip(-1), "adds membranes to spikes or to each other"),
    ],
)
def test_some_steps_or_not_all_alike(decode, said):
    steps = X.shape[0]
    told = said.format(steps=steps, late=steps - 5, last=steps - 1, third=steps - 3)
    with pytest.raises(InputError, match=f"output 0 {told}"):
        check(Membrane(decode))


def later(y):
    return F.pad(y, (0, 0, 0, 0, 3, 0))[: len(y)]


@pytest.mark.parametrize(
    ("decode", "steps"),
    [
        (lambda y: y[-5:].sum(0), range(10, 15)),
        (lambda y: sum(y[-5:]), range(10, 15)),
        (lambda y: y[3:9].sum(0), range(3, 9)),
        (lambda y: sum(y[3:9]), range(3, 9)),
        (lambda y: y[:10].sum(0), range(10)),
        (lambda y: torch.stack(list(y)[:10]).sum(0), range(10)),
        (lambda y: sum(y[k] for k in range(10)), range(10)),
        (lambda y: y[3], [3]),
        (lambda y: y[2:6].sum(0) + y[9:11].sum(0), [2, 3, 4, 5, 9, 10]),
        # Three steps late: what comes after the last one is not heard.
        (lambda y: later(y)[5:].sum(0), range(2, 12)),
        (lambda y: later(y)[:9].sum(0), range(6)),
        (lambda y: y[5:].sum(0) + later(y).sum(0), [*range(5, 15), *range(12)]),
    ],
)
def test_spikes_of_some_steps_are_heard_over_delays(decode, steps):
    """By hand: the scores of the last step are the spikes of these steps."""
    module = Decoded(decode)
    network = check(module)
    (readout,) = network.graph.readouts
    assert readout.decoder == "last"
    theirs = module.net(X)[list(steps)].sum(0)
    for number in range(X.shape[1]):
        v = run_float(network.graph, X[:, number].numpy().astype(np.int64))[readout.population].v
        np.testing.assert_allclose(v[-1], theirs[number].detach().numpy(), atol=1e-5)
    delays = [each.synapses.delay.max() for each in network.graph.projections if each.destination != "net_1"]
    assert max(delays) == len(X) - 1 - min(steps)


def test_spikes_of_some_steps_that_are_not_added_up_are_told_to_be():
    with pytest.raises(InputError, match=r"is of steps 10 \.\. 14 of the 15.*\nAdd them up behind the slice"):
        check(Decoded(lambda y: y[10:]))
    check(Decoded(lambda y: y[10:].sum(0)))
    with pytest.raises(InputError, match=r"an output of spikes may add some steps up one by one"):
        check(Decoded(lambda y: y[5::2].sum(0)))
    check(Decoded(lambda y: sum(y[k] for k in range(5, 15, 2))))


@pytest.mark.parametrize(
    "scores", [lambda y: y.sum(0), lambda y: sum(y), lambda y: y[-1], lambda y: sum(y[5:])]
)
def test_a_function_that_keeps_the_classes_is_left_out(scores):
    unless = ", unless steps are added up behind it"
    said = f"sigmoid is no linear operation.*\nLeave it out at the end({unless})?: the largest of the scores"
    with pytest.raises(InputError, match=said):
        check(Decoded(lambda y: scores(y).sigmoid()))
    check(Decoded(scores))

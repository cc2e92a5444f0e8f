"""Gradients of graphs in integers against torch's own, of a loop over steps that has the integers' states."""

from __future__ import annotations

import math

import numpy as np
import torch
from hypothesis import assume, given, settings
from networks import networks_with_input

from snnc.stages import QuantizedGraph, Trace
from snnc.trainer.integer_model import run_graph
from snnc.trainer.straight_through.back import go_back

ALPHA = 2.0


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v, spikes, threshold):
        ctx.save_for_backward(v, threshold)
        return spikes

    @staticmethod
    def backward(ctx, gradient):
        v, threshold = ctx.saved_tensors
        unit = torch.where(threshold < 64, 64.0, threshold)
        x = math.pi / 2 * ALPHA * (v - threshold - 0.5) / unit
        return gradient * ALPHA / 2 / (1 + x * x) / unit, None, None


def real(array) -> torch.Tensor:
    return torch.tensor(np.asarray(array), dtype=torch.float64)


def through(value: torch.Tensor, exact) -> torch.Tensor:
    """`exact`, with the gradient of `value`."""
    return value + (real(exact) - value).detach()


def loop(graph: QuantizedGraph, events, trace: Trace):
    """By population, its spikes, its v after the reset, what arrives and v before the reset: one tensor
    [samples, neurons] a step, each computed by autograd of those before.
    """
    steps, samples = graph.time_steps, len(events)
    sent: dict[str, list[torch.Tensor]] = {each.name: [] for each in graph.populations}
    arrived, charged, after = ({each.name: [] for each in graph.stateful} for _ in range(3))
    state = {
        each.name: [torch.zeros(samples, each.neurons, dtype=torch.float64)] * 3 for each in graph.stateful
    }
    synapses = {
        each.name: [(way, way.synapses.as_list()) for way in graph.into(each.name)] for each in graph.stateful
    }
    for t in range(steps):
        for name in graph.order:
            of = graph.population(name)
            if of.model == "input":
                now = real(events[:, t, graph.lines(name)])
                sent[name].append(now * (t < graph.end(name)))
                continue
            own = trace.layers[graph.trace_index(name)]
            total = torch.zeros(samples, of.neurons, dtype=torch.float64)
            for way, listed in synapses[name]:
                for pre, post, weight, delay in zip(
                    listed.pre, listed.post, listed.weight, listed.delay, strict=True
                ):
                    if delay <= t:
                        part = torch.zeros_like(total)
                        part[:, post] = sent[way.source][t - delay][:, pre] * (int(weight) << way.weight_exp)
                        total = total + part
            total = total.detach().requires_grad_() if not total.requires_grad else total
            total.retain_grad()
            arrived[name].append(total)
            u, v, w = state[name]
            last = sent[name][-1] if t and of.spikes else torch.zeros_like(total)
            u = through(real(1 - of.decay_u / 4096) * u + 64 * total, own.u[:, t])
            free = real(1 - of.decay_v / 4096) * v + u
            if of.model == "adlif":
                older = w
                w = real(1 - of.decay_w / 4096) * w + real(of.ka / 4096) * v + last * real(of.kb)
                w = through(w, own.w[:, t])
                free = free - (older if of.order == "old" else w)
            before = free
            if of.model != "li":
                spikes = real(own.spikes[:, t])
                exact = before_reset(of, own, t)
                before = through(free, exact)
                before.retain_grad()
                fires = (
                    Spike.apply(before, spikes, real(of.threshold * 64.0)) if t < graph.end(name) else spikes
                )
                sent[name].append(fires)
                kept = before * (1 - spikes) if of.reset == "zero" else before
                if of.model == "adlif" and of.reset == "subtract":
                    kept = before - fires * real(of.reset_by * 64.0)
                v = through(kept, own.v[:, t])
            else:
                v = through(free, own.v[:, t])
                before = v
                before.retain_grad()
            charged[name].append(before)
            after[name].append(v)
            state[name] = [u, v, w]
    return sent, after, arrived, charged


def before_reset(of, own, t):
    """Clauses 4, 5 and 5a, one number after the other."""
    found = np.zeros(own.v[:, t].shape)
    for sample, neuron in np.ndindex(found.shape):
        v = int(own.v[sample, t - 1, neuron]) if t else 0
        kept = abs(v) * (4096 - int(of.decay_v[neuron])) >> 12
        free = (kept if v >= 0 else -kept) + int(own.u[sample, t, neuron]) + int(of.bias[neuron])
        if own.w is not None:
            w = own.w[sample, t] if of.order == "new" else own.w[sample, t - 1] if t else own.w[sample, t] * 0
            free -= int(w[neuron])
        found[sample, neuron] = max(-(2**23 - 1), min(2**23 - 1, free))
    return found


@settings(max_examples=25, deadline=None)
@given(networks_with_input(most=4))
def test_gradients_are_those_of_autograd_at_the_states_of_the_integers(drawn):
    graph, events = drawn
    events = events[:2]
    trace = run_graph(graph, events)
    sent, after, arrived, charged = loop(graph, events, trace)
    rng = np.random.default_rng(0)
    given_, loss = {}, torch.zeros((), dtype=torch.float64)
    for readout in graph.readouts:
        of = graph.population(readout.population)
        values = torch.stack((sent if of.spikes else after)[of.name], dim=1)
        given_[of.name] = torch.tensor(rng.normal(size=values.shape), dtype=torch.float32)
        loss = loss + (values * given_[of.name].double()).sum()
    loss.backward()
    wanted = {
        (what, each.name): np.stack([zero_if_none(one) for one in of[each.name]])
        for what, of in (("arriving", arrived), ("charged", charged))
        for each in graph.stateful
    }
    assume(all(np.abs(each).max() < 1e30 for each in wanted.values()))  # 32 bits hold it
    found = go_back(graph, events, trace, given_, ALPHA)
    for (what, name), exact in wanted.items():
        size = np.abs(exact).max() or 1
        np.testing.assert_allclose(getattr(found, what)[name] / size, exact / size, atol=2e-4, err_msg=name)


def zero_if_none(tensor: torch.Tensor) -> np.ndarray:
    return np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy()

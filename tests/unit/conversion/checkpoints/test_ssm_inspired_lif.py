"""Checkpoints of SSM-inspired-LIF against a loop over the equations of the work, in float64."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from kinds.elsewhere import PUBLISHED_SSM, SSM
from kinds.page import hold
from kinds.row import percent
from real_data import real_data

from snnc.conversion.checkpoints.read import from_checkpoint
from snnc.errors import InputError, ModelFileError
from snnc.exporter.float_reference import run_float
from snnc.stages.float_synapses import FloatMatrix

E = np.exp
ALPHA, BETA = (E(-1 / 5), E(-1 / 25)), (E(-1 / 30), E(-1 / 120))
PLAIN = {"alpha": ALPHA, "beta": BETA, "a": (-1, 1), "b": (0, 2)}
CLAMPED = {
    "adLIF": PLAIN,
    "RadLIF": PLAIN,
    "CadLIF": {"alpha": (0.36, 0.96), "beta": (0.96, 0.99), "a": (0, 1), "b": (0, 2)},
    "SiLIF": {"a": (0, 1), "b": (0, 2)},
    "LIF": {"alpha": ALPHA},
    "RLIF": {"alpha": ALPHA},
}
KEYS = {
    "SiLIF": ("dt", "alpha", "beta", "a", "b"),
    "CSiLIF": ("log_log_alpha", "log_dt", "alpha_img", "b"),
    "LIF": ("alpha",),
    "RLIF": ("alpha",),
    "ResonateFire": ("alpha_real", "alpha_im"),
}
DRAWN = {
    ("SiLIF", "dt"): (np.log(0.003), np.log(0.006)),
    ("SiLIF", "alpha"): (np.log(10), np.log(250)),
    ("SiLIF", "beta"): (np.log(2.5), np.log(10)),
    ("CSiLIF", "log_log_alpha"): (np.log(0.3), np.log(0.6)),
    ("CSiLIF", "log_dt"): (np.log(0.1), np.log(0.4)),
    ("CSiLIF", "alpha_img"): (2.5, 3.5),
    ("CSiLIF", "b"): (0, 1),
    ("ResonateFire", "alpha_real"): (-10, 1),
    ("ResonateFire", "alpha_im"): (5, 10),
}
GIVEN = {"dt": 0.004, "time_steps": 60, "payload_max": 5}


def drawn(kind, sizes=(7, 24, 20, 5), seed=3, norm=True, bias=False):
    """A state dict with the work's names; parameters also lie outside the limits that it clamps them to."""
    rng, state = np.random.default_rng(seed), {}
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        name, last = f"snn.{number}", number == len(sizes) - 2

        def add(key, value, name=name):
            state[f"{name}.{key}"] = torch.tensor(value, dtype=torch.float32)

        for key in ("alpha",) if last else KEYS.get(kind, ("alpha", "beta", "a", "b")):
            low, high = DRAWN.get(("" if last else kind, key)) or CLAMPED.get(kind, PLAIN).get(key, ALPHA)
            add(key, rng.uniform(low - 0.1, high + 0.1, outputs))
        gain = (60 if kind == "ResonateFire" else 1) * (1 if norm else 4)
        add("W.weight", rng.normal(0, gain / np.sqrt(inputs), (outputs, inputs)))
        if kind in ("RLIF", "RadLIF") and not last:
            add("V.weight", rng.normal(0, 1, (outputs, outputs)))
        if bias:
            add("W.bias", rng.normal(0, 0.1, outputs))
        if norm:
            for key, low, high in (
                ("weight", 2, 6),
                ("bias", 0, 0.4),
                ("running_mean", -1, 1),
                ("running_var", 0.5, 1),
            ):
                add(f"norm.{key}", rng.uniform(low, high, outputs))
            state[f"{name}.norm.num_batches_tracked"] = torch.tensor(4)
    return state


def arriving(state, name, spikes):
    found = spikes @ state[f"{name}.W.weight"].T + state.get(f"{name}.W.bias", 0)
    if f"{name}.norm.weight" not in state:
        return found
    norm = {key: state[f"{name}.norm.{key}"] for key in ("weight", "bias", "running_mean", "running_var")}
    return (found - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-5) * norm["weight"] + norm[
        "bias"
    ]


def fired(kind, state, name, x):
    """The spikes [T, neurons] of a layer, by the equations that the work publishes, from states 0."""
    p = {}
    for key in KEYS.get(kind, ("alpha", "beta", "a", "b")):
        p[key] = state[f"{name}.{key}"]
        if key in CLAMPED.get(kind, {}):
            low, high = np.float32(CLAMPED[kind][key])
            p[key] = p[key].clip(low, high)
    if kind == "SiLIF":
        p["alpha"], p["beta"] = (E(-E(p[key]) * E(p["dt"])) for key in ("alpha", "beta"))
    if kind == "CSiLIF":
        turn = E((-E(p["log_log_alpha"]) + 1j * p["alpha_img"]) * E(p["log_dt"]))
    if kind == "ResonateFire":
        rate = np.minimum(p["alpha_real"], np.float32(-0.1)) + 1j * p["alpha_im"]
    back = 0
    if f"{name}.V.weight" in state:
        back = state[f"{name}.V.weight"] * (1 - np.eye(x.shape[1]))
    u = np.zeros(x.shape[1], complex if kind in ("CSiLIF", "ResonateFire") else float)
    w, s, found = np.zeros(x.shape[1]), np.zeros(x.shape[1]), []
    for t in range(len(x)):
        if kind == "CSiLIF":
            u = turn * (u - 0.5 * s) + p["b"] * x[t]
            s = 2 * u.real > 1
        elif kind == "ResonateFire":
            u = u + 0.004 * (rate * u + x[t]) - s
            s = u.real > 1
        else:
            if "beta" in p:
                w = p["beta"] * w + p["a"] * u + p["b"] * s
            recurrent = s @ back if np.ndim(back) else 0
            u = p["alpha"] * (u - s) + (1 - p["alpha"]) * (x[t] + recurrent - w)
            s = u > 1
        s = s.astype(float)
        found.append(s)
    return np.array(found)


def check(kind, state, graph, inputs):
    """Every spike of every layer, each on the graph's own spikes of the layer before, and the readout's v."""
    state = {key: value.numpy().astype(np.float64) for key, value in state.items()}
    ours = run_float(graph, inputs)
    *hidden, last = [each.name for each in graph.populations[1:]]
    spikes, differ, counted = inputs.astype(float), 0, 0
    for name in hidden:
        theirs = fired(kind, state, name, arriving(state, name, spikes))
        spikes = ours[name].spikes.astype(float)
        assert 0.005 < theirs.mean() < 0.8
        differ, counted = differ + int((theirs != spikes).sum()), counted + int(theirs.sum())
    alpha = state[f"{last}.alpha"].clip(*np.float32(ALPHA))
    u, x = np.zeros(len(alpha)), arriving(state, last, spikes)
    for t in range(len(x)):
        u = alpha * u + (1 - alpha) * x[t]
        np.testing.assert_allclose(ours[last].v[t], u, atol=1e-12)
    return differ, counted


@pytest.mark.parametrize(
    "kind", ["SiLIF", "CSiLIF", "LIF", "adLIF", "CadLIF", "ResonateFire", "RLIF", "RadLIF"]
)
@pytest.mark.parametrize("norm", [True, False])
def test_spikes_are_those_of_the_equations(tmp_path, kind, norm):
    state = drawn(kind, norm=norm, bias=not norm)
    torch.save(state, tmp_path / "a.pth")
    graph = from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", neuron=kind, **GIVEN)
    inputs = np.random.default_rng(1).poisson(0.6, (60, 7)).clip(0, 5)
    differ, counted = check(kind, state, graph, inputs)
    assert differ == 0
    assert counted > 20
    if norm:
        hold(SSM[kind], SSM[kind].line("yes", percent(counted, counted + differ)))
    assert graph.readouts[0].decoder == "softmax"


@pytest.mark.parametrize("kind", ["SiLIF", "CadLIF"])
def test_the_published_networks(kind):
    path = real_data("foreign") / "silif" / f"ref_SSC_{kind}.pth"
    graph = from_checkpoint("ssm-inspired-lif", path, neuron=kind, **GIVEN)
    assert [each.neurons for each in graph.populations] == [140, 512, 512, 35]
    assert [each.model for each in graph.populations] == ["input", "adlif", "adlif", "li"]
    state = torch.load(path, weights_only=True)
    inputs = np.random.default_rng(2).poisson(0.1, (60, 140)).clip(0, 5)
    differ, counted = check(kind, state, graph, inputs)
    assert differ == 0
    assert counted > 1000
    hold(PUBLISHED_SSM[kind], PUBLISHED_SSM[kind].line("yes", percent(counted, counted + differ)))


def test_the_two_neurons_are_told_apart(tmp_path):
    torch.save(drawn("CadLIF"), tmp_path / "a.pth")
    with pytest.raises(
        ModelFileError, match=r"snn\.0\.dt is missing, expected a float32 tensor of the shape \[24\]"
    ):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", neuron="SiLIF", **GIVEN)
    torch.save(drawn("SiLIF"), tmp_path / "b.pth")
    with pytest.raises(ModelFileError, match=r"unknown keys 'snn\.0\.dt', 'snn\.1\.dt'"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "b.pth", neuron="CadLIF", **GIVEN)


def without(state, *names):
    return {key: value for key, value in state.items() if not key.endswith(names)}


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        (
            "adLIF",
            lambda s: without(s, "running_mean", "running_var"),
            r"snn\.0\.norm\.running_mean is missing: layer",
        ),
        (
            "adLIF",
            lambda s: {k: v for k, v in s.items() if k < "snn.1"},
            r"there are snn\.N\.W\.weight for N in \[0\]",
        ),
        (
            "adLIF",
            lambda s: s | {"snn.1.W.weight": torch.zeros(20, 48)},
            r"snn\.1\.W\.weight has the shape \[20, 48\]",
        ),
        ("adLIF", lambda s: s | {"snn.2.beta": torch.zeros(5)}, r"unknown keys 'snn\.2\.beta'"),
        (
            "CSiLIF",
            lambda s: s | {"snn.0.alpha_img": torch.full((24,), 7.0)},
            r"snn\.0\.alpha_img, neuron \d+: u turns",
        ),
        ("CSiLIF", lambda s: s | {"snn.0.log_dt": torch.full((24,), 800.0)}, r"snn\.0\.log_dt holds 800"),
        (
            "ResonateFire",
            lambda s: s | {"snn.0.alpha_real": torch.full((24,), -251.0)},
            r"snn\.0\.alpha_real, neuron 0: holds -251",
        ),
    ],
)
def test_what_the_contract_lacks_is_named(tmp_path, kind, change, said):
    torch.save(change(drawn(kind)), tmp_path / "a.pth")
    with pytest.raises(ModelFileError, match=f"a.pth: {said}"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", neuron=kind, **GIVEN)


def test_the_kind_of_neuron_is_known(tmp_path):
    torch.save(drawn("LIF"), tmp_path / "a.pth")
    with pytest.raises(InputError, match="neuron is 'Mamba', expected one of SiLIF, CSiLIF, LIF"):
        from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", neuron="Mamba", **GIVEN)


def test_recurrence_takes_a_step(tmp_path):
    state = drawn("RLIF", norm=False)
    torch.save(state, tmp_path / "a.pth")
    graph = from_checkpoint("ssm-inspired-lif", tmp_path / "a.pth", neuron="RLIF", **GIVEN)
    loop = next(each for each in graph.into("snn.0") if each.source == "snn.0").synapses
    assert isinstance(loop, FloatMatrix)
    assert set(loop.as_list().delay.tolist()) == {1}
    assert not loop.weight.diagonal().any()

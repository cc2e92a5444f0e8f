"""Checkpoints of SNN-delays: the graph is the one that the module itself becomes."""

from __future__ import annotations

import pytest
import torch
from kinds.elsewhere import DELAYS
from kinds.page import hold
from kinds.row import percent
from published_delays import TAU, Published
from torch_networks import events, settled

from snnc.conversion.checkpoints.read import from_checkpoint
from snnc.conversion.convert import from_torch
from snnc.errors import InputError, ModelFileError

TAPS, STEPS = 9, 20
GIVEN = {"dt": 0.01, "time_steps": STEPS, "kernel_size": TAPS, "v_threshold": 1.0, "payload_max": 1}


def saved(module, folder):
    path = folder / "Best_ACC.pt"
    torch.save(module.state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("kind", "how", "given"),
    [
        ("with LIF neurons", {}, {"tau": TAU}),
        ("with PLIF neurons", {"plif": True}, {}),
        (
            "with PLIF neurons that scale their input",
            {"plif": True, "decay_input": True},
            {"decay_input": True},
        ),
        (
            "without batch norm, spikes are counted",
            {"norm": False, "bias": True, "loss": "spike_count"},
            {"tau": TAU, "output_v_threshold": 1.2},
        ),
        ("with two kernels a synapse", {"kernels": 2, "bias": True, "loss": "max"}, {"tau": TAU}),
        ("with a tenth of the synapses", {"mask": 0.9}, {"tau": TAU, "class_names": list("abcd")}),
    ],
)
def test_it_is_the_graph_of_the_module(tmp_path, kind, how, given):
    torch.manual_seed(7)
    module = settled(Published(**how), 1)
    path = saved(module, tmp_path)
    network = from_torch(module.whole(), events(STEPS, 3, 10), dt=0.01)
    wanted, agreement = network.graph, network.agreement
    graph = from_checkpoint("snn-delays", path, loss=module.loss, **GIVEN, **given)
    assert graph.populations == wanted.populations
    assert graph.projections == wanted.projections
    assert (graph.time_steps, graph.bin_s) == (wanted.time_steps, wanted.bin_s)
    (mine,), (theirs,) = graph.readouts, wanted.readouts
    assert (mine.population, mine.decoder, mine.scale) == (theirs.population, theirs.decoder, theirs.scale)
    assert mine.class_names == tuple(given.get("class_names", theirs.class_names))
    spikes = sum(each.spikes or 0 for each in agreement)
    differ = sum(each.through for each in agreement)
    hold(DELAYS[kind], DELAYS[kind].line("yes", percent(spikes, spikes + differ)))


def test_a_mean_and_other_padding(tmp_path):
    torch.manual_seed(7)
    path = saved(settled(Published(), 1), tmp_path)
    usual = from_checkpoint("snn-delays", path, loss="mean", tau=TAU, **GIVEN)
    assert usual.readouts[0].decoder == "sum"
    assert usual.readouts[0].scale == 1 / (STEPS + 3 * 4)
    assert [each.end for each in usual.populations] == [None, STEPS + 4, STEPS + 8, None]
    other = from_checkpoint(
        "snn-delays", path, loss="mean", tau=TAU, left_padding=TAPS + 1, right_padding=0, **GIVEN
    )
    assert other.time_steps == STEPS + 3 * 2
    for mine, theirs in zip(other.projections, usual.projections, strict=True):
        there = theirs.synapses.weights != 0
        assert (mine.synapses.delay[there] == theirs.synapses.delay[there] + 2).all()
    with pytest.raises(InputError, match=r"model\.0: with left_padding 5 a synapse hears its source 3 steps"):
        from_checkpoint("snn-delays", path, loss="mean", tau=TAU, left_padding=5, **GIVEN)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"model.0.SIG": None},
            r"model\.0\.SIG is missing, expected a float32 tensor of the shape \[1, 16, 10, 1\]",
        ),
        (
            {"model.0.P": torch.zeros(1, 16, 9, 1)},
            r"model\.0\.P has the shape \[1, 16, 9, 1\], expected .* \[1, 16, 10, 1\]",
        ),
        ({"model.4.weight": torch.zeros(12, 15, 1)}, r"model\.4\.weight has the shape .* \[any, 16, any\]"),
        (
            {"model.1.bias": torch.full((16,), torch.nan)},
            r"model\.1\.bias holds nan at \[0\], expected finite",
        ),
        (
            {"model.1.running_var": torch.full((16,), -1.0)},
            r"model\.1\.running_var holds -1, expected 0 or more",
        ),
        (
            {"model.0.weight": torch.zeros(16, 10, 1).half()},
            r"model\.0\.weight is a tensor of float16, expected",
        ),
        (
            {"model.0.P": torch.full((1, 16, 10, 1), 6.0)},
            r"model\.0\.P holds 6, positions of a kernel of 9 steps",
        ),
        ({"model.0.more": torch.zeros(2)}, r"unknown keys 'model\.0\.more', expected none"),
        ({"model.3.w": torch.zeros(())}, r"unknown keys 'model\.3\.w'"),
        ({"model.0.P": 3}, r"model\.0\.P is of type int, expected a float32 tensor"),
    ],
)
def test_tensors_that_do_not_fit_are_named(tmp_path, change, said):
    torch.manual_seed(7)
    state = dict(Published().state_dict()) | change
    path = tmp_path / "a.pt"
    torch.save({key: value for key, value in state.items() if value is not None}, path)
    with pytest.raises(ModelFileError, match=f"a.pt: {said}"):
        from_checkpoint("snn-delays", path, loss="sum", tau=TAU, **GIVEN)


def test_a_synapse_filter_is_refused_by_name(tmp_path):
    torch.manual_seed(7)
    moved = {"model.4.": "model.5.", "model.5.": "model.6.", "model.8.": "model.10."}
    state = {moved.get(key[:8], key[:8]) + key[8:]: value for key, value in Published().state_dict().items()}
    torch.save(state, tmp_path / "a.pt")
    with pytest.raises(ModelFileError, match="stateful_synapse puts a synapse filter there") as caught:
        from_checkpoint("snn-delays", tmp_path / "a.pt", loss="sum", tau=TAU, **GIVEN)
    row = DELAYS["with `stateful_synapse`"]
    hold(row, row.line("no", str(caught.value).replace(f"{tmp_path}/", "")))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kernel_size": 8}, "kernel_size is 8, expected an odd number"),
        (
            {"loss": "median"},
            "loss is 'median', expected one of sum, mean, max, spike_count .did you mean 'me",
        ),
        ({"tau": 1}, "tau is 1, expected a finite number above 1"),
        ({"tau": None}, r"tau is missing: the file has no model\.2\.w"),
        ({"dt": float("nan")}, "dt is nan, expected a finite number above 0"),
        ({"time_steps": 2.5}, r"time_steps is 2\.5, expected a whole number"),
        ({"v_threshold": 1e-50}, "v_threshold is 1e-50, 0 in single precision, expected above 0"),
        ({"v_threshold": 1e50}, r"v_threshold is 1e\+50, inf in single precision"),
        ({"class_names": ["a", "b", "b", "c"]}, "^class_names: two classes have the name 'b'"),
        ({"payload_max": 0}, r"payload_max is 0, expected a whole number 1 \.\. 255"),
        ({"decay_input": "no"}, "decay_input is 'no', expected True or False"),
        ({"loss": "spike_count"}, "output_v_threshold is missing; the loss spike_count needs it"),
        ({"output_v_threshold": 2.0}, r"output_v_threshold is 2\.0; the loss spike_count alone has one"),
        ({"right_padding": 65_536}, "with the padding, layers have"),
        ({"class_names": ["a"]}, "class_names has 1 names, expected 4"),
        ({"tau": 10**400}, r"tau is 10+\S*, expected a finite number above 1"),
        (
            {"steps": 3},
            r"snn-delays has no parameter 'steps' \(did you mean 'time_steps'\?\); there are dt, time_steps",
        ),
    ],
)
def test_parameters_are_checked(tmp_path, given, said):
    torch.manual_seed(7)
    path = saved(Published(), tmp_path)
    with pytest.raises(InputError, match=said):
        from_checkpoint("snn-delays", path, **({"loss": "sum", "tau": TAU} | GIVEN | given))


def test_tau_follows_from_a_learned_one(tmp_path):
    torch.manual_seed(7)
    path = saved(Published(plif=True), tmp_path)
    with pytest.raises(InputError, match=r"tau is 2\.0, but the file holds model\.2\.w"):
        from_checkpoint("snn-delays", path, loss="sum", tau=2.0, **GIVEN)


def test_a_learned_tau_without_end(tmp_path):
    """Its neurons would take up nothing of what arrives."""
    state = settled(Published(plif=True), 1).state_dict()
    key = next(name for name in state if name.endswith(".w"))
    path = tmp_path / "Best_ACC.pt"
    torch.save(state | {key: torch.tensor(-200.0)}, path)
    with pytest.raises(ModelFileError, match=r"\.w is so low that 1 / tau is 0 in single precision"):
        from_checkpoint("snn-delays", path, loss="mean", decay_input=True, **GIVEN)

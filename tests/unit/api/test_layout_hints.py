"""The line about the layout beside an error: only where more is followed with another one that fits."""

from __future__ import annotations

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn

import snnc
from snnc.api.layouts import features_last
from snnc.errors import InputError


class Late(nn.Module):
    """Pads time of [samples, steps, lines], then `turn`s it, and has no neurons that are known."""

    def __init__(self, turn=torch.relu):
        super().__init__()
        self.turn, self.linear = turn, nn.Linear(4, 3)

    def forward(self, x):
        return self.turn(self.linear(F.pad(x, (0, 0, 2, 0))[:, : x.shape[1]]))


def _said(layout, module=None, shape=(4, 7, 4)):
    with pytest.raises(InputError) as found:
        snnc.from_torch(module or Late(), torch.ones(*shape), dt=1e-3, layout=layout, decoder="sum")
    return str(found.value)


@pytest.mark.parametrize("layout", ["BTC", "btc", "TBC", "CBT"])
def test_a_batch_is_answered_with_a_layout_that_fits_alone(layout) -> None:
    meant = layout.upper().replace("B", "N")
    assert _said(layout).endswith(f"which stands for recordings; did you mean {meant!r}?")
    assert "did you mean" not in _said(meant)


@pytest.mark.parametrize("layout", ["BTT", "BBT", "BT", "NTT", "TNN", "BNT C", "NT"])
def test_a_layout_that_does_not_fit_is_answered_with_no_other_of_that_kind(layout) -> None:
    said = _said(layout)
    assert "does not fit an example of the shape [4, 7, 4]" in said
    assert "did you mean" not in said
    assert "read as" not in said


@pytest.mark.parametrize("layout", ["BTT", "BBT"])
def test_nor_are_samples(layout) -> None:
    with pytest.raises(InputError, match="give T for time once, N for samples"):
        features_last(torch.ones(4, 7, 4), layout, "x")


@pytest.mark.parametrize("layout", ["BTN", "NCT"])
def test_no_layout_is_offered_with_which_no_more_is_followed(layout) -> None:
    said = _said(layout)
    assert "read as" not in said
    of_time = layout[-1] == "T"
    weighed = "each of 4 steps of [" if of_time else "batch, the last"
    assert f"linear is not followed: it weighs {weighed}" in said
    assert ("put the features there" in said) is not of_time


@pytest.mark.parametrize(
    "turn",
    [
        lambda y: y.flip(1),
        lambda y: y.unfold(1, 3, 1).sum(-1),
        lambda y: y.cumsum(1),
        lambda y: torch.einsum("bti,st->bsi", y, torch.ones(7, 7)),
    ],
)
def test_none_is_offered_where_the_first_operations_are_followed(turn) -> None:
    assert "read as" not in _said("NTC", Late(turn))


def test_the_other_is_offered_with_which_more_is_followed() -> None:
    said = _said("TNC", Late(lambda y: y.cumsum(1)))
    assert said.endswith("time, pass layout='NTC', with which more of the module is followed")


class Net(nn.Module):
    """Of [steps, samples, lines]."""

    def __init__(self):
        super().__init__()
        self.linear, self.lif = nn.Linear(12, 3), snntorch.Leaky(beta=0.5)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in x:
            out, mem = self.lif(self.linear(step), mem)
            spikes.append(out)
        return torch.stack(spikes)


@pytest.mark.parametrize("layout", [None, "TNC", "NTC", "TCN"])
@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 0.5, -1, 300])
@pytest.mark.parametrize("module", [Net, nn.Flatten])
def test_a_value_that_no_input_takes_has_nothing_to_do_with_the_layout(value, layout, module) -> None:
    """It stands in the last sample: the first ones alone could be read, in whatever layout."""
    example = torch.ones(12, 12, 12)
    example[5, 11, 7] = value
    with pytest.raises(InputError, match=r"^the example holds .* at \[5, 11, 7\], inputs are ") as found:
        snnc.from_torch(module(), example, dt=1e-3, **({} if layout is None else {"layout": layout}))
    assert len(found.value.args) == 1
    assert "layout" not in str(found.value)

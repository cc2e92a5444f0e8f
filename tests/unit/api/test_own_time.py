"""Neurons that remember show along which dimension they take time: errors say what follows, alone."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import torch
from torch import nn

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell
from snnc.errors import InputError

SAMPLES, STEPS, LINES, HIDDEN = 4, 7, 5, 3


class Leaky(nn.Module):
    """Takes all steps along the dimension `along`; with `stateful`, its potential stays in a buffer."""

    def __init__(self, along, stateful=False):
        super().__init__()
        self.along, self.stateful = along, stateful
        self.register_buffer("v", torch.zeros(()))

    def forward(self, x):
        v, out = self.v if self.stateful else torch.zeros(()), []
        for current in x.unbind(self.along):
            v = 0.5 * v + current
            spikes = (v > 1).float()
            v = v * (1 - spikes)
            out.append(spikes)
        if self.stateful:
            self.v = v
        return torch.stack(out, self.along)


class Net(nn.Module):
    def __init__(self, *own, **named):
        super().__init__()
        self.f, self.l, self.g = nn.Linear(LINES, HIDDEN), Leaky(*own, **named), nn.Linear(HIDDEN, 2)

    def forward(self, x):
        return self.g(self.l(self.f(x))).mean(self.l.along)


@contextmanager
def known(time_dim):
    cell = Cell("l", {"keep_u": 0.0, "keep_v": 0.5, "threshold": 1.0, "reset": "zero"}, time_dim=time_dim)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setitem(CONVERTERS, f"{__name__}.Leaky", lambda module, name: cell)
        yield


def said_of(module, time_dim, layout=None):
    torch.manual_seed(0)
    shape = (STEPS, SAMPLES, LINES) if module.l.along == 0 else (SAMPLES, STEPS, LINES)
    example = (torch.rand(shape) > 0.5).float()
    with known(time_dim), pytest.raises(InputError) as found:
        snnc.from_torch(module, example, dt=1e-3, layout=layout, verbose=False)
    return str(found.value).splitlines()


@pytest.mark.parametrize("stateful", [False, True])
@pytest.mark.parametrize(
    ("along", "layout", "arrives"),
    [(0, None, "time, batch"), (0, "TNC", "time, batch"), (1, "NTC", "batch, time")],
)
def test_a_cell_of_another_dimension_than_its_forward_is_wrong_whatever_the_layout(
    along, layout, arrives, stateful
) -> None:
    cause, remedy = said_of(Net(along, stateful), 1 - along, layout)
    assert cause == f"l: takes time along dimension {1 - along}, but [{arrives}, {HIDDEN}] arrives"
    assert remedy == f"Its forward takes time along dimension {along}: set time_dim={along} in its Cell"


def test_a_cell_of_the_dimension_of_its_forward_is_right_and_the_layout_wrong() -> None:
    cause, layout = said_of(Net(1), 1)
    assert cause == f"l: takes time along dimension 1, but [time, batch, {HIDDEN}] arrives"
    assert "; with layout='NTC' the module can be read: pass that with the example as it is if" in layout


def test_it_is_followed() -> None:
    with known(0):
        network = snnc.from_torch(Net(0), torch.ones(STEPS, SAMPLES, LINES), dt=1e-3, verbose=False)
    assert [name for name, _, _ in network.populations][1] == "l"

"""What `from_torch` read is said at once, and a slip there when other samples come."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import Loop

import snnc
from snnc.api.example import Example
from snnc.errors import InputError, UnlikelyWarning

READ = "example [3, 7, 5] read as T = 3 steps, N = 7 samples, C = 5 (layout TNC)"
SLIP = f"{READ}; if the example is [samples, steps, C], pass from_torch layout='NTC'"


@pytest.fixture(scope="module")
def slipped():
    """A module that takes time first, and events with samples first: [3, 7, 5] read as 3 steps."""
    step = nn.Sequential(nn.Linear(5, 4), snntorch.Leaky(0.9, init_hidden=True))
    with torch.no_grad():
        step[0].weight.fill_(0.5)
    return snnc.from_torch(Loop(step), np.ones((3, 7, 5), np.float32), dt=1e-3, verbose=False)


def test_the_summary_says_what_was_read(slipped) -> None:
    assert slipped.summary.splitlines()[1] == f"  {READ}"


@pytest.mark.parametrize(
    ("shape", "layout", "said"),
    [
        ((9, 7, 5), "NTC", "otherwise cut the steps at the end"),
        ((3, 7, 5), "NTC", "with time before samples, pass layout='TNC'"),
        ((9, 2, 5), "NTC", "otherwise add silent steps at the end"),
    ],
)
def test_samples_of_other_steps_name_the_slip(slipped, tmp_path, shape, layout, said) -> None:
    made = slipped.export("c", tmp_path / "net.c")
    x = np.zeros(shape, np.uint8)
    for call in (made.run, made.predict, made.verify):
        with pytest.raises(InputError) as found:
            call(x, layout=layout)
        assert said in str(found.value)
        assert SLIP in str(found.value)
    with pytest.raises(InputError) as found:
        snnc.finetune(slipped, x, target="c", layout=layout, verbose=False)
    assert SLIP in str(found.value)


def test_what_is_read_again_knows_that_from_torch_made_it(slipped, tmp_path) -> None:
    slipped.export("c", tmp_path / "net.c")
    with pytest.raises(InputError, match="if from_torch took samples of its example for steps"):
        snnc.load(tmp_path / "net.c").run(np.zeros((9, 7, 5), np.uint8))


def test_a_module_that_can_be_read_with_the_other_layout_says_so() -> None:
    class SamplesFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.lif = nn.Linear(5, 4), snntorch.Leaky(0.9)

        def forward(self, x):
            mem, spikes = self.lif.init_leaky(), []
            for step in range(x.shape[1]):
                spk, mem = self.lif(self.linear(x[:, step]), mem)
                spikes.append(spk)
            return torch.stack(spikes)

    said = r"with layout='NTC' the module can be read: pass that with the example as it is if dimension 1 of"
    with pytest.raises(InputError, match=said) as found:
        snnc.from_torch(SamplesFirst(), torch.ones(3, 7, 5), dt=1e-3)
    assert READ in str(found.value)
    network = snnc.from_torch(SamplesFirst(), torch.ones(3, 7, 5), dt=1e-3, layout="NTC", verbose=False)
    assert network.model.time_steps == 7


class OfAllSteps(nn.Module):
    """Pads time of [samples, steps, lines]; of its neurons no converter is registered."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 4)

    def forward(self, x):
        v, spikes = 0.0, []
        for current in (self.linear(nn.functional.pad(x, (0, 0, 2, 0))[:, :-2])).unbind(1):
            v = 0.9 * v + current
            spikes.append((v > 1).float())
        return torch.stack(spikes, 1)


def test_how_the_example_was_read_is_told_where_another_layout_fails_too() -> None:
    other = "if dimension 1 of the example is time, pass layout='NTC', with which more of the module is "
    said = rf"pad is not followed: it pads batch\n{re.escape(READ)}; {other}followed$"
    with pytest.raises(InputError, match=said):
        snnc.from_torch(OfAllSteps(), torch.ones(3, 7, 5), dt=1e-3)


@pytest.mark.parametrize("layout", ["TNC", "NTC"])
def test_it_is_not_told_of_an_index_of_steps(layout) -> None:
    class Again(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.lif = nn.Linear(5, 4), snntorch.Leaky(0.9)

        def forward(self, x):
            time = layout.index("T")
            late = x.transpose(0, time)
            late = late.gather(
                0, (torch.arange(len(late)) - 2).clamp(min=0)[:, None, None].expand(late.shape)
            )
            mem, spikes = self.lif.init_leaky(), []
            for current in self.linear(late):
                spk, mem = self.lif(current, mem)
                spikes.append(spk)
            return torch.stack(spikes, time)

    with pytest.raises(InputError, match="takes step 0 again where nothing has come") as found:
        snnc.from_torch(Again(), torch.ones(6, 7, 5), dt=1e-3, layout=layout)
    assert "read as" not in str(found.value)


@pytest.mark.parametrize("layout", ["TNC", "NTC"])
def test_it_is_not_told_where_the_layout_is_not_the_cause(layout) -> None:
    class Rectified(nn.Module):
        def forward(self, x):
            return torch.relu(x)

    with pytest.raises(InputError, match="relu is no linear operation") as found:
        snnc.from_torch(nn.Sequential(Rectified(), OfAllSteps()), torch.ones(3, 7, 5), dt=1e-3, layout=layout)
    assert "read as" not in str(found.value)


def test_without_samples_there_is_nothing_to_exchange() -> None:
    read = Example.of([[0, 1], [1, 1], [0, 0]], "tc")
    assert str(read) == "example [3, 2] read as T = 3 steps, C = 2 (layout TC)"
    assert read.slip is None


@pytest.mark.parametrize(
    ("shape", "layout", "warned"),
    [
        ((8, 50, 24), "TNC", True),  # samples first, most likely
        ((50, 8, 24), "NTC", True),
        ((50, 8, 24), "TNC", False),
        ((25, 128, 784), "TNC", False),  # a tutorial's steps and batch
        ((8, 16, 24), "TNC", False),
        ((4, 32, 3, 8, 8), "TNCHW", False),  # images are often given few steps
        ((8, 24), "TC", False),
    ],
)
def test_few_steps_of_many_samples_are_unlikely(shape, layout, warned) -> None:
    assert (Example(shape, layout).unlikely is not None) is warned


def test_few_steps_are_warned_of_at_the_line_of_the_user() -> None:
    step = nn.Sequential(nn.Linear(5, 4), snntorch.Leaky(0.9, init_hidden=True))
    with pytest.warns(UnlikelyWarning, match=r"8 steps are few; .*: pass layout='NTC', or") as found:
        snnc.from_torch(Loop(step), np.ones((8, 50, 5), np.float32), dt=1e-3, verbose=False)
    assert found[0].filename == __file__


class Told(Loop):
    """Attributes that say how many steps and samples there are."""

    def __init__(self, **told):
        super().__init__(nn.Sequential(nn.Linear(5, 4), snntorch.Leaky(0.9, init_hidden=True)))
        self.__dict__.update(told)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"batch_first": True}, "the module's batch_first is True"),
        ({"num_steps": 14}, "the module's num_steps is 14, and the example has 12 steps"),
        ({"batch_size": 12}, "the module's batch_size is 12, and the example has 14 recordings"),
    ],
)
def test_a_module_that_tells_that_steps_and_samples_are_exchanged_is_warned_of(told, why) -> None:
    read = "example [12, 14, 5] read as T = 12 steps, N = 14 samples, C = 5 (layout TNC)"
    with pytest.warns(UnlikelyWarning) as said:
        snnc.from_torch(Told(**told), np.ones((12, 14, 5), np.float32), dt=1e-3, verbose=False)
    (warned,) = (str(each.message) for each in said)
    assert warned.startswith(f"{why}: from_torch: {read}; if the example is [samples, steps, C], pass")


@pytest.mark.parametrize(
    "told", [{"batch_first": False}, {"num_steps": 12}, {"batch_size": 14}, {"num_steps": 9}, {"neurons": 14}]
)
def test_a_module_that_tells_what_the_example_has_is_not(told) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        snnc.from_torch(Told(**told), np.ones((12, 14, 5), np.float32), dt=1e-3, verbose=False)


def test_the_example_itself_is_no_slip_where_the_module_makes_more_steps_of_it(tmp_path) -> None:
    class Later(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(3, 2, 5, padding=4, bias=False)

        def forward(self, x):  # [samples, steps, lines]
            return self.conv(x.transpose(1, 2)).sum(2)

    x = (torch.rand(4, 12, 3) < 0.3).float()
    made = snnc.from_torch(Later(), x, dt=1e-3, layout="NTC", verbose=False)
    assert any("add 4 silent steps at the end of each sample for predict" in note for note in made.notes)
    exported = made.export("c", tmp_path / "net.c", verbose=False)
    with pytest.raises(InputError, match=r"has 12 steps, the network takes 16; add silent steps at the end$"):
        exported.predict(x)
    assert len(exported.predict(torch.nn.functional.pad(x, (0, 0, 0, 4)))) == 4

"""The running average of parameters: its recursion by hand, and what stays what it was."""

import pytest
import torch
from order_task import config
from torch import nn

from snnc.trainer.network import DelayNetwork, build_network
from snnc.trainer.recipes.averaging import Average


def number(value: float) -> nn.Linear:
    """A module of one parameter."""
    made = nn.Linear(1, 1, bias=False)
    nn.init.constant_(made.weight, value)
    return made


def test_the_recursion_by_hand() -> None:
    """Kept shares 1/10, 2/11, 3/12, then 0.3; a(n) = kept a(n - 1) + (1 - kept) p(n)."""
    module, wanted = number(8.0), 8.0
    average = Average(module, 0.3)
    for value, kept in zip((1.0, 5.0, -2.0, 4.0, 4.0), (1 / 10, 2 / 11, 3 / 12, 0.3, 0.3), strict=True):
        nn.init.constant_(module.weight, value)
        average.update(module)
        wanted = kept * wanted + (1 - kept) * value
        assert float(average.values["weight"]) == pytest.approx(wanted, rel=1e-6)
    assert average.steps == 5


def network(seed: int) -> DelayNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build_network(config(), 6, 2)


def test_a_network_that_was_averaged_is_what_it_was() -> None:
    active, other = network(0), network(1)
    average = Average(other, 0.9)
    before = {name: tensor.clone() for name, tensor in active.state_dict().items()}
    with average.applied(active):
        for name, parameter in other.named_parameters():
            assert torch.equal(active.get_parameter(name), parameter)
        active.train()
        active(torch.ones(5, 4, 6))  # moves the running statistics
        assert not torch.equal(active.hidden[0].norm.running_mean, before["hidden.0.norm.running_mean"])
    after = active.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert torch.equal(average.values["readout.connection.weight"], other.readout.connection.weight)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda s: s.update(steps=-1), "steps"),
        (lambda s: s.update(steps=1.0), "steps"),
        (lambda s: s["values"].popitem(), "other parameters"),
        (lambda s: s["values"].update({"readout.connection.weight": torch.zeros(2)}), "another shape"),
        (lambda s: s["values"].update({"readout.connection.weight": 3}), "another shape"),
    ],
)
def test_a_damaged_state_is_refused(damage: object, words: str) -> None:
    average = Average(network(0), 0.9)
    average.update(network(1))
    state = {"steps": average.steps, "values": dict(average.values)}
    restored = Average.restored(network(2), 0.9, state)
    assert restored.steps == 1
    assert all(torch.equal(restored.values[name], value) for name, value in average.values.items())
    damage(state)  # type: ignore[operator]
    with pytest.raises(ValueError, match=words):
        Average.restored(network(2), 0.9, state)

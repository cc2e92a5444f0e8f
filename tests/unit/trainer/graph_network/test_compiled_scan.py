"""The compiled scan against the same scan as torch operations, in float32."""

import pytest
import torch

from snnc.trainer.graph_network import compiled_scan, scan_steps
from snnc.trainer.graph_network.loops import AxonLoop, SynapseLoop

STEPS, NEURONS, REACH, ALPHA = 9, 37, 3, 4.0
LOOPS = {"nothing": None, "synapse": SynapseLoop, "axon": AxonLoop}


def drawn(samples, adapts):
    torch.manual_seed(samples)
    values = [torch.empty(NEURONS).uniform_(*ends) for ends in ((0.4, 0.9), (0.6, 1.4))]
    if adapts:
        values += [torch.empty(NEURONS).uniform_(*ends) for ends in ((0.5, 0.9), (-0.3, 0.3), (0, 0.6))]
    return torch.randn(STEPS, samples, NEURONS), tuple(values)


def loops_of(returns, samples):
    """Two loops of the same tensors, or two times None."""
    if returns == "nothing":
        return None, None
    weight, taps = 0.1 * torch.randn(NEURONS, NEURONS), torch.rand(NEURONS, REACH)
    tensors = (weight, taps) if returns == "axon" else (weight[..., None] * taps,)
    return tuple(LOOPS[returns](STEPS, samples, *tensors) for _ in range(2))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("samples", [1, 27, 28, 83], ids=["one", "999", "1036", "3071 columns"])
@pytest.mark.parametrize("soft", [False, True], ids=["zero", "subtract"])
@pytest.mark.parametrize("adapts", [False, True], ids=["lif", "adlif"])
@pytest.mark.parametrize("returns", list(LOOPS))
def test_spikes_are_equal_to_the_bit_and_gradients_up_to_rounding(returns, adapts, soft, samples, threads):
    current, values = drawn(samples, adapts)
    one, other = loops_of(returns, samples)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        ours = compiled_scan.forward(current, values, soft, one)
        theirs = scan_steps.forward(current, values, soft, other)
        assert 0.1 < ours[1].mean() < 0.7
        for found, expected in zip(ours, theirs, strict=True):
            torch.testing.assert_close(found, expected, rtol=0, atol=0)
        grad = torch.randn_like(current)
        found, by_value = compiled_scan.backward(grad, ours, values, soft, ALPHA, one)
        expected, to_values = scan_steps.backward(grad, theirs, values, soft, ALPHA, other)
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for a, b in zip(by_value, to_values, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4 * samples)
    if one is not None:
        for a, b in zip(one.gradients(), other.gradients(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4 * samples)


def test_a_signal_that_is_not_contiguous():
    current, values = drawn(4, True)
    turned = current.transpose(0, 1).contiguous().transpose(0, 1)
    assert not turned.is_contiguous()
    for found, expected in zip(
        compiled_scan.forward(turned, values, True, None),
        compiled_scan.forward(current, values, True, None),
        strict=True,
    ):
        torch.testing.assert_close(found, expected, rtol=0, atol=0)

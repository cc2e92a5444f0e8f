"""One epoch: its batches, its steps, and the statistics after it."""

import numpy as np
import torch
from order_task import config, order_task

from snnc.trainer.epoch import Feed, measure_statistics, train_epoch
from snnc.trainer.network import build_network


def test_positions_stay_inside_the_kernel_while_training() -> None:
    network = build_network(config(), 6, 2)
    positions = torch.optim.SGD([made.position for made in network.connections], lr=1e4)
    train_epoch(network, Feed(order_task(40), config(), 14), [positions], np.random.default_rng(0))
    reached = torch.cat([made.position.detach().abs().flatten() for made in network.connections])
    assert reached.max() == 3  # kernel_size 7


def test_statistics_are_those_of_the_whole_step_kernels() -> None:
    feed = Feed(order_task(40), config(batch_size=40, event_dropout=0.0), 14)
    network = build_network(config(), 6, 2)
    network.round_positions()
    measure_statistics(network, feed, np.random.default_rng(0))
    layer = network.hidden[0]
    current = layer.connection(feed.batch(np.arange(40))[0], rounded=True).detach().double().flatten(0, 1)
    np.testing.assert_allclose(layer.norm.running_mean, current.mean(0), atol=1e-5)
    np.testing.assert_allclose(layer.norm.running_var, current.var(0), rtol=1e-4)
    assert layer.norm.momentum == 0.1
    assert not any(module.training for module in network.modules())


def test_no_batch_of_one() -> None:
    """Three recordings at a batch size of two: one batch of three, not two and one."""
    few = order_task().select(np.arange(3))
    sizes = [len(piece) for piece in Feed(few, config(batch_size=2), 20).batches()]
    assert sizes == [3]

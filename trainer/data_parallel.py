"""A batch shared among processes, so that together they compute what one process would.

Every process draws the augmentation and the dropout of the whole batch from the same generators, and takes
its rows. Sums over the batch go over all processes: the statistics of batch norm, the loss, the gradients.
What is left of a difference to one process is the order of the sums.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, distributed, nn
from torch.autograd.function import once_differentiable

from snnc.errors import TrainingError


class LostProcessError(TrainingError):
    """Another process of the run has ended; its own message says why."""


@dataclass(frozen=True, slots=True)
class Share:
    """The `rows` that this process computes of a batch of `count` recordings."""

    count: int
    rows: slice

    @property
    def fraction(self) -> float:
        return (self.rows.stop - self.rows.start) / self.count


def share_of(count: int, rank: int, processes: int) -> Share:
    """The share of process `rank`; shares differ by one recording at most."""
    return Share(count, slice(rank * count // processes, (rank + 1) * count // processes))


@contextmanager
def others_alive() -> Iterator[None]:
    """Around what needs the other processes. Raises `LostProcessError` if one has ended."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error).strip().split("\n")[0]
        raise LostProcessError(
            f"another process of this run has ended; see its message ({reason})"
        ) from error


def add_up(tensor: Tensor) -> Tensor:
    """Replace `tensor` by its sum over all processes.

    `Fabric.all_reduce` does the same, but first waits for all processes: three times the time of a small sum.
    """
    with others_alive():
        distributed.all_reduce(tensor)
    return tensor


def add_up_gradients(parameters: Iterable[Tensor], loss: Tensor) -> Tensor:
    """Replace each gradient by its sum over all processes; returns that of `loss`. One message in all."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    total = add_up(torch.cat([loss.detach().view(1), *(gradient.flatten() for gradient in gradients)]))
    first = 1
    for gradient in gradients:
        gradient.copy_(total[first : first + gradient.numel()].view_as(gradient))
        first += gradient.numel()
    return total[0]


def dropout_gain(like: Tensor, probability: float, share: Share | None) -> Tensor:
    """What a spike of each neuron counts, [B, neurons]: 0, or 1 / (1 - p). `like` is [B, neurons]."""
    whole = like.new_ones(len(like) if share is None else share.count, like.shape[1])
    gain = F.dropout(whole, probability)
    return gain if share is None else gain[share.rows]


def batch_norm(norm: nn.BatchNorm1d, current: Tensor, share: Share | None) -> Tensor:
    """`norm` of [T, B, neurons] over time and the whole batch."""
    rows = current.flatten(0, 1)
    if share is None or not norm.training:
        normed: Tensor = norm(rows)
        return normed.view_as(current)
    count = len(current) * share.count
    normed, mean, variance = _BatchNorm.apply(rows, norm.weight, norm.bias, norm.eps, count)
    keep_statistics(norm, mean, variance * count / (count - 1))
    return normed.view_as(current)


class _BatchNorm(torch.autograd.Function):
    """Batch norm of rows, `count` of them in all processes; returns the whole batch's statistics too."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor, eps: float, count: int):  # type: ignore[no-untyped-def]
        variance, mean = (part.double() for part in torch.var_mean(x, dim=0, correction=0))
        # float64 loses nothing in the difference of squares.
        mean, square = add_up(torch.stack([mean, variance + mean.square()]) * (len(x) / count))
        mean, variance = mean.to(x), (square - mean.square()).clamp(min=0).to(x)
        ctx.save_for_backward(x, weight, mean, (variance + eps).rsqrt())
        ctx.count = count
        ctx.mark_non_differentiable(mean, variance)
        return F.batch_norm(x, mean, variance, weight, bias, eps=eps), mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor, *_: Tensor):  # type: ignore[no-untyped-def]
        """dx = w s (g - mean(g) - n mean(g n)), with the normed n = s (x - m): linear in x and g."""
        x, weight, mean, scale = ctx.saved_tensors
        to_bias = grad.sum(0)
        to_weight = ((grad * x).sum(0) - mean * to_bias) * scale
        mean_grad, mean_product = add_up(torch.stack([to_bias, to_weight])) / ctx.count
        of_x = -weight * scale.square() * mean_product
        to_x = torch.addcmul(-weight * scale * mean_grad - of_x * mean, x, of_x)
        return to_x.addcmul_(grad, weight * scale), to_weight, to_bias, None, None


@torch.no_grad()
def keep_statistics(norm: nn.BatchNorm1d, mean: Tensor, variance: Tensor) -> None:
    """As `BatchNorm1d`: a running mean, or the plain one over batches if there is no momentum."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    norm.num_batches_tracked += 1
    rate = 1 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    norm.running_mean.lerp_(mean, rate)
    norm.running_var.lerp_(variance, rate)

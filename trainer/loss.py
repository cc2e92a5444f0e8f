"""Decoding and loss of the paper (Eq. 11-13)."""

import torch.nn.functional as F
from torch import Tensor


def class_scores(potential: Tensor) -> Tensor:
    """`y_i = sum_t softmax_i(v[t])` (Eq. 11, 12): [T, B, classes] -> [B, classes].

    The scores of a sample are positive and sum to T.
    """
    return potential.softmax(dim=2).sum(dim=0)


def cross_entropy(potential: Tensor, labels: Tensor, over_time: str = "sum") -> Tensor:
    """Mean over the batch of `-log softmax(y)[label]` (Eq. 13), scalar.

    The second softmax acts on the *sums*: the paper and its code both feed y, not y / T or log y,
    to the cross-entropy. So the loss of a perfect sample is about (classes - 1) exp(-T), not zero.

    Parameters
    ----------
    potential : [T, B, classes] membrane potential of the readout.
    labels : [B] int64.
    over_time : "sum": y are the `class_scores`. "mean", "max": y are the mean or the largest potentials, as
        the published code can have them. Classes are decoded by `class_scores` whatever the loss.
    """
    if over_time == "mean":
        return F.cross_entropy(potential.mean(dim=0), labels)
    if over_time == "max":
        return F.cross_entropy(potential.amax(dim=0), labels)
    return F.cross_entropy(class_scores(potential), labels)

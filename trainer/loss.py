"""Decoding and loss of the paper (Eq. 11-13)."""

import torch.nn.functional as F
from torch import Tensor


def class_scores(potential: Tensor, decoder: str = "softmax") -> Tensor:
    """What a readout tells: [T, B, classes] -> [B, classes].

    "softmax": `y_i = sum_t softmax_i(v[t])` (Eq. 11, 12); the scores of a sample are positive and sum to T.
    "sum", "max": the sum or the largest of v over time. "count": the number of spikes.
    """
    if decoder == "max":
        return potential.amax(dim=0)
    if decoder in ("sum", "count"):
        return potential.sum(dim=0)
    return potential.softmax(dim=2).sum(dim=0)


def cross_entropy(
    potential: Tensor,
    labels: Tensor,
    over_time: str = "sum",
    decoder: str = "softmax",
    smoothing: float = 0.0,
) -> Tensor:
    """Mean over the batch of `-log softmax(y)[label]` (Eq. 13), scalar.

    The second softmax acts on the *sums*: the paper and its code both feed y, not y / T or log y,
    to the cross-entropy. So the loss of a perfect sample is about (classes - 1) exp(-T), not zero.

    Parameters
    ----------
    potential : [T, B, classes] membrane potential of the readout, or spikes where the decoder counts them.
    labels : [B] int64, or probabilities [B, classes].
    over_time : "sum": y are the `class_scores`. "mean", "max": y are the mean or the largest potentials, as
        the published code can have them.
    decoder : that of the readout.
    smoothing : share of a label that is spread evenly over all classes (Szegedy et al., CVPR 2016).
    """
    if over_time == "mean":
        return F.cross_entropy(potential.mean(dim=0), labels, label_smoothing=smoothing)
    if over_time == "max":
        return F.cross_entropy(potential.amax(dim=0), labels, label_smoothing=smoothing)
    return F.cross_entropy(class_scores(potential, decoder), labels, label_smoothing=smoothing)

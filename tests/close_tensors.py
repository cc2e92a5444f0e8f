"""Tensors that are equal but for rounding."""

import numpy as np
import torch
from torch import Tensor


def close(ours: Tensor, exact: Tensor, tolerance: float = 3e-6) -> None:
    """Equal to `tolerance` of the largest value."""
    assert ours.dtype == torch.float32
    scale = max(float(exact.abs().max()), 1e-6)
    np.testing.assert_allclose(ours.double().numpy() / scale, exact.double().numpy() / scale, atol=tolerance)

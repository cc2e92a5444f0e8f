"""Products by torch: with the library that it prefers, or with oneDNN."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor

from snnc.trainer.buffers import empty
from snnc.trainer.products.transform import Transform


class ByTorch:
    """Torch as it is set up."""

    def unavailable_reason(self) -> str | None:
        return None

    def supports(self, signal: Tensor) -> bool:
        return True

    def analyse(self, signal: Tensor, transform: Transform) -> Tensor:
        """The planes [P, ...] of `signal` [length, ...]; those of the two real frequencies are the first."""
        even, odd = _even_and_odd(signal, transform.sine.shape[1])
        a, b = self._product(transform.cosine, even), self._product(transform.sine, odd)
        planes = empty((transform.planes, *signal.shape[1:]), like=signal)
        real, *parts = planes.split([2, len(b), len(b), len(b)])
        torch.stack([a[0], a[-1]], out=real)
        for part, (of_a, of_b) in zip(parts, transform.mix, strict=True):
            if of_a and of_b:
                torch.add(b, a[1:-1], alpha=of_a, out=part)
            elif of_a:
                torch.mul(a[1:-1], of_a, out=part)
            else:
                part.copy_(b)
        return planes

    def synthesise(self, planes: Tensor, transform: Transform) -> Tensor:
        """The signal [length, ...] of planes; the transpose of `analyse`."""
        complexes = len(transform.sine)
        real, *parts = planes.split([2, complexes, complexes, complexes])
        a = empty((2 + complexes, *planes.shape[1:]), like=planes)
        a[0], a[-1] = real[0], real[1]
        a[1:-1] = parts[0]
        of_b = [part for part, (_, share) in zip(parts, transform.mix, strict=True) if share]
        b = torch.add(*of_b, out=empty(of_b[0].shape, like=planes))
        for part, (share, _) in zip(parts[1:], transform.mix[1:], strict=True):
            if share:
                a[1:-1].add_(part, alpha=share)
        return _joined(self._product(transform.cosine.T, a), self._product(transform.sine.T, b), transform)

    def multiply(self, left: Tensor, right: Tensor, conjugate: bool = False) -> Tensor:
        """[P, m, k] @ [P, k, n] for each of P.

        `conjugate`: with the conjugate of one side, for a gradient. Planes are mixed so that nothing changes.
        """
        return torch.bmm(left, right, out=empty((*left.shape[:2], right.shape[2]), like=left))

    def _product(self, matrix: Tensor, signal: Tensor) -> Tensor:
        """`matrix` [rows, n] along the first axis of `signal` [n, ...]."""
        out = empty((len(matrix), *signal.shape[1:]), like=signal)
        torch.mm(matrix, signal.flatten(1), out=out.flatten(1))
        return out


class ByOneDnn(ByTorch):
    """Torch, sent to oneDNN by its leave to compute float32 products in bfloat16.

    oneDNN takes that leave only on processors with matrix units for bfloat16; its errors are measured before
    it is used. The setting is the whole process's, so it holds no longer than a product takes.
    """

    def unavailable_reason(self) -> str | None:
        if not torch.backends.mkldnn.is_available():
            return "this torch is built without oneDNN"
        return None if hasattr(torch.backends.mkldnn, "matmul") else "this torch is older than the setting"

    def supports(self, signal: Tensor) -> bool:
        return signal.device.type == "cpu" and signal.dtype == torch.float32

    def multiply(self, left: Tensor, right: Tensor, conjugate: bool = False) -> Tensor:
        with _lower_precision():
            return super().multiply(left, right)

    def _product(self, matrix: Tensor, signal: Tensor) -> Tensor:
        with _lower_precision():
            return super()._product(matrix, signal)


_lock = threading.Lock()
_users, _before = 0, "none"


@contextmanager
def _lower_precision() -> Iterator[None]:
    """The setting as it was comes back with the last thread that leaves."""
    global _users, _before
    settings = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    with _lock:
        if not _users:
            _before = settings.fp32_precision
            settings.fp32_precision = "bf16"
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                settings.fp32_precision = _before


def _even_and_odd(signal: Tensor, middle: int) -> tuple[Tensor, Tensor]:
    """Parts of a frame that begins with `signal` about its `middle`: [middle + 1, ...] and [middle, ...].

    They go outwards.
    """
    if len(signal) <= middle:
        signal = F.pad(signal, (0, 0) * (signal.dim() - 1) + (0, middle + 1 - len(signal)))
    earlier, later = signal[:middle].flip(0), signal[middle + 1 :]
    both = len(later)
    even = empty((middle + 1, *signal.shape[1:]), like=signal)
    odd = empty((middle, *signal.shape[1:]), like=signal)
    even[0], even[1 + both :] = signal[middle], earlier[both:]
    torch.add(later, earlier[:both], out=even[1 : 1 + both])
    torch.sub(later, earlier[:both], out=odd[:both])
    torch.neg(earlier[both:], out=odd[both:])
    return even, odd


def _joined(even: Tensor, odd: Tensor, transform: Transform) -> Tensor:
    """What `_even_and_odd` hands back for a gradient of its parts."""
    length, middle = transform.length, len(odd)
    signal = empty((length, *even.shape[1:]), like=even)
    signal[:middle] = (even[1:] - odd).flip(0)[:length]
    if length > middle:
        later = length - middle - 1
        signal[middle] = even[0]
        torch.add(even[1 : 1 + later], odd[:later], out=signal[middle + 1 :])
    return signal

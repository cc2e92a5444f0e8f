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
        """The planes [P, ...] of `signal` [length, ...]."""
        even, odd = _even_and_odd(signal, transform.frame)
        a, b = self._product(transform.cosine, even), self._product(transform.sine, odd)
        planes = empty((transform.planes, *signal.shape[1:]), like=signal)
        parts = planes.split([len(a), len(b), len(b)])
        parts[0][0] = a[0]
        for part, (of_a, of_b) in zip((parts[0][1:], *parts[1:]), transform.mix, strict=True):
            if of_a and of_b:
                torch.add(b, a[1:], alpha=of_a, out=part)
            elif of_a:
                torch.mul(a[1:], of_a, out=part)
            else:
                part.copy_(b)
        return planes

    def synthesise(self, planes: Tensor, transform: Transform) -> Tensor:
        """The signal [length, ...] of planes, which are overwritten; the transpose of `analyse`."""
        complexes = len(transform.sine)
        a, *others = planes.split([1 + complexes, complexes, complexes])
        parts = [a[1:], *others]
        of_b = [part for part, (_, share) in zip(parts, transform.mix, strict=True) if share]
        b = torch.add(*of_b, out=empty(of_b[0].shape, like=planes))
        for part, (share, _) in zip(parts[1:], transform.mix[1:], strict=True):
            if share:
                parts[0].add_(part, alpha=share)
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


def _even_and_odd(signal: Tensor, frame: int) -> tuple[Tensor, Tensor]:
    """Parts of a frame that begins with `signal` about its middle: [n - n // 2, ...] and [n // 2, ...].

    They go outwards; a middle value, for odd n, is the first of the even part.
    """
    if len(signal) < frame:
        signal = F.pad(signal, (0, 0) * (signal.dim() - 1) + (0, frame - len(signal)))
    half = frame // 2
    earlier, later = signal[:half].flip(0), signal[frame - half :]
    even = empty((frame - half, *signal.shape[1:]), like=signal)
    even[: frame - 2 * half] = signal[half : frame - half]
    torch.add(earlier, later, out=even[frame - 2 * half :])
    return even, later - earlier


def _joined(even: Tensor, odd: Tensor, transform: Transform) -> Tensor:
    """What `_even_and_odd` hands back for a gradient of its parts."""
    length, frame = transform.length, transform.frame
    half = frame // 2
    signal = empty((length, *even.shape[1:]), like=even)
    signal[half : frame - half] = even[: max(0, min(length, frame - half) - half)]
    even = even[frame - 2 * half :]
    needed = max(0, length - (frame - half))
    torch.add(even[:needed], odd[:needed], out=signal[frame - half :])
    signal[:half] = (even - odd).flip(0)[:length]
    return signal

"""Who can compute the products, by name, and who does so in this context."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from torch import Tensor

from snnc.trainer.products.by_torch import ByOneDnn, ByTorch
from snnc.trainer.products.compiled import Compiled
from snnc.trainer.products.transform import Transform


class Product(Protocol):
    """The three products of a delayed connection, as `ByTorch` has them."""

    def unavailable_reason(self) -> str | None: ...

    def supports(self, signal: Tensor) -> bool: ...

    def analyse(self, signal: Tensor, transform: Transform) -> Tensor: ...

    def synthesise(self, planes: Tensor, transform: Transform) -> Tensor: ...

    def multiply(self, left: Tensor, right: Tensor, conjugate: bool = False) -> Tensor: ...


DEFAULT = "torch"
CANDIDATES: Mapping[str, Product] = {DEFAULT: ByTorch(), "onednn": ByOneDnn(), "compiled": Compiled()}
_used: ContextVar[str] = ContextVar("product", default=DEFAULT)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Connections in here, and their gradients, are computed by candidate `name`."""
    token = _used.set(name)
    try:
        yield
    finally:
        _used.reset(token)


def product_for(signal: Tensor) -> Product:
    """The candidate in use, or torch where it does not take such a signal."""
    product = CANDIDATES[_used.get()]
    return product if product.supports(signal) else CANDIDATES[DEFAULT]

"""How a module is run: in evaluation mode, uncompiled, and left as it was."""

from __future__ import annotations

import random
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from snnc.conversion.neurons import converter_of
from snnc.conversion.scripted import scripted_noticed
from snnc.errors import InputError

CONTAINERS = (dict, OrderedDict, defaultdict, list, set, deque)


def check_seen(module: torch.nn.Module) -> None:
    """Raises `InputError` for modules that PyTorch runs without calling its functions."""
    for name, each in module.named_modules():
        made = "scripted" if isinstance(each, torch.jit.ScriptModule) else ""
        made = "compiled" if hasattr(each, "_orig_mod") else made
        if made:
            raise InputError(
                f"{name or type(each).__name__}: is a {made} module, whose operations cannot be followed",
                "Give the module that it was made of" + (" (_orig_mod)" if made == "compiled" else ""),
            )


@dataclass(frozen=True, slots=True)
class _Kept:
    """A container or a tensor as it was `before`, which the attribute or buffer `name` holds.

    `attributes`: those of a module, and `name` is its path.
    """

    name: str
    thing: Any
    before: Any
    attributes: bool = False

    @property
    def changed(self) -> list[str]:
        """Paths of attributes and buffers that hold something else now."""
        if isinstance(self.thing, torch.Tensor):
            return [] if _alike(self.thing, self.before) else [self.name]
        now, before = (dict(_items(each)) for each in (self.thing, self.before))
        other = [
            key for key in now | before if not _alike(now.get(key), before.get(key)) and key != "training"
        ]
        return [_path(self.name, key) if self.attributes else self.name for key in other]

    def restore(self) -> None:
        thing, before = self.thing, self.before
        if isinstance(thing, torch.Tensor):
            if thing.shape != before.shape or thing.dtype != before.dtype:
                thing.data = before
            elif not torch.equal(thing, before):
                thing.copy_(before)
            return
        thing.clear()
        if isinstance(thing, dict | set):
            thing.update(before)
        else:
            thing.extend(before)


def _alike(one: Any, other: Any) -> bool:
    """Whether both are the same; of tensors: whether they hold the same, or zeros of whatever shape."""
    if one is other:
        return True
    both = _has_state(one) and _has_state(other)
    return both and (torch.equal(one, other) or not (one.any() or other.any()))


@contextmanager
def left_as_it_was(
    module: torch.nn.Module,
    changed: list[str] | None = None,
    gradients: bool = False,
    neurons_too: bool = False,
) -> Iterator[None]:
    """Evaluation mode, uncompiled, and without `gradients` unless they are asked for; then as before.

    That is its mode, buffers, and the attributes of all that are no neurons, or of all. `changed` is given
    the paths of attributes and buffers that had changed.
    """
    modes = {each: each.training for each in module.modules()}
    kept: dict[int, _Kept] = {}
    for path, each in module.named_modules():
        _keep(each._buffers, path, kept, attributes=True)
        if neurons_too or converter_of(each) is None:
            _keep(vars(each), path, kept, attributes=True)
    module.eval()
    try:
        with torch.set_grad_enabled(gradients), _uncompiled(), scripted_noticed():
            yield
    finally:
        if changed is not None:
            changed += dict.fromkeys(name for was in kept.values() for name in was.changed)
        for each, mode in modes.items():
            if each.training is not mode:
                each.train(mode)  # which may do more, as to merge weights
        with torch.inference_mode():  # which may change tensors of inference, too
            for was in kept.values():
                was.restore()
        for each, mode in modes.items():
            each.training = mode


def _keep(thing: Any, name: str, kept: dict[int, _Kept], attributes: bool = False) -> None:
    """What is in `thing` and in all that it holds: containers, and tensors that are no parameters."""
    if id(thing) in kept:
        return
    if type(thing) in CONTAINERS:
        kept[id(thing)] = _Kept(name, thing, thing.copy(), attributes)
    elif _has_state(thing):
        kept[id(thing)] = _Kept(name, thing, thing.detach().clone())
    if type(thing) in CONTAINERS or isinstance(thing, tuple):
        for key, each in _items(thing):
            _keep(each, _path(name, key) if attributes else name, kept)


def _items(container: Any) -> Iterator[tuple[Any, Any]]:
    yield from container.items() if isinstance(container, dict) else enumerate(container)


def _path(module: str, attribute: str) -> str:
    return f"{module}.{attribute}".lstrip(".")


def _has_state(thing: Any) -> bool:
    """Whether it is a tensor of numbers that is no parameter."""
    if not isinstance(thing, torch.Tensor) or isinstance(thing, torch.nn.Parameter):
        return False
    return thing.layout == torch.strided and not thing.is_meta


def random_states() -> tuple[object, ...]:
    """How far the generators of PyTorch, NumPy and Python are: equal if nothing was drawn between."""
    of_numpy: Any = np.random.get_state()
    _, numbers, *rest = of_numpy
    return torch.get_rng_state().numpy().tobytes(), numbers.tobytes(), *rest, random.getstate()


def _uncompiled() -> AbstractContextManager[object]:
    """Functions of torch.compile run as they are written, where PyTorch can do so."""
    if "torch._dynamo" not in sys.modules:  # nothing is compiled; to import it takes long
        return nullcontext()
    stance = getattr(torch.compiler, "set_stance", None)
    return nullcontext() if stance is None else stance("force_eager")


def same_draws() -> Callable[[], None]:
    """A function that sets the generators of PyTorch, NumPy and Python to where they are now."""
    of_torch, of_numpy, of_python = torch.get_rng_state(), np.random.get_state(), random.getstate()

    def set_back() -> None:
        torch.set_rng_state(of_torch)
        np.random.set_state(of_numpy)
        random.setstate(of_python)

    return set_back


def runs_on(module: torch.nn.Module, example: torch.Tensor) -> bool:
    """Whether `module` takes `example`."""
    try:
        with left_as_it_was(module):
            module(example)
    except Exception:  # the module's own code
        return False
    return True

"""Run a module once and note what each of its tensors is (`values`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from snnc.conversion.axes import Axes, AxesError
from snnc.conversion.calls import Known, NeuronCall, arriving_at, check_state, check_steps, tensors_of
from snnc.conversion.functions import HANDLERS, INSTEAD, Call, along_time
from snnc.conversion.neurons import Cell, converter_of
from snnc.conversion.values import SPIKES, Path, Source, Unknown, Value
from snnc.errors import InputError, SnncError

Args = tuple[Any, ...]
KINDS = ("zeros", "ones", "full", "empty")
OF_SHAPE = frozenset([*(f"{each}_like" for each in KINDS), *(f"new_{each}" for each in KINDS)])
"""Functions that take of a tensor its shape and kind alone."""
Named = Mapping[str, Any]


@dataclass(slots=True)
class Trace:
    """What a run of the module was: the calls of its neurons, and its output."""

    cells: dict[str, Cell] = field(default_factory=dict)
    calls: dict[str, list[NeuronCall]] = field(default_factory=dict)
    outputs: list[Known | None] = field(default_factory=list)
    tensors: list[torch.Tensor] = field(default_factory=list)
    """The outputs themselves."""

    @property
    def heard(self) -> set[str]:
        """Populations whose spikes arrive at neurons."""
        values = (call.arriving for calls in self.calls.values() for call in calls)
        paths = (path for value in values if isinstance(value, Value) for path in value.paths)
        return {path.source.population for path in paths if path.source.what == SPIKES}

    @property
    def steps(self) -> int:
        """Most steps that neurons compute."""
        counts = [
            calls[-1].axes.steps if calls[-1].axes is not None and calls[-1].axes.has_time else len(calls)
            for calls in self.calls.values()
            if calls
        ]
        return max(counts, default=1)


def trace(module: torch.nn.Module, example: torch.Tensor, axes: Axes) -> Trace:
    """Run `module` in evaluation mode on `example`, whose dimensions are `axes`.

    The module's own mode is restored. Raises `InputError` for neurons that the contract does not have.
    """
    _check_seen(module)
    tracer = _Tracer(module)
    tracer.note(example, Value(axes, (Path(Source("input"), 0),)))
    training = {each: each.training for each in module.modules()}
    module.eval()
    try:
        with torch.no_grad(), tracer.hooked(), tracer:
            output = module(example)
    except SnncError:
        raise
    except Exception as error:
        raise InputError(
            f"the module fails on the example, {list(example.shape)}: {type(error).__name__}: {error}"
        ) from error
    finally:
        for each, mode in training.items():
            each.training = mode
    tracer.found.tensors = list(_tensors(output))
    tracer.found.outputs = [tracer.value(each) for each in tracer.found.tensors]
    return tracer.found


def _check_seen(module: torch.nn.Module) -> None:
    """Raises `InputError` for modules that PyTorch runs without calling its functions."""
    for name, each in module.named_modules():
        made = "scripted" if isinstance(each, torch.jit.ScriptModule) else ""
        made = "compiled" if hasattr(each, "_orig_mod") else made
        if made:
            raise InputError(
                f"{name or type(each).__name__}: is a {made} module, whose operations cannot be followed",
                "Give the module that it was made of" + (" (_orig_mod)" if made == "compiled" else ""),
            )


class _Tracer(TorchFunctionMode):
    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.found = Trace()
        self._module = module
        self._known: dict[int, tuple[torch.Tensor, Known]] = {}  # tensors are held, so that ids stay theirs
        self._filled: dict[int, _Filled] = {}
        self._within = 0  # calls of neurons that run now: their insides are not followed
        self._places: list[str] = []

    def note(self, tensor: torch.Tensor, value: Known) -> None:
        self._known[id(tensor)] = tensor, value

    def value(self, tensor: object) -> Known | None:
        """None of a tensor that does not depend on the input."""
        found = self._known.get(id(tensor))
        return None if found is None else found[1]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: Args = (),
        kwargs: Named | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if self._within:
            return func(*args, **kwargs)
        before = {
            id(each): self.value(each) for each in _tensors((args, kwargs)) if self.value(each) is not None
        }
        name, given = getattr(func, "__name__", str(func)), args
        constant = args and isinstance(args[0], torch.Tensor) and id(args[0]) not in before
        if before and constant and name != "__setitem__":
            given = (args[0].clone(), *args[1:])  # as it was, if the function changes it in place
        result = func(*args, **kwargs)
        if before:
            self._record(name, given, kwargs, before, result)
        return result

    def _record(self, name: str, args: Args, kwargs: Named, before: dict[int, Any], result: Any) -> None:
        if name in OF_SHAPE:
            return
        if name == "__setitem__":
            self._set(args, before)
            return
        if name == "__getitem__" and id(args[0]) in self._filled and self._got(args, result):
            return
        outputs = list(_tensors(result))
        if not outputs:
            return
        values: list[Known] | None = None
        unknown = next((value for value in before.values() if isinstance(value, Unknown)), None)
        if unknown is not None:
            values = [unknown] * len(outputs)
        elif name in HANDLERS:
            try:
                made = HANDLERS[name](Call(name, args, kwargs, result, before))
                values = list(made) if isinstance(made, list) else [made]
            except AxesError as error:
                why = f"{self._place()}{name} is not followed: {error}"
                values = [Unknown(why, error.instead)] * len(outputs)
        elif all(_same_numbers(args, each) for each in outputs):
            values = [next(iter(before.values()))] * len(outputs)
        if values is None:
            why = f"{self._place()}{name} is no linear operation that snnc follows"
            values = [Unknown(why, INSTEAD.get(name))] * len(outputs)
        for tensor, value in zip(outputs, values, strict=True):
            if isinstance(value, Value) and value.axes.shape != tuple(tensor.shape):
                value = Unknown(f"{self._place()}{name} gives {list(tensor.shape)}, not [{value.axes}]")
            self.note(tensor, value)

    def _set(self, args: Args, before: dict[int, Any]) -> None:
        """`tensor[..., step, ...] = value`: what the steps of a tensor are set to, until all of them are."""
        tensor, index, given = args
        place, value = _one_place(index, tensor), before.get(id(given))
        if place is None or not isinstance(value, Value):
            self.note(tensor, Unknown(f"{self._place()}parts of a tensor are set that are no steps"))
            return
        filled = self._filled.setdefault(id(tensor), _Filled(place[0]))
        filled.values[place[1]] = value
        self.note(tensor, Unknown(f"{self._place()}only some steps of a tensor are set"))
        if len(filled.values) == tensor.shape[filled.dim]:
            try:
                self.note(tensor, along_time([filled.values[k] for k in sorted(filled.values)], filled.dim))
            except AxesError as error:
                self.note(tensor, Unknown(f"{self._place()}steps of a tensor are set: {error}"))

    def _got(self, args: Args, result: torch.Tensor) -> bool:
        """`tensor[..., step, ...]` of one whose steps are being set; whether it was one."""
        filled = self._filled[id(args[0])]
        place = _one_place(args[1], args[0])
        if place is None or place[0] != filled.dim:
            return False
        value = filled.values.get(place[1])
        if value is not None:
            self.note(result, value)
        return value is not None or not result.any()

    def _place(self) -> str:
        return f"in {self._places[-1]!r}, " if self._places and self._places[-1] else ""

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Neurons tell their calls, other modules where the run is."""
        handles = []
        try:
            for name, module in self._module.named_modules():
                convert = converter_of(module)
                if convert is not None:
                    cell = convert(module, name or type(module).__name__)
                    self.found.cells[cell.name], self.found.calls[cell.name] = cell, []
                    cell.clear()
                    handles.append(module.register_forward_pre_hook(self._enter))
                    handles.append(module.register_forward_hook(self._leave_of(cell), with_kwargs=True))
                else:
                    handles.append(module.register_forward_pre_hook(self._entering(name)))
                    handles.append(module.register_forward_hook(self._leaving))
            yield
        finally:
            for handle in handles:
                handle.remove()
            for cell in self.found.cells.values():
                cell.clear()

    def _entering(self, name: str) -> Callable[..., None]:
        return lambda module, args: self._places.append(name)

    def _leaving(self, module: object, args: object, output: object) -> None:
        self._places.pop()

    def _enter(self, module: object, args: object) -> None:
        self._within += 1

    def _leave_of(self, cell: Cell) -> Callable[..., None]:
        def leave(module: torch.nn.Module, args: Args, kwargs: Named, output: Any) -> None:
            self._within -= 1
            if not self._within:
                self._called(cell, args, kwargs, output)

        return leave

    def _called(self, cell: Cell, args: Args, kwargs: Named, output: Any) -> None:
        calls = self.found.calls[cell.name]
        gives = cell.gives(args, kwargs, output)
        arriving = arriving_at(cell, self.value(gives.current))
        axes = arriving.axes if isinstance(arriving, Value) else None
        if axes is not None and axes.has_time and calls:
            raise InputError(
                f"{cell.name}: is called twice, each time with all steps; use neurons of its own"
            )
        check_steps(cell, axes)
        check_state(cell, gives.state, self.value(gives.state), len(calls))
        for tensor in _tensors(output):
            self.note(tensor, Unknown(f"it is a state of {cell.name} other than its membrane"))
        if isinstance(arriving, Value):
            given = list(tensors_of(cell, gives, arriving.axes, len(calls)))
        else:
            nothing = Unknown(f"what arrives at {cell.name} does not depend on the input")
            given = [(tensor, arriving or nothing) for tensor in _tensors(output)]
        for tensor, value in given:
            self.note(tensor, value)
        calls.append(NeuronCall(cell.name, arriving, gives.spikes, gives.membrane, axes))


@dataclass(slots=True)
class _Filled:
    """What the places along `dim` of a tensor were set to."""

    dim: int
    values: dict[int, Value] = field(default_factory=dict)


def _one_place(index: Any, tensor: torch.Tensor) -> tuple[int, int] | None:
    """Dimension and place of an index that takes one place of one dimension; None if it is another."""
    parts = index if isinstance(index, tuple) else (index,)
    places = [(dim, part % tensor.shape[dim]) for dim, part in enumerate(parts) if isinstance(part, int)]
    plain = all(isinstance(part, int) or part == slice(None) for part in parts)
    return places[0] if plain and len(places) == 1 else None


def _tensors(thing: Any) -> Iterator[torch.Tensor]:
    if isinstance(thing, torch.Tensor):
        yield thing
    elif isinstance(thing, Mapping):
        for each in thing.values():
            yield from _tensors(each)
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from _tensors(each)


def _same_numbers(args: Args, tensor: torch.Tensor) -> bool:
    """Whether a result is its first argument, as it is."""
    first = args[0] if args else None
    return (
        isinstance(first, torch.Tensor)
        and first.shape == tensor.shape
        and first.stride() == tensor.stride()
        and first.data_ptr() == tensor.data_ptr()
        and first.dtype == tensor.dtype
    )

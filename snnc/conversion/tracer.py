"""Run a module once and note what each of its tensors is (`values`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from snnc.conversion.axes import Axes, AxesError
from snnc.conversion.calls import (
    Known,
    NeuronCall,
    arriving_at,
    bias_at,
    check_state,
    check_steps,
    other_state,
    tensors_of,
)
from snnc.conversion.cells import cell_of, given_by
from snnc.conversion.comparisons import place_in
from snnc.conversion.delays import Delays, delayed, delays_of
from snnc.conversion.failures import failure_of
from snnc.conversion.filled import Filled
from snnc.conversion.functions import HANDLERS, INSTEAD, called, of_all_steps
from snnc.conversion.functions.nearest import CAST
from snnc.conversion.halves import autocast
from snnc.conversion.neurons import HOOKED, Cell, Converter, Gives, converter_of, is_hooked, is_own
from snnc.conversion.not_followed import instead_of, not_followed
from snnc.conversion.noticed import Noticed
from snnc.conversion.outside import Outside
from snnc.conversion.read_out import takes_numbers, takes_shape
from snnc.conversion.run import DRAWS, TAKEN, Trace
from snnc.conversion.running import check_seen, left_as_it_was, random_states
from snnc.conversion.scripted import SCRIPTED
from snnc.conversion.tensors import (
    IN_PLACE,
    UNCOUNTED,
    Tensors,
    changed_since,
    copy,
    name_of,
    part_set,
    same_numbers,
    tensors_in,
    unnoticed,
    versions,
)
from snnc.conversion.unseen import refusing_unseen
from snnc.conversion.values import Path, Source, Unknown, Value
from snnc.conversion.whole import not_held
from snnc.errors import InputError, SnncError

Args = tuple[Any, ...]
Named = Mapping[str, Any]


def trace(
    module: torch.nn.Module, example: torch.Tensor, axes: Axes, tensors: Tensors | None = None
) -> Trace:
    """Run `module` in evaluation mode on `example`, whose dimensions are `axes`; note what `tensors` are.

    Its mode and buffers are restored. Raises `InputError` for neurons that the contract does not have.
    """
    check_seen(module)
    tracer = _Tracer(module, axes, tensors or Tensors())
    tracer.tensors.note(example, Value(axes, (Path(Source("input"), 0),)))
    random = random_states()
    try:
        with left_as_it_was(module, tracer.found.changed), tracer.hooked(), tracer, tracer.noticed:
            output = module(example)
            tracer.read_again()
    except SnncError:
        raise
    except Exception as error:
        failure = failure_of(module, example, axes, error, tracer.found.cells.values())
        tracer.clear()
        raise failure from error
    if random != random_states() and not any(each.endswith(DRAWS) for each in tracer.found.doubts):
        tracer.found.doubts.append(f"the module {DRAWS}")
    tracer.found.tensors = list(tensors_in(output))
    tracer.found.outputs = [tracer.tensors.value(each) for each in tracer.found.tensors]
    if isinstance(output, list | tuple) and len(tracer.found.outputs) > 1:
        together = of_all_steps(tracer.found.outputs)
        if together is not None:
            tracer.found.outputs, tracer.found.tensors = [together], [torch.stack(tracer.found.tensors)]
    return tracer.found


class _Tracer(TorchFunctionMode):
    def __init__(self, module: torch.nn.Module, axes: Axes, tensors: Tensors) -> None:
        super().__init__()
        self.found = Trace(input_steps=axes.steps)
        self._module, self._axes = module, axes
        self.tensors, self._filled = tensors, Filled(axes.steps)
        self._outside, self.noticed = Outside(self.tensors), Noticed(self.found, self._place)
        self._within, self._places = 0, [""]  # calls of neurons that run now: their insides are not followed
        self._read: dict[str, tuple[Converter, torch.nn.Module]] = {}  # what makes which cell
        self._silent: dict[str, dict[int, Gives]] = {}  # by neurons: calls in which nothing has arrived yet

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: Args = (), kwargs: Named | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if self._within:
            return func(*args, **kwargs)
        given = list(tensors_in((args, kwargs)))
        before = {id(each): value for each in given if (value := self.tensors.value(each)) is not None}
        self._outside.changes(name := name_of(func), args)
        if not before:
            return func(*args, **kwargs)
        earlier, seen = args, versions(given)
        constant = args and isinstance(args[0], torch.Tensor) and id(args[0]) not in before
        if constant and name not in ("__setitem__", "set data"):
            earlier = (args[0].clone(), *args[1:])  # as it was, if the function changes it in place
        result = func(*args, **kwargs)
        if takes_numbers(func, args, kwargs, before, result):
            self.found.doubts.append(f"{self._place()}{name} {TAKEN}")
        in_place = IN_PLACE.fullmatch(name) or (
            name not in HANDLERS and any(result is each for each in given)
        )
        changed = changed_since(seen, bool(in_place)) or list(args[:1] if name in UNCOUNTED else ())
        self._record(func, earlier, kwargs, before, result, changed)
        for each in changed[: 1 if name == "__setitem__" else None]:  # not what is set to it, of its memory
            self.tensors.changed(each, f"{self._place()}{name}", part_set(name, args))
            self._filled.changed(each, func, args, kwargs, self.tensors)
        return result

    def _record(
        self,
        func: Callable[..., Any],
        args: Args,
        kwargs: Named,
        before: dict[int, Any],
        result: Any,
        changed: Sequence[torch.Tensor],
    ) -> None:
        if takes_shape(name := name_of(func), args, before):
            return
        if name == "set data":
            self.tensors.note(args[0], Unknown(f"{self._place()}the data of a tensor are set"))
            return
        if name == "__setitem__":
            self.tensors.note(args[0], self._filled.set(args, before, self._place()))
            return
        self._filled.use(before)
        if self._filled.taken(func, args, kwargs, result, self.tensors, self._place):
            return
        scripted = name.startswith(SCRIPTED)
        if not (outputs := [*tensors_in(result), *(changed if scripted else ())]):
            return
        if not self.found.cast and (kind := autocast(name, list(tensors_in((args, kwargs))), outputs)):
            self.found.cast = f"{self._place()}{name} computes in {kind} (torch.autocast)"
        given = [each for each in tensors_in((args, kwargs)) if id(each) in before]
        values: list[Known | None] | None = None
        unknown = next((value for value in before.values() if isinstance(value, Unknown)), None)
        if unknown is not None:
            if unknown.instead == CAST and name in INSTEAD:
                unknown = replace(unknown, instead=INSTEAD[name])  # what the cast was made for
            values = [unknown] * len(outputs)
        elif name in HANDLERS:
            try:
                call = called(name, func, args, kwargs, result, before, self.found.input_steps, self._place)
                made = HANDLERS[name](call)
                values = [made] if isinstance(made, Value) else list(made)
            except AxesError as error:
                why = f"{error.where or self._place() + name} is not followed: {error}"
                values = [Unknown(why, instead_of(name, error, before.values()))] * len(outputs)
        elif not (changed or scripted) and args and all(same_numbers(args[0], each) for each in outputs):
            values = [next(iter(before.values()))] * len(outputs)
        if values is None:
            of = [before[id(each)] for each in given]
            values = [not_followed(name, of, self._module, self._places[-1], args, kwargs)] * len(outputs)
        for tensor, value in zip(outputs, values, strict=True):
            if isinstance(value, Value) and (lost := not_held(value, given, tensor)) is not None:
                value = Unknown(f"{self._place()}{name} {lost[0]}", lost[1])
            if isinstance(value, Value) and value.axes.shape != tuple(tensor.shape):
                value = Unknown(f"{self._place()}{name} gives {list(tensor.shape)}, not [{value.axes}]")
            if value is not None:
                self.found.note_late(value, lambda: f"{self._place()}{name}")
                self.tensors.note(tensor, value)

    def _place(self) -> str:
        return place_in(self._module, self._places[-1])

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Neurons tell their calls, other modules where the run is."""
        handles = []
        try:
            for name, module in self._module.named_modules():
                convert = converter_of(module)
                if convert is not None:
                    cell = cell_of(convert, module, name or type(module).__name__)
                    self.found.cells[cell.name], self.found.calls[cell.name] = cell, []
                    self._read[cell.name] = convert, module
                    self.found.own |= {cell.name} if is_own(convert) else set()
                    self.found.hooked |= {cell.name} if is_hooked(module) else set()
                    cell.restart()
                    enter = partial(self._enter_neurons, cell, name)
                    handles.append(module.register_forward_pre_hook(enter, with_kwargs=True))
                    handles.append(module.register_forward_hook(self._leave_of(cell), with_kwargs=True))
                elif (steps := delays_of(module)) is not None:
                    handles.append(module.register_forward_pre_hook(self._enter))
                    handles.append(module.register_forward_hook(self._delayed(name, steps), with_kwargs=True))
                else:
                    handles.append(module.register_forward_pre_hook(partial(self._entering, name)))
                    handles.append(module.register_forward_hook(self._leaving))
            handles += refusing_unseen(self._module, lambda: not self._within, self._place)
            yield
        finally:
            for handle in handles:
                handle.remove()
            self.clear()

    def read_again(self) -> None:
        """Cells as the run leaves them, which may set a parameter, as a decay to the sigmoid of a weight."""
        self._within += 1  # what a converter does is not of the module
        for name, (convert, module) in self._read.items():
            self.found.cells[name] = cell_of(convert, module, name)
        self._within -= 1

    def clear(self) -> None:
        for cell in self.found.cells.values():
            cell.restart()

    def _entering(self, name: str, module: object, args: object) -> None:
        self._places.append(name)

    def _leaving(self, module: object, args: object, output: object) -> None:
        self._places.pop()

    def _enter(self, module: object, args: object) -> None:
        self._within += 1

    def _enter_neurons(self, cell: Cell, path: str, module: torch.nn.Module, *given: object) -> None:
        self._within += 1
        if self._within == 1:
            self._outside.enters(cell.name, module)
            if cell.name in self.found.own:
                self.noticed.enters(cell.name, given)
        self._places.append(path)

    def _leave_of(self, cell: Cell) -> Callable[..., None]:
        def leave(module: torch.nn.Module, args: Args, kwargs: Named, output: Any) -> None:
            self._within -= 1
            self._places.pop()
            if not self._within:
                self.noticed.leaves()
                self._outside.leaves(cell.name, module)
                self._called(cell, given_by(cell, args, kwargs, output), output)

        return leave

    def _delayed(self, name: str, steps: Delays) -> Callable[..., None]:
        def leave(module: torch.nn.Module, args: Args, kwargs: Named, output: torch.Tensor) -> None:
            self._within -= 1
            value = self.tensors.value(next(tensors_in((args, kwargs))))
            value = value if self._within else delayed(value, module, steps, name)
            if value is not None:
                self.tensors.note(output, value)

        return leave

    @unnoticed
    def _called(self, cell: Cell, gives: Gives, output: Any) -> None:
        calls = self.found.calls[cell.name]
        arriving = arriving_at(cell, self.tensors.value(gives.current), self._axes.steps)
        seen, made = arriving is not None, list(tensors_in(output))
        if not seen and any(bool(tensor.any()) for tensor in (gives.current, *made)):
            arriving = bias_at(cell, gives.current, self._axes, len(calls))
        if isinstance(arriving, Unknown):
            said = f"{cell.name}: what arrives cannot be followed: {arriving.why}"
            hooks = HOOKED * (cell.name in self.found.hooked)
            raise InputError(said, *filter(None, [arriving.instead, hooks]))
        axes = None if arriving is None else arriving.axes
        if axes is not None and axes.has_time and calls:
            raise InputError(
                f"{cell.name}: is called twice, each time with all steps; use neurons of its own"
            )
        check_steps(cell, axes, gives, cell.name in self.found.own, self._axes.steps)
        check_state(cell, gives.state, self.tensors.value(gives.state), len(calls))
        if arriving is not None:
            for tensor in (*self._outside.states(cell.name), *made):
                self.tensors.note(tensor, other_state(cell, cell.name in self.found.own), beside=True)
            for tensor, value in tensors_of(cell, gives, arriving.axes, len(calls)):
                self.tensors.note(tensor, value)
            for number, each in self._silent.pop(cell.name, {}).items():
                calls[number] = replace(calls[number], axes=axes)
                for tensor, value in tensors_of(cell, each, arriving.axes, number):
                    if not tensor.any() and tuple(tensor.shape) == value.axes.shape:  # as it was given
                        self.tensors.note(tensor, value)
        else:  # nothing has arrived as yet
            self._silent.setdefault(cell.name, {})[len(calls)] = gives
        calls.append(NeuronCall(cell.name, arriving, copy(gives.spikes), copy(gives.membrane), axes, seen))

"""`einsum` of one tensor that depends on the input and of constants: a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from string import ascii_letters
from typing import Any

import numpy as np

from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.functions.handlers import Call, handles, numbers
from snnc.conversion.functions.nearest import LINEAR, NAMED, PRODUCT, RECORDINGS, SAME, TOTAL, WINDOW
from snnc.conversion.functions.over_steps import over_steps
from snnc.conversion.functions.taken_steps import as_time, masked, odd_along
from snnc.conversion.operations import matrix
from snnc.conversion.values import Value

LARGEST = 4096
"""Most lines of which the matrix is asked of numpy, by a unit matrix."""


@handles("einsum")
def _einsum(call: Call) -> Value:
    equation, *operands = call.args
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = list(operands[0])
    values = [call.value(each) for each in operands]
    at, *others = [number for number, value in enumerate(values) if value is not None]
    if others:
        raise AxesError("it multiplies two tensors that both depend on the input", PRODUCT)
    value = values[at]
    assert value is not None
    value = masked(value, call.steps) if value.axes.lines <= LARGEST else as_time(value) or value
    if not isinstance(equation, str) or "->" not in equation or "." in equation:
        raise AxesError("it names no dimension by a letter, or not those of its result", NAMED)
    given, _, result = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    own, axes = terms[at], value.axes
    held = [label for label, dim in zip(own, axes.dims, strict=True) if any(isinstance(k, str) for k in dim)]
    elsewhere = "".join(term for number, term in enumerate(terms) if number != at)
    if len(set(own)) < len(own) or any(each not in result or each in elsewhere for each in held):
        raise _of_held(operands, terms, at, result, axes, call.steps)
    sizes = [prod(dim) for label, dim in zip(own, axes.dims, strict=True) if label not in held]  # type: ignore[arg-type]
    if axes.lines > LARGEST and (odd := odd_along(value, call.steps)) is not None:
        raise AxesError(f"it {odd.why}", odd.instead, odd.where)
    if prod(sizes) != axes.lines or axes.lines > LARGEST:
        raise AxesError(f"it weighs [{axes}]", LINEAR)
    one = next(each for each in ascii_letters if each not in equation)
    terms[at] = one + "".join(label for label in own if label not in held)
    made = "".join(label for label in result if label not in held)
    unit = np.eye(axes.lines).reshape(axes.lines, *sizes)
    parts = [unit if number == at else numbers(each) for number, each in enumerate(operands)]
    weight = np.einsum(f"{','.join(terms)}->{one}{made}", *parts, optimize=True)
    extent = dict(zip(made, weight.shape[1:], strict=True))
    dims = (axes.dims[own.index(label)] if label in held else (extent[label],) for label in result)
    weight = np.ascontiguousarray(weight.reshape(axes.lines, -1).T)
    line, source = np.nonzero(weight)
    way = matrix(line, source, weight[line, source], len(weight), weight)
    return value.then(way, replace(axes, dims=tuple(dims)))


def _of_held(
    operands: Sequence[Any], terms: Sequence[str], at: int, result: str, axes: Axes, steps: int
) -> AxesError:
    """Why operand `at`, of these `axes`, may not be summed or weighed as it is over steps or recordings."""
    said = "it sums over recordings or steps, or weighs them"
    if axes.has_time and axes.steps < steps:
        return AxesError(said, WINDOW)
    own = dict(zip(terms[at], axes.dims, strict=True))
    if len(own) < len(terms[at]):
        return AxesError(said, LINEAR)
    elsewhere = "".join(term for number, term in enumerate(terms) if number != at)
    held = {label: dim for label, dim in own.items() if any(isinstance(atom, str) for atom in dim)}
    if any(label in result and label in elsewhere for label in held):
        return AxesError("its weights differ by step or recording", SAME)
    time = next((label for label, dim in held.items() if dim == (TIME,) and label not in result), None)
    if time is None:
        return AxesError(said, RECORDINGS)
    weights = [number for number, term in enumerate(terms) if number != at and time in term]
    if not weights:
        return AxesError("it sums over steps", TOTAL.format(terms[at].index(time)))
    if len(weights) > 1:
        return over_steps(None, axes.steps)
    term, weight = terms[weights[0]], numbers(operands[weights[0]])
    made = [label for label in term if label in result and label not in own]
    of_steps = next((label for label in made if weight.shape[term.index(label)] == axes.steps), None)
    if of_steps is None:
        return over_steps(None, axes.steps)
    return over_steps(np.moveaxis(weight, [term.index(of_steps), term.index(time)], [-2, -1]), axes.steps)

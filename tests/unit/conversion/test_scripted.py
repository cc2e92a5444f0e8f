"""Functions of torch.jit and operators, which run without the functions of PyTorch that they are made of."""

from __future__ import annotations

import pytest
import torch
from changed_networks import Changed, X, check

from snnc.errors import InputError


@torch.jit.script
def between(x: torch.Tensor) -> bool:
    return bool(x.mean() > 0.9) and bool(x.mean() < 0.95)


@torch.jit.script
def any_in(x: torch.Tensor) -> int:
    return 2 if bool(x.any()) else 1


@torch.jit.script
def mean_of(x: torch.Tensor) -> float:
    return float(x.mean())


@torch.jit.script
def doubled_between(x: torch.Tensor) -> torch.Tensor:
    if bool(x.mean() > 0.9) and bool(x.mean() < 0.95):
        return 2 * x
    return x


@torch.jit.script
def halve(x: torch.Tensor) -> None:
    x.mul_(0.5)


@torch.jit.script
def decay(steps: int) -> torch.Tensor:
    return 0.5 ** torch.arange(steps)


@torch.library.custom_op("snnc_tests::factor_of", mutates_args=())
def factor_of(x: torch.Tensor) -> float:
    return 2.0 if 0.9 < float(x.mean()) < 0.95 else 1.0


traced = torch.jit.trace(lambda x: 0.5 * x, torch.ones(3, 12))


def test_numbers_that_a_scripted_function_takes_out_are_noted():
    """No event of silence, of the example or of the others takes the branch."""
    (note,) = check(Changed(lambda c: c, lambda x: 2 * x if between(x) else x)).notes
    assert note.startswith("in Changed.forward (line ")
    assert "), scripted between takes numbers out of what depends on the input; compared on" in note


@pytest.mark.parametrize(
    "operator", [factor_of, torch.ops.snnc_tests.factor_of, torch.ops.snnc_tests.factor_of.default]
)
def test_numbers_that_an_operator_takes_out_are_noted(operator):
    (note,) = check(Changed(lambda c: c, lambda x: x * operator(x))).notes
    assert "factor_of" in note
    assert " takes numbers out of what depends on the input; compared on" in note


@pytest.mark.parametrize("taken", [any_in, mean_of])
def test_numbers_that_a_scripted_function_takes_out_are_named_where_they_differ(taken):
    said = r"scripted (any_in|mean_of) takes numbers out .* on silent events Changed computes another network"
    with pytest.raises(InputError, match=said):
        check(Changed(lambda c: c, lambda x: x * taken(x)))


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (doubled_between, "doubled_between"),  # which gives what it is given, as it is
        (lambda c: (halve(c), c)[1], "halve"),
        (traced, "_lambda"),
    ],
)
def test_what_a_scripted_function_makes_is_not_followed(function, name):
    with pytest.raises(InputError) as error:
        check(Changed(function))
    first, remedy = error.value.args
    assert first.startswith("lif: what arrives cannot be followed: in Changed.forward (line ")
    assert first.endswith(f"), scripted {name} is not followed")
    assert remedy == "Call the function that it was made of, without torch.jit"


def test_a_scripted_function_of_constants_is_one():
    check(Changed(lambda c: c * decay(12)))


def test_scripted_functions_are_left_as_they_were():
    before = torch.jit.ScriptFunction.__call__, torch._C.ScriptMethod.__call__
    check(Changed(lambda c: c))
    with pytest.raises(InputError):
        check(Changed(doubled_between), X)
    assert before == (torch.jit.ScriptFunction.__call__, torch._C.ScriptMethod.__call__)

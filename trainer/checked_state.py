"""Whether the state in a checkpoint is one that this run can have: what nothing else would look at.

`load_state_dict` compares the names and shapes of a network's tensors, and later steps find numbers that are
not finite. The rest, if altered, would end training in an exception of torch, or in no end.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import torch

from snnc.text import quoted

_MOMENTS = ("exp_avg", "exp_avg_sq")


def check_progress(
    state: Mapping[str, Any], phases: Sequence[tuple[str, int]], rules: Collection[str]
) -> None:
    """Raise `ValueError` unless epoch, phase and the networks kept until then belong together.

    `phases` are name and epochs of each, `rules` the names of the grids.
    """
    epoch, phase = state["epoch"], state["phase"]
    ends = [sum(length for _, length in phases[: index + 1]) for index in range(len(phases))]
    if type(epoch) is not int or not 0 <= epoch <= ends[-1]:
        raise ValueError(f"epoch is {quoted(epoch)}, expected 0..{ends[-1]}")
    if type(phase) is not int or phase != sum(end <= epoch for end in ends):
        raise ValueError(f"phase is {quoted(phase)}, which does not belong to epoch {epoch}")
    in_integers = 2 <= phase < len(phases)
    for name, there in {"gaussian": phase > 0, "whole": phase > 1, "integers": in_integers}.items():
        if (state[name] is not None) != there:
            raise ValueError(f"{name} is {'missing' if there else 'present, expected none'} in phase {phase}")
    if state["best"] is None and 0 < phase < len(phases):
        raise ValueError(f"best is missing in phase {phase}")
    if phase > 0 and not (_is_number(state["gaussian"]["sigma"]) and state["gaussian"]["sigma"] > 0):
        raise ValueError("gaussian: sigma must be a number above 0")
    done = {int(name.removeprefix("int")) for name, _ in phases[2:phase]}
    if not done >= set(state["finished"]):
        raise ValueError(f"finished holds {quoted(list(state['finished']))}, possible are {sorted(done)}")
    for kept in (state["best"], state["whole"], *state["finished"].values()):
        if kept is not None:
            _check_kept(kept, ends[-1], rules)


def _check_kept(kept: Mapping[str, Any], epochs: int, rules: Collection[str]) -> None:
    if type(kept["epoch"]) is not int or not 0 <= kept["epoch"] <= epochs:
        raise ValueError(f"the epoch of a network is {quoted(kept['epoch'])}")
    if not isinstance(kept["rank"], list) or list(map(_is_number, kept["rank"])) != [True, True]:
        raise ValueError("the rank of a network must be two numbers")
    if kept["rule"] is not None and kept["rule"] not in rules:
        raise ValueError(f"the grid of a network is {quoted(kept['rule'])}")


def check_records(rows: Any, fields: Collection[str], what: str, optional: Collection[str] = ()) -> None:
    """Raise `ValueError` unless `rows` are dicts with `fields`, of numbers and text; `optional` may lack."""
    for row in rows:
        if set(row) | set(optional) != set(fields) or not all(
            isinstance(value, int | float | str) for value in row.values()
        ):
            raise ValueError(f"{what} holds {quoted(row)}")


def load_moments(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> None:
    """Restore Adam's moments. Its options are those of the configuration, whatever the file says.

    Raises
    ------
    ValueError
        If the moments are none of these parameters.
    """
    groups = optimizer.state_dict()["param_groups"]
    if [group["params"] for group in state["param_groups"]] != [group["params"] for group in groups]:
        raise ValueError("the groups of parameters differ from those of the network")
    parameters: list[torch.Tensor] = [p for group in optimizer.param_groups for p in group["params"]]
    for index, moments in state["state"].items():
        shape = parameters[index].shape
        forms = {"step": torch.Size(), **dict.fromkeys(_MOMENTS, shape)}
        if moments.keys() != forms.keys():
            raise ValueError(f"moments of parameter {index} are {quoted(list(moments))}")
        for name, form in forms.items():
            if moments[name].shape != form or moments[name].dtype != torch.float32:
                raise ValueError(f"{name} of parameter {index} has another shape or type")
        if not 0 <= float(moments["step"]) < math.inf:
            raise ValueError(f"step of parameter {index} is {float(moments['step'])}")
    optimizer.load_state_dict({"state": state["state"], "param_groups": groups})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)

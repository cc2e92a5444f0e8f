"""What the integer PyTorch model computes at a time: populations of a cycle together, all others alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnc.stages.order import contract_order
from snnc.trainer.integer_projection import IntegerProjection


@dataclass(frozen=True, slots=True)
class Group:
    """A strongly connected component: `names` in the contract order, computed in turn for `block` steps.

    `inner` are the projections between them. What of these does not lead forward in `names` has delays of
    `block` steps at least, so whatever arrives in a block was sent before it, or by a name before. No
    projection has more than T / `block` distinct delays, so what a block collects takes no more memory than a
    state of all steps.
    """

    names: tuple[str, ...]
    block: int
    inner: tuple[IntegerProjection, ...]


def schedule(order: Sequence[str], projections: Sequence[IntegerProjection], steps: int) -> list[Group]:
    """Groups of the populations `order`, which stand in the contract order; sources come before.

    `steps` is T. Projections without a synapse, and without one whose spikes arrive, are no way.
    """
    place = {name: number for number, name in enumerate(order)}
    ways = [(place[each.source], place[each.destination]) for each in projections if each.delays]
    members: dict[int, list[str]] = {}
    for name, number in zip(order, _components(ways, len(order)), strict=True):
        members.setdefault(number, []).append(name)
    head = {name: names[0] for names in members.values() for name in names}
    of_head = {names[0]: tuple(names) for names in members.values()}
    between = {(head[order[pre]], head[order[post]]) for pre, post in ways}
    sorted_heads = contract_order(list(of_head), ((pre, post) for pre, post in between if pre != post))
    inner: dict[str, list[IntegerProjection]] = {name: [] for name in of_head}
    block = dict.fromkeys(of_head, steps)
    for each in projections:
        group = head[each.source]
        if each.delays and group == head[each.destination]:
            inner[group].append(each)
            block[group] = min(block[group], steps // len(each.delays))
            if place[each.source] >= place[each.destination]:
                block[group] = min(block[group], each.delays[0])
    return [Group(of_head[name], block[name], tuple(inner[name])) for name in sorted_heads]


def _components(ways: Sequence[tuple[int, int]], count: int) -> list[int]:
    """Of each of `count` populations, the number of its strongly connected component."""
    if all(pre < post for pre, post in ways):
        return list(range(count))
    from scipy.sparse.csgraph import connected_components  # here: scipy is heavy, and chains do without

    matrix = np.zeros((count, count), np.int8)
    matrix[tuple(np.array(ways).T)] = 1
    found: list[int] = connected_components(matrix, directed=True, connection="strong")[1].tolist()
    return found

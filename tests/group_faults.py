"""Faults seeded into how the simulator computes graphs: its loops, and what makes populations ready."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from faults import mutate_sources
from planting import Planted, imported

FILES = {
    f"hwsim/{name}.py": f"group_seeded_{name}"
    for name in (
        "event_driven",
        "schedule",
        "group_program",
        "layer_program",
        "delivery",
        "group_kernel",
        "kernels",
    )
}
"""What is copied to plant a fault, none of it compiled: its loops mean the same in plain Python."""


@dataclass(frozen=True)
class GroupFault:
    """`old` of a file becomes `new`; `cause` is what it should be called, None if its kind is not known."""

    file: str
    text: str
    cause: str | None
    old: str
    new: str


kernel = partial(GroupFault, "hwsim/group_kernel.py")
program = partial(GroupFault, "hwsim/group_program.py")
delivery = partial(GroupFault, "hwsim/delivery.py")
schedule = partial(GroupFault, "hwsim/schedule.py")

LAST_V = "v_b[(t - 1) % len(v_b)] if t > 0 else at_rest"
LIMIT = "threshold if t < end else never"
RESET = "np.int32(np.int32(clipped & kept_by_reset[i]) - reset_by[i])"

FAULTS = (
    kernel("no input bias", "input-bias-missing", "np.int32(now[i] + input_bias[i])", "now[i]"),
    kernel("u never wraps", "no-wrap", "np.int32((below - above) * U_WRAP)", "np.int32(0)"),
    kernel(
        "u wraps at the top alone", None, "np.int32((below - above) * U_WRAP)", "np.int32(-above * U_WRAP)"
    ),
    kernel("u keeps all", "decay-missing", "decay(last[i], keep_u[i])", "last[i]"),
    kernel(
        "ka has lost its sign",
        "adaptation-by-v-changed",
        "np.int32(-scaled) if ka[i] < 0 else scaled",
        "scaled",
    ),
    kernel(
        "a spike adds nothing to w",
        "adaptation-by-spike-missing",
        "np.int32(np.int32(last_spikes[i]) * kb[i])",
        "np.int32(0)",
    ),
    kernel("w is not clipped", "no-clip", "np.int32(min(max(w, -V_LIMIT), V_LIMIT))", "np.int32(w)"),
    kernel("orders are exchanged", "adaptation-order", "adapts == NEW", "adapts != NEW"),
    kernel("w is added", "adaptation-added", "now[i] - taken[i]", "now[i] + taken[i]"),
    kernel(
        "fires where v meets the threshold",
        "threshold-greater-or-equal",
        "clipped > threshold[i]",
        "clipped >= threshold[i]",
    ),
    kernel(
        "v is not clipped, so that an li spikes",
        None,
        "np.int32(min(max(v, -V_LIMIT), V_LIMIT))",
        "np.int32(v)",
    ),
    kernel("nothing is subtracted", "reset-missing", RESET, "np.int32(clipped & kept_by_reset[i])"),
    kernel("no reset clears v", "reset-missing", RESET, "np.int32(clipped - reset_by[i])"),
    kernel("the end is a step late", "end-one-step-off", LIMIT, "threshold if t <= end else never"),
    kernel("the end is that of the first population", None, LIMIT, LIMIT.replace("end", "populations[0, 2]")),
    kernel(
        "v of the sample before stays",
        "state-survives-sample",
        LAST_V,
        LAST_V.replace("at_rest", "(v[b - 1, steps - 1] if b else at_rest)"),
    ),
    kernel("the first spike of a step is lost", None, "sources[:count]", "sources[1:count]"),
    kernel("rows of the first population for all", None, "row[lo:]", "row"),
    kernel("one neuron's spike is not sent", "projection-missing", "spiked > 0", "spiked > 1"),
    kernel(
        "of what arrives the last remains",
        None,
        "rest[offsets[k]] += weights[k]",
        "rest[offsets[k]] = weights[k]",
    ),
    program("no reset to zero", "reset-missing", "0 if of.reset == ZERO else -1", "-1"),
    program(
        "r is not shifted", "reset-unshifted", "of.reset_by << formats.STATE_FRACTION_BITS", "of.reset_by"
    ),
    program("dw is what w keeps", "decay-inverted", "one - of.decay_w", "of.decay_w"),
    program("populations do not end", "end-ignored", "each.end or steps", "steps"),
    program("the bias is the input bias", "biases-changed", "of.bias", "of.input_bias"),
    delivery("no weight exponent", "weight-exponent-ignored", "weight << each.exponent", "weight"),
    delivery(
        "delays one longer, but for a single matrix",
        None,
        "wide * neurons + post",
        "(wide + 1) * neurons + post",
    ),
    delivery(
        "sources of all projections begin at 0",
        None,
        "pre + each.first_source",
        "pre + 0 * each.first_source",
    ),
    schedule("inputs do not end", "input-end-ignored", "spikes[:, each.end :] = 0", "pass"),
    schedule("each projection leads to the first population", None, "members[each.destination]", "0"),
)


def planted(fault: GroupFault, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """The simulator with `fault`, by events; `folder` becomes its own."""
    mutate_sources(folder, FILES, [(fault.file, fault.old, fault.new)])
    monkeypatch.syspath_prepend(folder)
    importlib.invalidate_caches()
    module: Any = imported("group_seeded_event_driven")
    return Planted(
        "hwsim",
        lambda artifact, spikes: module.simulate(artifact.graph, spikes, kernel="events", threads=1),
    )

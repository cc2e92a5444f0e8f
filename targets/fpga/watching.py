"""Which module of a core is wrong: each is watched at its ports while the core runs.

Beside every module stands one of `rules/`, that computes in its own way what the module must answer to what
it is given. A module that is given something wrong and answers rightly breaks no rule, so the first that is
broken names the place of the fault. Where none is, the fault lies elsewhere: in a memory, say, or in what the
core is held to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from snnc.stages import Located

MARK = "snnc_rule"
TOP = "TOP.snnc_sim."
_RULES = re.compile(r"[._]rules\b")
"""What the rules of a module are called: `rules` within it, or its own name with `_rules` beside it."""
_OF_A_LANE = re.compile(r"\.g_lane\[\d+\]$")


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule for `signal` of a `module` that did not hold at `time` (half cycles), in a `step` of the run.

    `place` is the path of the module in the simulation, and of its lane if the signal is that of a lane.
    """

    module: str
    place: str
    time: int
    step: int
    signal: str
    found: str
    expected: str

    def is_around(self, other: Broken) -> bool:
        """Whether it is about a module that the other's is a part of."""
        around = _OF_A_LANE.sub("", self.place)
        return self.module != other.module and other.place.startswith(f"{around}.")


def broken(said: str) -> list[Broken]:
    """The rules that were broken first, all at one time, without those of modules around another's."""
    lines = [line.split("|") for line in said.splitlines() if line.startswith(f"{MARK}|")]
    every = [
        Broken(module, _place(instance), int(time), int(step), *rest)
        for _, module, instance, time, step, *rest in lines
    ]
    first = min((each.time for each in every), default=0)
    found = [each for each in every if each.time == first]
    return [each for each in found if not any(each.is_around(other) for other in found)]


def _place(rule: str) -> str:
    """The path of the module that the rule at the path `rule` is about, and of its lane."""
    return _RULES.sub("", rule.removeprefix(TOP).rsplit(".", 1)[0])


def located(rules: list[Broken], steps: int, first_sample: int = 0) -> Located | None:
    """The module that broke `rules`; None if there is none, or several modules did at once.

    `steps` are those of a sample, `first_sample` is the number of the run's first.
    """
    if len({each.module for each in rules}) != 1:
        return None
    rule = rules[0]
    sample, step = divmod(rule.step, steps)
    return Located(
        rule.module,
        f"rtl/{rule.module}.v",
        f"in {rule.place}, {rule.signal} was {rule.found} and should have been {rule.expected}, while the "
        f"core was in step {step} of sample {first_sample + sample}",
    )

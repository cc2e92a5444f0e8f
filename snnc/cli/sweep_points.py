"""What `snnc sweep` says of its runs in integers: costs, the front, and the choice within a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snnc.cli.target_settings import in_target
from snnc.errors import InputError, LimitError, StageError

if TYPE_CHECKING:
    from snnc.target import Target
    from snnc.trainer.sweep import SweepRun
    from snnc.trainer.sweep_points import Budget, Point

SHOWN = 24
"""Most points that the terminal shows; of more, those on the front, or the first where there is none."""
NOT_MEMORY = "synapse bytes are as a chip stores them, not memory of the program: see snnc export"

BLOCK_RAMS = "block RAM of an FPGA is no cost of a sweep: snnc targets --for MODEL tells it of each network"
LATENCY = "snnc targets --for MODEL tells the latency of a network on each board, by estimate"


@dataclass(frozen=True, slots=True)
class Integers:
    """What is to be measured of runs in integers, for `target`, and what of it was found.

    `costs` names the constants of the target, None for its first. `left_out`: why a run has no integers of a
    number of bits, by "RUN, BITS bits", or was not measured, by its name. `in_folds`: runs are measured on
    different recordings, so that none beats another.
    """

    target: Target
    costs: str | None
    budget: Budget | None
    points: list[Point] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    in_folds: bool = False

    @classmethod
    def asked(cls, target: str, costs: str | None, budget: str | None, runs: Sequence[SweepRun]) -> Integers:
        """Of the options. Raises `InputError` for what does not go together, before anything is trained."""
        from snnc.targets.registry import target_of
        from snnc.trainer.sweep_points import Budget

        found = target_of(target)
        besides, elsewhere = (BLOCK_RAMS, {"latency_ms": LATENCY}) if found.name == "fpga" else ("", {})
        limits = None if budget is None else Budget.read(budget, besides)
        found.emitter()
        if costs is not None or found.costs:
            found.operation_costs(costs)
        in_folds = any(run.fold for run in runs)
        if limits is not None:
            limits.check(bool(found.costs), elsewhere)
            if in_folds:
                raise InputError(
                    f"--budget {budget}: the sweep has folds, and runs of different folds are measured on "
                    "different recordings; choose a variant by the table, and sweep it without folds"
                )
        return cls(found, costs, limits, in_folds=in_folds)

    def measure(self, run: SweepRun) -> None:
        """Of a run that is done: each of its numbers of weight bits, on the recordings that validate."""
        from snnc.trainer.model_file import load_model
        from snnc.trainer.samples import load_samples
        from snnc.trainer.sweep_points import Point
        from snnc.verification.deployed import deployed

        try:
            model = load_model(run.model)
            data = load_samples(model, "validation")
        except InputError as error:  # the table of what training measured is told without them
            self.left_out[run.name] = str(error)
            return
        for bits in run.config.weight_bits:
            try:
                found = deployed(model, bits, self.target, data, self.costs)
            except (LimitError, StageError) as error:
                self.left_out[f"{run.name}, {bits} bits"] = in_target(str(error), self.target.spec)
            else:
                self.points.append(Point(run.name, bits, **found._asdict()))

    def tested(self, run: SweepRun) -> dict[str, float]:
        """Accuracy on the test split of what was measured of `run`, by stage; no choice uses it."""
        from snnc.trainer.model_file import load_model
        from snnc.trainer.samples import load_samples
        from snnc.verification.deployed import deployed_accuracy

        known = [point.bits for point in self.points if point.run == run.name]
        if not known:
            return {}
        model = load_model(run.model)
        data = load_samples(model, "test")
        return {f"test-int{bits}": deployed_accuracy(model, bits, self.target, data) for bits in known}

    @property
    def about(self) -> str:
        """Whose the estimates of energy and time are."""
        if not self.target.costs:
            said = f"{self.target.name}; no costs are published, so energy and time are not known"
            if self.target.chip:
                return said
            return f"{said}; {NOT_MEMORY}"
        return f"{self.target.name}, costs {self.target.operation_costs(self.costs).name}"

    def record(self, chosen: Point | None) -> dict[str, Any]:
        """As `table.json` holds it."""
        from snnc.trainer.sweep_points import NO_FRONT, front

        best = [] if self.in_folds else front(self.points)
        told: dict[str, Any] = {
            "target": self.target.spec,
            "costs": self.target.operation_costs(self.costs).name if self.target.costs else None,
            "points": [
                asdict(point) | ({} if self.in_folds else {"front": point in best}) for point in self.points
            ],
            **({"no_front": NO_FRONT} if self.in_folds else {}),
            "left_out": self.left_out,
        }
        if self.budget is not None:
            told |= {"budget": dict(self.budget.limits), "chosen": None if chosen is None else chosen.name}
        return told

    def choice(self, output: Path) -> Iterator[str]:
        """The run within the budget and what to do next; or the nearest, and by how much it exceeds."""
        from snnc.percent import percent
        from snnc.text import shell
        from snnc.trainer.sweep_table import cost_text

        assert self.budget is not None
        chosen = self.budget.best(self.points)
        point = chosen or self.budget.nearest(self.points)
        costs = ", ".join(f"{name}={cost_text(name, cost)}" for name, cost in point.costs.items())
        said = f"{point.name}: {percent(point.correct, point.total)} of validation, {costs}"
        if chosen is None:
            yield f"no run is within {self.budget}"
            yield f"the nearest is {said}"
            for name, cost, limit in self.budget.excess(point):
                yield (
                    f"  {name}: {cost_text(name, cost)}, {cost / limit:.2f} times the limit"
                    if limit
                    else (f"  {name}: {cost_text(name, cost)}, the limit is 0")
                )
            return
        model = output / f"{point.run}.pt"
        yield f"the most accurate within {self.budget} is {said}"
        yield f"model: {model}"
        words = ("export", model, "--target", self.target.spec, "--weight-bits", point.bits)
        yield f"next: {shell('snnc', *words)}"

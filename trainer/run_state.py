"""What a checkpoint holds of a training run: all that its next epoch depends on."""

from __future__ import annotations

from typing import Any

from snnc.trainer.checked_state import check_progress, check_records, load_moments
from snnc.trainer.epoch import Measure
from snnc.trainer.metrics import TOLD, EpochMetrics
from snnc.trainer.optimizers import integer_optimizer, weight_optimizer
from snnc.trainer.phases import LEFT_OUT
from snnc.trainer.quantised import GRID_RULES
from snnc.trainer.run import TrainingRun


def state_of(run: TrainingRun) -> dict[str, Any]:
    return {
        "epoch": run.epoch,
        "phase": run.phase,
        "network": run.network.state_dict(),
        "integers": None if run.integers is None else run.integers.state_dict(),
        "weights": run.weights.state_dict(),
        "positions": run.positions.state_dict(),
        "best": run.best,
        "gaussian": run.gaussian,
        "whole": run.whole,
        "finished": run.finished,
        "history": run.history,
        "steps": run.steps,
        "product": run.product,
        **({LEFT_OUT: run.left_out} if run.left_out else {}),
        **run.course.state(),
    }


def restore(run: TrainingRun, state: dict[str, Any]) -> None:
    """Let `run` go on from `state`; raises whatever damage leads to, `ValueError` among others."""
    check_progress(state, run.phases, GRID_RULES)
    check_records(state["history"], EpochMetrics.__dataclass_fields__, "history", TOLD)
    check_records(state["steps"].values(), Measure.__dataclass_fields__, "steps")
    run.epoch, run.phase, run.best = state["epoch"], state["phase"], state["best"]
    run.gaussian, run.whole = state["gaussian"], state["whole"]
    run.history, run.steps = list(state["history"]), dict(state["steps"])
    run.finished = dict(state["finished"])
    run.left_out = {str(name): str(why) for name, why in state.get(LEFT_OUT, {}).items()}
    run.product = state.get("product")
    if not isinstance(run.product, str | None):
        raise ValueError("product is no name")
    # What is not needed before the end must fail here too, if it is damaged.
    kept_networks = [(run.gaussian, ("sigma",)), (run.whole, ("epoch", "rank"))]
    if state["integers"] is None:
        kept_networks.append((run.best, ("epoch", "rank")))
    for kept, keys in kept_networks:
        if kept is not None and all(kept[key] is not None for key in keys):
            run.network.load_state_dict(kept["network"])
    for bits, kept in run.finished.items():
        run.restored(bits, kept).integers()
    run.network.load_state_dict(state["network"])
    if run.phase == len(run.phases):
        return  # nothing is left to train
    if run.phase > 0:
        run.network.round_positions()
        run.weights = weight_optimizer(run.network, run.config)
    if state["integers"] is not None:
        assert run.best is not None
        run.integers = run.restored(run.bits, run.best)
        run.integers.load_state_dict(state["integers"])
        run.weights = integer_optimizer(run.integers, run.config)
    load_moments(run.weights, state["weights"])
    load_moments(run.positions, state["positions"])
    run.course.restore(state, run.active, run.phase)

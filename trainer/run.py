"""What a training run does, epoch by epoch (`phases`). Every step is recorded in the model's metrics."""

import copy
from collections.abc import Callable
from dataclasses import asdict
from itertools import chain
from typing import Any

import numpy as np
import torch

from snnc.errors import LimitError, TrainingError
from snnc.stages import TrainedGraph, TrainedModel
from snnc.trainer import phases, variants
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import Splits
from snnc.trainer.delay_record import KEY
from snnc.trainer.epoch import Feed, Measure, evaluate, measure_statistics, train_epoch, training_mode
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.metrics import EpochMetrics, delays_of, moved, positions, whole_delays
from snnc.trainer.network import DelayNetwork
from snnc.trainer.optimizers import Adam, integer_optimizer, set_rate, weight_optimizer
from snnc.trainer.phases import FIRST_INTEGERS, LEFT_OUT, before, learning_rates, phases_of
from snnc.trainer.quantised import (
    CLIPPING,
    GRID_RULES,
    QuantisedNetwork,
    quantised_network,
    restored_network,
)
from snnc.trainer.recipes.course import Course
from snnc.trainer.results import model_of
from snnc.trainer.silent import silent_note
from snnc.trainer.worker import Worker


class TrainingRun:
    """A run between two of its `epochs`; `run_state` has what the next one depends on."""

    def __init__(
        self,
        config: TrainConfig,
        splits: Splits,
        time_steps: int,
        say: Callable[[str], None],
        worker: Worker | None = None,
    ) -> None:
        self.config, self.time_steps, self.say = config, time_steps, say
        self.phases = phases_of(config)
        self.epoch, self.epochs, self.phase = 0, before(self.phases, len(self.phases)), 0
        worker = worker or Worker()
        self.train = Feed(splits.train, config, time_steps, worker)
        self.validation = Feed(splits.validation, config, time_steps, worker)
        self.train.refuse_idle_processes("training")
        self.validation.refuse_idle_processes("validation")
        self.class_names = splits.train.class_names
        shape = (config, splits.train.unit_count // config.unit_pool, len(self.class_names))
        self.network = variants.build(*shape).to(worker.device)
        self.first_delays, self.initial_delays = whole_delays(self.network), delays_of(self.network)
        self.parameters = variants.parameter_counts(*shape, self.network)
        self.positions = Adam([c.position for c in self.network.connections])
        self.weights = weight_optimizer(self.network, config)
        self.course = Course(config, self.network, time_steps)
        self.rates: dict[str, float] = {}
        """Learning rates of the last epoch, by what they are of."""
        self.integers: QuantisedNetwork | None = None
        """The network of a phase in integers; `network` is what it started from then."""
        self.best: dict[str, Any] | None = None
        self.gaussian: dict[str, Any] | None = None
        self.whole: dict[str, Any] | None = None
        self.finished: dict[int, dict[str, Any]] = {}
        self.history: list[dict[str, Any]] = []
        self.steps: dict[str, dict[str, float]] = {}
        self.left_out: dict[str, str] = {}
        """By phase, why it was left out or ended early."""
        self.product: str | None = None
        """Who computes the products of matrices, once that is chosen."""

    def advance(self) -> EpochMetrics | None:
        """Train one epoch, measure, and go on to the next phase if this one ends.

        None if an epoch in integers failed. Then the phase ends, its best integers until then are kept, and
        `say` is called with the reason: the network in floating point does not depend on them.

        Raises
        ------
        TrainingError
            Another epoch failed.
        """
        epoch = self.epoch
        # Drawn again for each epoch, so that a resumed run repeats an uninterrupted one.
        rng = np.random.default_rng([self.config.seed, epoch])
        torch.manual_seed(int(rng.integers(1 << 62)))
        phase, sigma = self.phases[self.phase][0], self._prepare()
        self.course.begin(self.active, self.phase, epoch, self.weights)
        earlier = positions(self.network)
        optimizers = [self._optimizers[name] for name in self.rates]
        try:
            trained = train_epoch(self.active, self.train, optimizers, rng, self.course)
            with self.course.measuring(self.active, self.train, rng, self.phase):
                measured, rounded, told = self.course.measure(self.active, self.validation, self.phase)
                best = self.course.is_selectable(epoch, sigma) and self._keep_if_best(rounded)
        except (TrainingError, LimitError) as error:
            if self.integers is None:
                raise TrainingError(f"epoch {epoch + 1}, {error}") from error
            self._leave_out(f"ended in epoch {epoch + 1}, its best integers until then are kept: {error}")
            self._change_phase()
            return None
        metrics = EpochMetrics(
            epoch=epoch,
            epochs=self.epochs,
            phase=phase,
            sigma=sigma,
            moved=moved(self.network, earlier),
            loss=trained.loss,
            train_accuracy=trained.accuracy,
            validation_accuracy=measured.accuracy,
            validation_loss=measured.loss,
            validation_accuracy_rounded=rounded.accuracy,
            validation_loss_rounded=rounded.loss,
            best=best,
            **told,
        )
        self.history.append(metrics.record())
        self.epoch += 1
        self._change_phase()
        return metrics

    def finish(self, source: dict[str, Any]) -> TrainedModel | TrainedGraph:
        """The best networks of all phases; `source` describes the data in the model's metrics."""
        assert self.gaussian is not None  # every phase has ended
        assert self.whole is not None
        return model_of(
            self.network,
            self.config,
            quantised={bits: self.restored(bits, kept).integers() for bits, kept in self.finished.items()},
            first_delays=self.first_delays,
            learned=self.gaussian,
            whole=self.whole,
            class_names=self.class_names,
            time_steps=self.time_steps,
            metrics={
                "selected_epoch": self.whole["epoch"],
                "validation": self.steps,
                "history": self.history,
                "parameters": self.parameters,
                "data": source,
                KEY: {"initial": self.initial_delays},
                **({LEFT_OUT: self.left_out} if self.left_out else {}),
            },
        )

    def silent(self) -> str:
        """A note on layers that never fire, in real numbers and in integers; empty if there are none."""
        assert self.whole is not None
        self.network.load_state_dict(self.whole["network"])
        integers = (self.restored(bits, kept) for bits, kept in self.finished.items())
        return silent_note(chain([self.network], integers), self.validation, self.config)

    @property
    def active(self) -> DelayNetwork | GraphNetwork | QuantisedNetwork:
        return self.network if self.integers is None else self.integers

    @property
    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {"weights": self.weights, "positions": self.positions}

    @property
    def bits(self) -> int:
        """Weight bits of this phase in integers."""
        return self.config.weight_bits[self.phase - FIRST_INTEGERS]

    def _change_phase(self) -> None:
        """Leave phases that have had their epochs, and enter the next."""
        while self.phase < len(self.phases) and self.epoch == before(self.phases, self.phase + 1):
            if self.phase == 0:
                self._make_delays_whole()
            else:
                self._leave()
            self.phase += 1
            if FIRST_INTEGERS <= self.phase < len(self.phases):
                self._make_integers()

    def _make_delays_whole(self) -> None:
        """Round the best network's delays, measure batch-norm statistics again, keep what validates best."""
        best = self._load_best()
        self.gaussian = {"sigma": variants.sigma(self.config, best["epoch"]), "network": best["network"]}
        self.network.set_sigma(self.gaussian["sigma"])
        self.steps["gaussian"] = asdict(evaluate(self.network, self.validation, rounded=False))
        self.network.round_positions()
        self.best = None
        self._candidate("rounded")
        measure_statistics(self.network, self.train, np.random.default_rng([self.config.seed, self.epoch]))
        self._candidate("statistics")
        self.weights = weight_optimizer(self.network, self.config)

    def _leave(self) -> None:
        """Keep the best network of a phase with whole delays or in integers; say so if no epoch made it."""
        name, epochs = self.phases[self.phase]
        made = any(row["best"] for row in self.history if row["phase"] == name)
        if self.best is not None and epochs and not made and name not in self.left_out:
            self.say(phases.kept_as_it_was(name, self.best["rank"][0], self.best["rule"] == CLIPPING))
        if self.phase == 1:
            self.whole = self._load_best()
            self.steps["final"] = asdict(evaluate(self.network, self.validation, rounded=True))
        elif self.integers is not None and self.best is not None:
            self.integers.load_state_dict(self.best["network"])
            measure = evaluate(self.integers, self.validation, rounded=True)
            self.steps[f"int{self.bits}_final"] = asdict(measure)
            self.finished[self.bits] = self.best
        self.best = self.integers = None

    def _make_integers(self) -> None:
        """Put the best network with whole delays on the better of two grids; without any, skip the phase.

        The step "int8" is what export makes of the network without this training, if it can.
        """
        assert self.whole is not None
        assert isinstance(self.network, DelayNetwork)  # only chains have such phases
        self.network.load_state_dict(self.whole["network"])
        bits, self.integers, refused = self.bits, None, ""
        for rule in GRID_RULES:
            try:
                network = quantised_network(self.network, bits, GRID_RULES[rule])
                measure = evaluate(network, self.validation, rounded=True)
            except LimitError as error:
                refused = str(error)
                continue
            if rule == "full_range":
                self.steps[f"int{bits}"] = asdict(measure)
            if self._keep_if_best(measure, network, rule):
                self.integers = network
                if rule == CLIPPING:
                    self.steps[phases.clipped(bits)] = asdict(measure)
        if self.integers is None:
            self._leave_out(f"left out, the network has no such integers: {refused}")
        else:
            self.weights = integer_optimizer(self.integers, self.config)

    def _leave_out(self, why: str) -> None:
        """Skip what is left of a phase in integers."""
        name = self.phases[self.phase][0]
        self.say(f"{name}: {why}")
        self.left_out[name] = why
        self.epoch = before(self.phases, self.phase + 1)

    def restored(self, bits: int, kept: dict[str, Any]) -> QuantisedNetwork:
        """The network in integers that `_keep_if_best` kept."""
        assert self.whole is not None
        assert isinstance(self.network, DelayNetwork)
        return restored_network(self.network, self.whole["network"], bits, kept["rule"], kept["network"])

    def _candidate(self, step: str) -> None:
        measure = evaluate(self.network, self.validation, rounded=True)
        self.steps[step] = asdict(measure)
        self._keep_if_best(measure)

    def _keep_if_best(
        self, measure: Measure, network: QuantisedNetwork | None = None, rule: str | None = None
    ) -> bool:
        """Keep the active network, or `network` on the grid of `rule`, if it validates best in this phase.

        If no recordings are held out to validate, the last network is kept; of grids, the better.
        """
        rank = [measure.accuracy, -measure.loss]
        last = self.config.keeps_last and network is None
        if self.best is not None and rank <= self.best["rank"] and not last:
            return False
        if rule is None and self.best is not None:
            rule = self.best.get("rule")
        state = copy.deepcopy((network or self.active).state_dict())
        self.best = {"epoch": self.epoch, "rank": rank, "network": state, "rule": rule}
        return True

    def _load_best(self) -> dict[str, Any]:
        assert self.best is not None  # the last epoch of a phase is always a candidate
        self.network.load_state_dict(self.best["network"])
        return self.best

    def _prepare(self) -> float:
        """Set this epoch's learning rates, mode and kernel width; returns the width."""
        config, epoch = self.config, self.epoch
        training_mode(self.active, statistics=self.phase == 0)
        self.rates = learning_rates(config, self.phases, self.phase, epoch)
        for name, rate in self.rates.items():
            set_rate(self._optimizers[name], rate)
        if self.phase == 0:
            sigma = variants.sigma(config, epoch)
            self.network.set_sigma(sigma)
            return sigma
        return 0.0

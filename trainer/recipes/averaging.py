"""The running average of a network's parameters, which generalises better than where the last step was.

An exponential moving average over the steps of the optimiser (Polyak & Juditsky 1992; of networks: Tarvainen
& Valpola, NeurIPS 2017, arXiv:1703.01780). Batch-norm statistics are measured for the averaged parameters, as
in stochastic weight averaging (Izmailov et al., UAI 2018, arXiv:1803.05407).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """Averages of the parameters of `network`, by name, since it was in this state.

    The share that is kept rises to `keep`: that of step n is at most n / (n + 9), so that the first values
    are soon forgotten.
    """

    def __init__(self, network: nn.Module, keep: float) -> None:
        self.keep, self.steps = keep, 0
        self.values = {name: p.detach().clone() for name, p in network.named_parameters()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the parameters after a step of the optimiser."""
        self.steps += 1
        new = 1 - min(self.keep, self.steps / (self.steps + 9))
        parameters = dict(network.named_parameters())
        torch._foreach_lerp_(list(self.values.values()), [parameters[name] for name in self.values], new)

    @contextmanager
    def applied(self, network: nn.Module) -> Iterator[None]:
        """`network` has the averages for parameters; afterwards all of its tensors are what they were."""
        before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        try:
            with torch.no_grad():
                for name, parameter in network.named_parameters():
                    parameter.copy_(self.values[name])
            yield
        finally:
            network.load_state_dict(before)

    def state(self) -> dict[str, object]:
        """What `restored` takes."""
        return {"steps": self.steps, "values": self.values}

    @classmethod
    def restored(cls, network: nn.Module, keep: float, state: Mapping[str, object]) -> "Average":
        """The average of `network` that had this state. Raises `ValueError` if it does not fit."""
        made, values, steps = cls(network, keep), state["values"], state["steps"]
        if type(steps) is not int or steps < 0:
            raise ValueError("the steps of the average must be a number")
        if not isinstance(values, dict) or values.keys() != made.values.keys():
            raise ValueError("the average has other parameters than the network")
        made.steps = steps
        for name, value in made.values.items():
            if not isinstance(values[name], Tensor) or values[name].shape != value.shape:
                raise ValueError(f"the average of {name} has another shape")
            value.copy_(values[name])
        return made

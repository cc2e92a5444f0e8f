"""The published parts: kernels by the dcls library, neurons by SpikingJelly.

They define what the method computes. `engine = "reference"` trains with them and with `conv1d`, several
times slower than our own parts, which the tests hold against them.
"""

import importlib.util
import logging
from dataclasses import replace

from torch import Tensor

from snnc.errors import ConfigError
from snnc.stages.trained import DCLS_SIGMA_FLOOR, GAUSS, TRIANGLE
from snnc.trainer.kernel import Kernel

# SpikingJelly makes torch look for Triton kernels, and torch warns where there is no Triton (on CPUs).
logging.getLogger("torch._library.triton").setLevel(logging.ERROR)

_VERSIONS = {GAUSS: ("gauss", DCLS_SIGMA_FLOOR), TRIANGLE: ("max", 1.0)}
"""By the name of a form, dcls's and what it adds to |SIG|."""


def require() -> None:
    """Raise `ConfigError` unless dcls and SpikingJelly are installed."""
    for package in ("DCLS", "spikingjelly"):
        if importlib.util.find_spec(package) is None:
            raise ConfigError(
                f"engine = \"reference\" needs the package {package.lower()}; pip install 'snnc[reference]', "
                "or leave the engine out"
            )


def kernel(form: Kernel) -> Kernel:
    """`form`, of `snnc.trainer.kernel`, built by dcls's `ConstructKernel1d`."""
    version, floor = _VERSIONS[form.name]

    def make(weight: Tensor, position: Tensor, sigma: float, taps: int) -> Tensor:
        from DCLS.construct.modules import ConstructKernel1d

        construct = ConstructKernel1d(*weight.shape, 1, 1, (taps,), version)
        made: Tensor = construct(
            weight[..., None], position[None, ..., None], weight.new_tensor(sigma - floor)
        )
        return made

    return replace(form, make=make)


def lif(current: Tensor, tau: float, threshold: float, alpha: float, gain: Tensor | None = None) -> Tensor:
    """As `snnc.trainer.lif.lif`, by SpikingJelly's multi-step `LIFNode`."""
    from spikingjelly.activation_based import neuron, surrogate

    node = neuron.LIFNode(
        tau=float(tau),
        decay_input=False,
        v_threshold=threshold,
        v_reset=0.0,
        surrogate_function=surrogate.ATan(alpha),
        detach_reset=True,
        step_mode="m",
    )
    spikes: Tensor = node(current)
    return spikes if gain is None else spikes * gain

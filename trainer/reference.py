"""The published parts: kernels by the dcls library, neurons by SpikingJelly.

They define what the method computes. `engine = "reference"` trains with them and with `conv1d`, several
times slower than our own parts, which the tests hold against them.
"""

import importlib.util
import logging

from torch import Tensor

from snnc.errors import ConfigError

# SpikingJelly makes torch look for Triton kernels, and torch warns where there is no Triton (on CPUs).
logging.getLogger("torch._library.triton").setLevel(logging.ERROR)


def require() -> None:
    """Raise `ConfigError` unless dcls and SpikingJelly are installed."""
    for package in ("DCLS", "spikingjelly"):
        if importlib.util.find_spec(package) is None:
            raise ConfigError(
                f"engine = \"reference\" needs the package {package.lower()}; pip install 'snnc[reference]', "
                "or leave the engine out"
            )


def gaussian_kernel(weight: Tensor, position: Tensor, sigma: float, taps: int) -> Tensor:
    """As `snnc.trainer.kernel.gaussian_kernel`, built by dcls's `ConstructKernel1d(version="gauss")`."""
    from DCLS.construct.modules import ConstructKernel1d

    from snnc.trainer.kernel import DCLS_SIGMA_FLOOR

    construct = ConstructKernel1d(*weight.shape, 1, 1, (taps,), "gauss")
    kernel: Tensor = construct(
        weight[..., None], position[None, ..., None], weight.new_tensor(sigma - DCLS_SIGMA_FLOOR)
    )
    return kernel


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

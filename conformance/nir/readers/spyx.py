"""Spyx, told dt."""

import jax.numpy as jnp
import nir
import numpy as np
from spyx.nir import from_nir

PACKAGES = ("spyx", "jax")


def run(file, spikes, dt):
    _, out = from_nir(nir.read(file), jnp.asarray(spikes)[:, None, :], dt=dt)
    return np.asarray(out)[:, 0]

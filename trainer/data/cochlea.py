"""Audio to cochlea events: gammatone filters, compression, short-term adaptation, leaky integrate-and-fire.

Sources
-------
- Equivalent rectangular bandwidth and ERB-rate scale: B. R. Glasberg, B. C. J. Moore, "Derivation of auditory
  filter shapes from notched-noise data", Hearing Research 47, 1990.
- Gammatone of order 4 with bandwidth b = 1.019 ERB: R. D. Patterson et al., "Complex sounds and auditory
  images", in Auditory Physiology and Perception, 1992; M. Slaney, Apple Technical Report 35, 1993.
- Units numbered from the high-frequency end, as in the Spiking Heidelberg Digits (Cramer et al. 2022). Their
  model (hydrodynamic basilar membrane, hair cells, bushy cells) is another: events are alike, not equal.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from snnc.errors import InputError


@dataclass(frozen=True, slots=True)
class Cochlea:
    """Constants of the encoder; times in seconds, frequencies in hertz, threshold of the neurons 1.

    A unit's drive is `gain * (x - adaptation * lowpass(x)) - bias`, with x the compressed envelope of its
    band relative to the recording's loudest moment. The defaults give about 1,200 events for a spoken digit.
    """

    bands: int = 140
    f_min: float = 80.0
    f_max: float = 8000.0
    rate: int = 2000  # of envelopes and neurons; one step is 1 / rate seconds
    compression: float = 0.3
    adaptation: float = 0.6
    adaptation_s: float = 0.06
    gain: float = 5.0
    bias: float = 0.5
    membrane_s: float = 0.004
    refractory_s: float = 0.001
    noise: float = 0.1  # standard deviation of the undriven membrane

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"cochlea: {field.name} is {value}; give a finite number of at least 0")
        for name in ("bands", "f_min", "rate", "compression", "adaptation_s", "membrane_s"):
            if getattr(self, name) == 0:
                raise InputError(f"cochlea: {name} is 0; it must be positive")
        if self.f_max <= self.f_min:
            raise InputError(
                f"cochlea: f_max = {self.f_max} Hz is not above f_min = {self.f_min} Hz; raise it"
            )

    @property
    def step_s(self) -> float:
        """Seconds a time step."""
        return 1.0 / self.rate

    def centres(self) -> NDArray[np.float64]:
        """[bands] centre frequencies in hertz, equally spaced on the ERB-rate scale, the highest first."""
        low, high = (21.4 * math.log10(1.0 + 0.00437 * f) for f in (self.f_min, self.f_max))
        return np.asarray((10.0 ** (np.linspace(high, low, self.bands) / 21.4) - 1.0) / 0.00437)


def encode(
    audio: ArrayLike, sample_rate: int, seed: int, cochlea: Cochlea | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Encode one mono recording as events, sorted by time and, within a step, by unit.

    Parameters
    ----------
    audio : [samples] of any scale; only relative level matters.
    sample_rate : hertz, at least twice the cochlea's `f_max`.
    seed : of the membrane noise. Equal input and seed give equal events with the same numpy and kind of CPU.

    Returns
    -------
    steps : [events] time steps of `cochlea.step_s` seconds.
    units : [events] 0..bands-1; 0 is the band of the highest frequency.

    Raises
    ------
    InputError
        The audio is empty, silent, not finite or not one-dimensional, or `sample_rate` is too low.
    """
    cochlea = cochlea or Cochlea()
    drive = _drive(envelopes(audio, sample_rate, cochlea), cochlea)
    return _spikes(drive, cochlea, np.random.default_rng(seed))


def envelopes(audio: ArrayLike, sample_rate: int, cochlea: Cochlea) -> NDArray[np.float64]:
    """[steps, bands] envelopes of the gammatone bands at `cochlea.rate`, in the audio's unit.

    The filter of a band at f_c is the baseband gammatone H(f) = (1 + i (f - f_c) / b)^-4, b = 1.019 ERB(f_c),
    ERB = 24.7 (0.00437 f_c + 1). It is applied to the recording's spectrum, of which only the `rate` hertz
    around f_c go into the inverse transform: that demodulates and resamples at once.
    """
    sound = np.asarray(audio, np.float64)
    if sound.ndim != 1 or not sound.size or not np.all(np.isfinite(sound)) or not np.any(sound):
        raise InputError(
            f"audio of shape {sound.shape}: it must be one-dimensional, finite and not silent; "
            "mix it down to mono, or drop it"
        )
    if sample_rate < 2 * cochlea.f_max:
        raise InputError(
            f"sample_rate = {sample_rate} Hz cannot carry f_max = {cochlea.f_max} Hz; "
            f"resample, or set f_max to at most {sample_rate / 2}"
        )
    steps = math.ceil(len(sound) * cochlea.rate / sample_rate)
    # Zeros behind the recording keep the filters' tails from wrapping round to its start; the block makes the
    # padded length a whole number of both samples and steps.
    block = math.lcm(sample_rate, cochlea.rate) // cochlea.rate
    samples = -(-(len(sound) + sample_rate // 20) // block) * block
    low = samples * cochlea.rate // sample_rate
    spectrum = np.fft.fft(sound, samples)
    spectrum[(samples + 1) // 2 :] = 0.0  # the analytic signal: a real band has its mirror image at -f_c
    result = np.empty((steps, cochlea.bands))
    around = (np.arange(low) + low // 2) % low - low // 2  # 0, 1, ... , -2, -1: the order of the transform
    hertz = sample_rate / samples
    for band, f_c in enumerate(cochlea.centres()):
        bins = round(f_c / hertz) + around
        width = 1.019 * 24.7 * (0.00437 * f_c + 1.0)
        response = (1.0 + 1j * (bins * hertz - f_c) / width) ** -4
        inside = (bins >= 0) & (bins < samples)
        passed = np.where(inside, spectrum[bins % samples], 0.0) * response
        result[:, band] = np.abs(np.fft.ifft(passed))[:steps]
    # 2, because half of a real tone is at -f_c; the ratio, because the two transforms differ in length
    return result * (2.0 * low / samples)


def _drive(envelope: NDArray[np.float64], cochlea: Cochlea) -> NDArray[np.float64]:
    """[steps, bands] input of the neurons: compressed, adapted, scaled."""
    from scipy.signal import lfilter  # here: scipy is heavy, and most commands do without

    x = (envelope / envelope.max()) ** cochlea.compression
    decay = math.exp(-cochlea.step_s / cochlea.adaptation_s)
    adapted = x - cochlea.adaptation * lfilter([1.0 - decay], [1.0, -decay], x, axis=0)
    return np.asarray(cochlea.gain * adapted - cochlea.bias)


def _spikes(
    drive: NDArray[np.float64], cochlea: Cochlea, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Leaky integrate-and-fire with threshold 1, reset to 0 and a refractory time."""
    steps, bands = drive.shape
    decay = math.exp(-cochlea.step_s / cochlea.membrane_s)
    refractory = round(cochlea.refractory_s * cochlea.rate)
    noise = rng.standard_normal((steps, bands)) * (cochlea.noise * math.sqrt(1.0 - decay * decay))
    charge = (1.0 - decay) * drive + noise
    membrane = np.zeros(bands)
    ready = np.zeros(bands, np.int64)  # first step at which a unit integrates again
    spikes = np.zeros((steps, bands), np.bool_)
    for t in range(steps):
        membrane = np.where(ready <= t, decay * membrane + charge[t], 0.0)
        fired = membrane >= 1.0
        membrane[fired] = 0.0
        ready[fired] = t + 1 + refractory
        spikes[t] = fired
    times, units = np.nonzero(spikes)
    return times, units

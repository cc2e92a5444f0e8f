"""The audio encoder, against closed forms and a filter in the time domain."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.trainer.data.cochlea import Cochlea, encode, envelopes

RATE = 16000


def tone(hertz: float, seconds: float = 0.4) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)


def test_centres_are_erb_spaced_from_high_to_low() -> None:
    centres = Cochlea().centres()
    assert len(centres) == 140
    assert centres[0] == pytest.approx(8000)
    assert centres[-1] == pytest.approx(80)
    erb = 24.7 * (4.37 * centres / 1000 + 1)
    steps = np.diff(-centres) / np.sqrt(erb[1:] * erb[:-1])  # in bandwidths: nearly constant
    assert steps.min() > 0
    assert steps.max() / steps.min() < 1.001


@pytest.mark.parametrize("hertz", [200, 1000, 4000])
def test_a_tone_excites_its_own_band_most(hertz: float) -> None:
    cochlea = Cochlea()
    envelope = envelopes(tone(hertz), RATE, cochlea)
    assert envelope.shape == (800, 140)
    nearest = int(np.abs(cochlea.centres() - hertz).argmin())
    assert int(envelope[400:700].mean(0).argmax()) == nearest
    centre = cochlea.centres()[nearest]
    away = (hertz - centre) / (1.019 * 24.7 * (4.37 * centre / 1000 + 1))
    assert envelope[400:700, nearest] == pytest.approx((1 + away**2) ** -2, abs=1e-3)  # |1 + i x|^-4


def test_filter_equals_a_gammatone_in_the_time_domain() -> None:
    # g(t) = (2 pi b)^4 / 3! t^3 exp(-2 pi b t) exp(2 pi i f t) has the response (1 + i (F - f) / b)^-4
    cochlea = Cochlea(bands=3, f_min=300.0, f_max=1500.0)
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(3200)
    t = np.arange(1600) / RATE
    for band, f in enumerate(cochlea.centres()):
        b = 1.019 * 24.7 * (4.37 * f / 1000 + 1)
        kernel = (
            (2 * np.pi * b) ** 4 / 6 * t**3 * np.exp(-2 * np.pi * b * t) * np.exp(2j * np.pi * f * t) / RATE
        )
        # The complex kernel meets only half of a real tone: the other half is at -f
        expected = 2 * np.abs(np.convolve(sound, kernel)[: len(sound)])[:: RATE // 2000]
        error = envelopes(sound, RATE, cochlea)[:, band] - expected
        assert np.abs(error).max() < 0.02 * expected.max()


def test_same_seed_same_events_other_seed_other_events() -> None:
    sound = tone(500)
    steps, units = encode(sound, RATE, 3)
    again = encode(sound, RATE, 3)
    np.testing.assert_array_equal(steps, again[0])
    np.testing.assert_array_equal(units, again[1])
    other = encode(sound, RATE, 4)
    assert not (np.array_equal(steps, other[0]) and np.array_equal(units, other[1]))


def test_events_are_sorted_in_range_and_keep_the_refractory_time() -> None:
    cochlea = Cochlea()
    steps, units = encode(tone(500), RATE, 0)
    assert len(steps) > 100
    assert steps.min() >= 0
    assert steps.max() < 800
    np.testing.assert_array_equal(np.lexsort((units, steps)), np.arange(len(steps)))
    shortest = min(np.diff(steps[units == u]).min() for u in range(140) if (units == u).sum() > 1)
    assert shortest > round(cochlea.refractory_s * cochlea.rate)


def test_level_does_not_matter() -> None:
    quiet, loud = encode(tone(500), RATE, 0), encode(1024 * tone(500), RATE, 0)
    np.testing.assert_array_equal(quiet[0], loud[0])
    np.testing.assert_array_equal(quiet[1], loud[1])


def test_adaptation_makes_an_onset_denser() -> None:
    steps, units = encode(tone(1000), RATE, 0)
    own = int(np.abs(Cochlea().centres() - 1000).argmin())
    fired = steps[units == own]
    assert (fired < 100).sum() > 1.5 * ((fired >= 400) & (fired < 500)).sum()


def test_first_spike_of_a_constant_drive_by_hand() -> None:
    # Without noise and adaptation v(k) = I (1 - d^k), d = exp(-0.5 / 4); a band at its maximum has the drive
    # I = gain - bias.
    cochlea = Cochlea(bands=1, f_min=1000.0, f_max=1001.0, adaptation=0.0, noise=0.0)
    steps, _ = encode(tone(1000), RATE, 0, cochlea)
    charging = next(k for k in range(1, 99) if 4.5 * (1 - math.exp(-0.125) ** k) >= 1)
    period = charging + 2  # two steps of refractory time
    assert np.median(np.diff(steps)[20:-20]) == period


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_number_of_steps_for_any_sample_rate(rate: int) -> None:
    sound = np.random.default_rng(0).standard_normal(rate // 10 + 1)
    assert envelopes(sound, rate, Cochlea()).shape[0] == 201


@pytest.mark.parametrize(
    ("sound", "rate", "text"),
    [
        (np.zeros(100), RATE, "not silent"),
        (np.zeros(0), RATE, "not silent"),
        (np.full(100, np.nan), RATE, "finite"),
        (np.ones((100, 2)), RATE, "one-dimensional"),
        (np.ones(100), 8000, r"8000 Hz cannot carry f_max = 8000\.0 Hz"),
    ],
)
def test_bad_audio(sound: NDArray[np.float64], rate: int, text: str) -> None:
    with pytest.raises(InputError, match=text):
        encode(sound, rate, 0)


@pytest.mark.parametrize(
    "change", [{"bands": 0}, {"noise": float("nan")}, {"gain": -1.0}, {"f_max": 50.0}, {"membrane_s": 0.0}]
)
def test_bad_constants(change: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        Cochlea(**change)  # type: ignore[arg-type]

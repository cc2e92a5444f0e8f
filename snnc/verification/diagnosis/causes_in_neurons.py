"""Causes in what neurons do: threshold, decays, reset, what is written down of them (`catalogue.py`)."""

from __future__ import annotations

from snnc.verification.diagnosis.hypothesis import Candidate

IN_NEURONS = (
    Candidate(
        "threshold-greater-or-equal",
        "A neuron fires where v meets its threshold exactly; the contract wants v above it.",
        "Look at the comparison: most training frameworks fire at v >= threshold (a step function that "
        "is 1 at 0). The contract's is >.",
        within="threshold-changed",
    ),
    Candidate(
        "threshold-off-by-one",
        "The threshold is one off.",
        "Look for a threshold that was rounded another way when it was quantised, or a >= that somebody "
        "mended by adding 1 on the wrong side of the shift by 6.",
        within="threshold-changed",
    ),
    Candidate(
        "threshold-low-bits-ignored",
        "v loses its low 6 bits before it is compared, so it must reach the next whole threshold.",
        "Compare v with the threshold shifted left by 6, not v shifted right by 6 with the threshold.",
        within="threshold-changed",
    ),
    Candidate(
        "threshold-scale",
        "The threshold is shifted by another number of bits than 6.",
        "Loihi and Lava shift the mantissa of the threshold left by 6 themselves: see whether it is "
        "shifted twice, or not at all.",
        within="threshold-changed",
    ),
    Candidate(
        "threshold-changed",
        "The threshold is another.",
        "Compare the threshold of this layer on both sides: its mantissa, its shift, and whose layer it is.",
    ),
    Candidate(
        "never-fires",
        "No neuron of the layer fires.",
        "Look at the comparison with the threshold, and whether its result is used.",
    ),
    Candidate(
        "decay-rounds-down",
        "The decay rounds toward minus infinity, where the contract rounds toward zero.",
        "An arithmetic shift of a negative number (>> in C, numpy, torch) rounds down: shift the "
        "magnitude and put the sign back.",
    ),
    Candidate(
        "decay-rounds-to-nearest",
        "The decay rounds to the nearest integer, where the contract rounds toward zero.",
        "Look for round(), rint or an added half (2048) before the shift; simulators in floating point "
        "round so when they store the state.",
    ),
    Candidate(
        "decay-rounds-away",
        "The decay rounds up or away from zero, where the contract rounds toward zero.",
        "Look for x - ((x * k) >> 12): what is taken away is rounded there, so what is left is rounded "
        "the other way. Multiply by 4096 - k instead.",
    ),
    Candidate(
        "decay-loses-sign",
        "The decay gives the magnitude without the sign.",
        "Look for an abs() whose sign is not put back, or for a state kept in an unsigned type.",
    ),
    Candidate(
        "decay-loses-low-bits",
        "The decay shifts before it multiplies, so the low bits of the state are lost.",
        "Multiply the magnitude by 4096 - k first, then shift by 12; the product needs 37 bits.",
    ),
    Candidate(
        "decay-overflows",
        "The product inside the decay overflows 32 bits.",
        "It needs 37 bits: use 64-bit integers there, or multiply in two parts.",
    ),
    Candidate(
        "decays-swapped",
        "The decay constants of current and membrane are exchanged.",
        "Look at the order of the arguments du, dv (in NIR: tau_syn and tau_mem) where the layer is built.",
        within="decay-changed",
    ),
    Candidate(
        "decay-off-by-one",
        "A decay constant is one off.",
        "Lava's fixed-point LIF decays the current by du + 1: see whether that 1 is taken off twice, or "
        "not at all.",
        within="decay-changed",
    ),
    Candidate(
        "decay-changed",
        "A decay constant is another.",
        "Compare du and dv of this layer on both sides: 4096 - k in place of k, a constant of another "
        "layer, a rounded one.",
    ),
    Candidate(
        "no-reset",
        "v stays where it is after a spike.",
        "Look at the assignment after the comparison; a reset that is written to a copy of v is lost.",
    ),
    Candidate(
        "reset-by-subtraction",
        "A spike takes the threshold off v, where the contract sets v to zero.",
        "Frameworks call this a soft reset (snnTorch reset_mechanism='subtract', SpikingJelly "
        "v_reset=None): choose the hard one, and train with it.",
    ),
    Candidate(
        "reset-clears-current",
        "A spike sets the current u to zero too.",
        "The reset is of v alone (clause 6); look for a reset of the whole state.",
    ),
    Candidate(
        "v-before-reset",
        "The record holds v before the reset; the spikes are right.",
        "Record v after the reset: move the probe behind it, or set the recorded v to 0 where it spiked.",
    ),
    Candidate(
        "reset-one-step-late",
        "v is reset in the step after the spike.",
        "Frameworks that reset at the start of the next step (snnTorch's reset_delay) do so: reset in "
        "the step of the spike.",
    ),
)

"""The faults that a diagnosis can name, the likelier before the less likely.

Where two faults fit equally well, the one that stands first here is named first: rules of the whole layer
before single synapses, and of those the ones with the least freedom to fit.
"""

from __future__ import annotations

from snnc.verification.diagnosis.causes_in_arrivals import IN_ARRIVALS
from snnc.verification.diagnosis.causes_in_neurons import IN_NEURONS
from snnc.verification.diagnosis.hypothesis import Candidate

IN_NUMBERS = (
    Candidate(
        "no-wrap",
        "u does not wrap where it leaves 24 bits.",
        "Put the correction of clause 3 in, or export a network that cannot overflow (without "
        "--allow-saturation).",
    ),
    Candidate(
        "wrap-saturates",
        "u stops at its limit, where the contract wraps.",
        "Loihi's current wraps and its membrane saturates: see whether both are treated alike.",
    ),
    Candidate(
        "wrap-boundary",
        "u wraps one value too early or too late.",
        "u lies in -2**23 + 1 .. 2**23; a two's-complement register of 24 bits holds -2**23 .. 2**23 - 1.",
    ),
    Candidate(
        "no-clip",
        "v is not clipped where it leaves 24 bits.",
        "Put the clip of clause 5 in, or export a network that cannot overflow (without --allow-saturation).",
    ),
    Candidate(
        "clip-boundary",
        "v is clipped one value too early or too late.",
        "v is clipped to -(2**23 - 1) .. 2**23 - 1, the same on both sides.",
    ),
    Candidate(
        "v-wraps",
        "v wraps at its limit, where the contract clips.",
        "Look for a cast to a narrow type; clause 5 clips before anything is stored.",
    ),
    Candidate(
        "register-too-narrow",
        "A sum or a state is kept in too few bits.",
        "The sum needs 19 bits, u and v 24 (clauses 2, 3 and 5): look at the types of the accumulators.",
    ),
    Candidate(
        "bias-missing",
        "The bias is not added.",
        "See whether the bias reaches the other side, and whether a zeroed default overwrites it.",
        within="biases-changed",
    ),
    Candidate(
        "bias-exponent-ignored",
        "The bias is its mantissa, without the exponent.",
        "The bias is bias_mant << bias_exp: look for an exponent that is lost or applied elsewhere.",
        within="biases-changed",
    ),
    Candidate(
        "biases-permuted",
        "Biases belong to other neurons of the layer.",
        "Look at the order of neurons in the array of biases, and at a sort, a flip or a roll that the"
        " weights did not get.",
        within="biases-changed",
    ),
    Candidate(
        "biases-changed",
        "Biases are others.",
        "Compare the mantissas and the exponent of the biases on both sides, and whether they are cut "
        "to fewer bits.",
    ),
    Candidate(
        "bias-one-step-early",
        "The bias acts once before the first step.",
        "Look for a warm-up step, or a state that starts at the bias in place of 0 (clause 8).",
    ),
    Candidate(
        "bias-one-step-late",
        "The bias does not act in the first step.",
        "The bias acts in every step 0 .. T-1, whether something arrives or not.",
    ),
    Candidate(
        "state-survives-sample",
        "The sample starts with the state in which the one before ended.",
        "Reset u and v between samples (clause 8).",
    ),
    Candidate(
        "input-of-the-sample-before",
        "The input is that of the sample before.",
        "Look for a buffer of inputs that is filled after it is read, or a batch that is one sample behind.",
    ),
    Candidate(
        "readout-fires",
        "The readout spikes and is reset.",
        "The last layer has no threshold: see what stands in its place on the other side.",
    ),
    Candidate(
        "synapse-missing",
        "A synapse is missing.",
        "Look for a sparse format that drops it (equal indices, a threshold for small weights).",
    ),
    Candidate(
        "source-missing",
        "Nothing arrives from one source, at any neuron of the layer.",
        "Look for a loop that leaves out the first or the last channel, or a mask of sources.",
    ),
    Candidate(
        "delay-changed",
        "A synapse has another delay.",
        "Compare this element of the delays on both sides.",
    ),
    Candidate(
        "weight-changed",
        "A synapse has another weight.",
        "Compare this element of the weights on both sides.",
    ),
    Candidate(
        "neurons-permuted",
        "Neurons give what others should.",
        "Look at the order of rows where the layer is split over cores or gathered again.",
    ),
)
"""Limits, biases, what is left of another sample, and single synapses."""

CATALOGUE = (*IN_NEURONS, *IN_ARRIVALS, *IN_NUMBERS)

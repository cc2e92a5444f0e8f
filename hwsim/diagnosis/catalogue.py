"""The faults that a diagnosis can name, as data, the likelier before the less likely.

Where two faults fit equally well, the one that stands first here is named first: rules of the whole layer
before single synapses, and of those the ones with the least freedom to fit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """`summary` says in one sentence what the other side did, `remedy` where to look."""

    name: str
    summary: str
    remedy: str


CATALOGUE = (
    Candidate(
        "threshold-greater-or-equal",
        "A neuron fires where v meets its threshold exactly; the contract wants v above it.",
        "Look at the comparison: most training frameworks fire at v >= threshold (a step function that "
        "is 1 at 0). The contract's is >.",
    ),
    Candidate(
        "threshold-off-by-one",
        "The threshold is one off.",
        "Look for a threshold that was rounded another way when it was quantised, or a >= that somebody "
        "mended by adding 1 on the wrong side of the shift by 6.",
    ),
    Candidate(
        "threshold-scale",
        "The threshold is shifted by another number of bits than 6.",
        "Loihi and Lava shift the mantissa of the threshold left by 6 themselves: see whether it is "
        "shifted twice, or not at all.",
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
    ),
    Candidate(
        "decay-off-by-one",
        "A decay constant is one off.",
        "Lava's fixed-point LIF decays the current by du + 1: see whether that 1 is taken off twice, or "
        "not at all.",
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
    Candidate(
        "input-one-step-late",
        "What arrives at the layer arrives one step late.",
        "Look for a buffer or a process boundary between source and layer that takes a step: a spike "
        "sent in step t with delay 0 acts in step t.",
    ),
    Candidate(
        "input-one-step-early",
        "What arrives at the layer arrives one step early.",
        "Look at the number of the first step: a run that counts from 1, or one that drops the first row.",
    ),
    Candidate(
        "record-one-step-late",
        "The record is one step behind.",
        "Look at when a probe reads: before the step it reads what the step before has left.",
    ),
    Candidate(
        "inputs-permuted",
        "The layer hears its sources in another order.",
        "Look at the order of channels or neurons where the layer is connected to the one before.",
    ),
    Candidate(
        "last-step-missing",
        "The last step is missing.",
        "Look at the length of the run (T steps, 0 .. T-1) and at a record that is read before it is full.",
    ),
    Candidate(
        "silent-steps-skipped",
        "A neuron stands still in steps in which nothing arrives at it.",
        "An event-driven simulator must decay u and v, add the bias and compare in the steps that it "
        "skips, or catch up on them.",
    ),
    Candidate(
        "delays-ignored",
        "All synapses act without a delay.",
        "See whether the delays reach the other side at all: NIR's Linear has none, and readers drop "
        "unknown fields.",
    ),
    Candidate(
        "delays-one-longer",
        "Delays are one step longer.",
        "Look for a ring buffer that is read before it is written, or a delay line in which 0 means the "
        "next step.",
    ),
    Candidate(
        "delays-one-shorter",
        "Delays are one step shorter.",
        "Look for a ring buffer that advances before spikes are put in, or delays that count from 1.",
    ),
    Candidate(
        "delays-clipped",
        "Delays above a limit are cut to it.",
        "Lava's importer of networks clamps delays silently to what a process holds: export with "
        "--relays, or train with a kernel that fits.",
    ),
    Candidate(
        "ring-too-short",
        "A ring buffer is too short, so long delays come round early.",
        "The ring must have at least one slot more than the longest delay.",
    ),
    Candidate(
        "ring-not-cleared",
        "A ring buffer keeps what it has delivered, which arrives again each time round.",
        "Set a slot of the ring to 0 after it was read.",
    ),
    Candidate(
        "delays-transposed",
        "Delays belong to other synapses of the layer.",
        "Look at the order of the axes (neurons, inputs) and at a reshape, a flip or a transpose that "
        "the weights did not get.",
    ),
    Candidate(
        "weights-transposed",
        "Weights belong to other synapses of the layer.",
        "Look at the order of the axes (neurons, inputs) and at a reshape, a flip or a transpose that the "
        "delays did not get.",
    ),
    Candidate(
        "weights-lose-low-bit",
        "Weights have lost their low bits.",
        "Loihi's mixed sign mode keeps 8-bit weights even, and lava-dl's importer chooses it for "
        "weights of both signs. Use weights of fewer bits.",
    ),
    Candidate(
        "weights-negated",
        "All weights have the other sign.",
        "Look at a sign that is applied twice, or at a current that is subtracted.",
    ),
    Candidate(
        "weights-clipped",
        "Weights beyond a limit are cut to it.",
        "Look for a number format with fewer bits, or one that is symmetric (-127 .. 127).",
    ),
    Candidate(
        "payload-ignored",
        "Events count 1, whatever their payload.",
        "Use graded spikes (Lava: num_message_bits), or export with --payload-max 1.",
    ),
    Candidate(
        "spikes-merged",
        "Of several spikes that arrive in one step only one counts.",
        "Look for = where += is meant, an |= of spikes, or a numpy a[index] += w with an index that "
        "repeats (np.add.at adds all).",
    ),
    Candidate(
        "current-scale",
        "The sum of weights is shifted by another number of bits than 6.",
        "Loihi shifts what arrives left by 6 by itself; Lava's weight_exp and num_weight_bits shift "
        "too. See whether it is shifted twice, or not at all.",
    ),
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
        "bias-missing",
        "The bias is not added.",
        "See whether the bias reaches the other side, and whether a zeroed default overwrites it.",
    ),
    Candidate(
        "bias-exponent-ignored",
        "The bias is its mantissa, without the exponent.",
        "The bias is bias_mant << bias_exp: look for an exponent that is lost or applied elsewhere.",
    ),
    Candidate(
        "bias-of-neighbour",
        "The bias is that of another neuron.",
        "Look at the order of neurons in the array of biases.",
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

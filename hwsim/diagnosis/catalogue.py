"""The faults that a diagnosis can name, as data, the likelier before the less likely.

Where two faults fit equally well, the one that stands first here is named first: rules of the whole layer
before single synapses, and of those the ones with the least freedom to fit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """`summary` says in one sentence what the other side did, `remedy` where to look.

    One that is `within` another is a special case of it, and then the other is not named beside it.
    """

    name: str
    summary: str
    remedy: str
    within: str | None = None


CATALOGUE = (
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
        "input-shifted",
        "What arrives at the layer is shifted by several steps.",
        "Look at the number of the first step, and at what is padded in front or cut off.",
    ),
    Candidate(
        "input-missing",
        "Nothing arrives at the layer.",
        "See whether it is connected, and whether its input is cut to zero.",
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
        "first-step-missing",
        "What is sent or arrives in the first step is lost.",
        "Look for a loop that starts at step 1, or a buffer that is cleared after the first events are"
        " in it.",
    ),
    Candidate(
        "silent-steps-skipped",
        "A neuron stands still in steps in which nothing arrives at it.",
        "An event-driven simulator must decay u and v, add the bias and compare in the steps that it "
        "skips, or catch up on them.",
    ),
    Candidate(
        "order-of-the-sums",
        "The sums and decays of clauses 3 and 5 are done in another order.",
        "Decay what the step before has left, then add what is new; compare v of this step.",
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
        "delayed-spikes-lost",
        "Synapses of some delays do not deliver.",
        "Look at the length of the delay line: a spike with the longest delay needs one place more "
        "than that; and see where delay 0 is handled.",
    ),
    Candidate(
        "delays-mapped",
        "All delays are changed by one rule.",
        "Look at the unit of the delays, and at an axis of time that is reversed.",
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
        "late-spikes-come-round",
        "What would arrive after the last step arrives in the first ones.",
        "Spikes that would arrive at step T or later arrive nowhere: look for an index modulo T, or a "
        "shift that rotates (np.roll).",
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
        "weights-cast",
        "Weights are read in another number format.",
        "Look at the type of the array of weights, and at casts of it.",
    ),
    Candidate(
        "payload-ignored",
        "Events count 1, whatever their payload.",
        "Use graded spikes (Lava: num_message_bits), or export with --payload-max 1.",
    ),
    Candidate(
        "payload-function",
        "Events count something else than their payload.",
        "The payload multiplies the weight: see how it is packed, and whether a table or a power of "
        "two stands in between.",
    ),
    Candidate(
        "spikes-merged",
        "Of several spikes that arrive in one step only one counts.",
        "Look for = where += is meant, an |= of spikes, or a numpy a[index] += w with an index that "
        "repeats (np.add.at adds all).",
    ),
    Candidate(
        "counts-cut",
        "Of the spikes of one step only so many count.",
        "Look at a counter, or a list of the events of a step, that is full.",
    ),
    Candidate(
        "buffer-too-short",
        "Spikes under way are lost where a buffer is full.",
        "Count the spikes that can be under way at once: a source may send in every step until its "
        "longest delay is over.",
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

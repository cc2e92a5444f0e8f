"""Causes in what arrives: input, delays, weights, payloads, buffers (`catalogue.py`)."""

from __future__ import annotations

from snnc.verification.diagnosis.hypothesis import Candidate

IN_ARRIVALS = (
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
)

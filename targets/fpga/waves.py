"""The signals of `make wave` to look at first, in groups, as a save file of GTKWave."""

from __future__ import annotations

from snnc.targets.fpga.shape import Shape

SAVE_FILE = "wave.gtkw"
WAVE = "wave.fst"
CORE = "snnc_clock.sim.core"
LANE = f"{CORE}.g_lane[0].lane"
BIT, HEX, UNSIGNED, SIGNED = "@28", "@22", "@24", "@420"
"""How GTKWave shows a signal."""
CYCLE, RESET = 10, 14
"""Nanoseconds of a cycle in `snnc_clock.v`; cycles before the accumulators are cleared, one a cycle."""
PIECE, LOAD = 16, 2
"""Bits of a synapse word that SPRAM takes at a time before the reset ends, and cycles that this takes."""
ZOOM = -10.0
"""A column of the time scale is 2 ** 10 ns: some hundred cycles are seen, from the first step on."""


def save_file(of: Shape) -> str:
    """The file `SAVE_FILE` for a core of the shape `of`."""
    loading = LOAD * of.words * -(-of.word_width // PIECE) if of.spram else 0
    first = CYCLE * (loading + of.ring_words + RESET)
    lines = [f'[dumpfile] "{WAVE}"', f"[timestart] {first}", "[size] 1500 900", f"*{ZOOM}" + " -1" * 28]
    for title, signals in _groups(of).items():
        lines += ["@200", f"-{title}"]
        for name, how, width in signals:
            lines += [how, name if width == 1 else f"{name}[{width - 1}:0]"]
    return "\n".join([*lines, ""])


def _groups(of: Shape) -> dict[str, list[tuple[str, str, int]]]:
    """Title -> path of a signal, how it is shown, and its bits; one of a bit has no range in a wave."""
    return {
        "Clock and steps": [
            (f"{CORE}.i_clk", BIT, 1),
            (f"{CORE}.o_step_end", BIT, 1),
            (f"{CORE}.o_cycles", UNSIGNED, 32),
            (f"{CORE}.o_starved", BIT, 1),
        ],
        "Input events": [
            (f"{CORE}.i_event_valid", BIT, 1),
            (f"{CORE}.o_event_ready", BIT, 1),
            (f"{CORE}.i_event_end", BIT, 1),
            (f"{CORE}.i_event_line", UNSIGNED, of.line_bits),
        ],
        "Sources, rows and synapse words": [
            (f"{CORE}.sources.source_valid", BIT, 1),
            (f"{CORE}.sources.source", UNSIGNED, of.source_bits),
            (f"{CORE}.sources.row_valid", BIT, 1),
            (f"{CORE}.sources.row_count", UNSIGNED, of.count_bits),
            (f"{CORE}.operations.word", BIT, 1),
            (f"{CORE}.operations.ahead", BIT, 1),
            (f"{CORE}.word_address", HEX, of.word_bits),
        ],
        "Updates of groups": [
            (f"{CORE}.update", BIT, 1),
            (f"{CORE}.group", UNSIGNED, of.group_bits),
        ],
        "Lane 0": [
            (f"{LANE}.sum_10", SIGNED, of.sum_bits),
            (f"{LANE}.o_u_16", SIGNED, of.u_bits),
            (f"{LANE}.o_v_16", SIGNED, of.v_bits),
            *([(f"{LANE}.o_w_16", SIGNED, of.w_bits)] if of.adapt else []),
            (f"{LANE}.o_spike_16", BIT, 1),
        ],
        "Results": [
            (f"{CORE}.o_valid", BIT, 1),
            (f"{CORE}.o_group", UNSIGNED, of.group_bits),
            (f"{CORE}.o_spikes", BIT, of.lanes),
        ],
    }

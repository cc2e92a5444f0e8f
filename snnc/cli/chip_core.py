"""What `snnc chip` tells of a core for an FPGA: what it takes, its cycles, and their time on a board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snnc.report.off_chip import PICOSECONDS_A_CYCLE, UNTIMED, clock_words, mean_words

if TYPE_CHECKING:
    from pathlib import Path

    from snnc.stages import Artifact
    from snnc.target import Target
    from snnc.verification.chip import ChipInputs


def report_core(
    artifact: Artifact, target: Target, inputs: ChipInputs, per_step: int | None, as_json: Path | None
) -> None:
    """Print the rows of the report of `snnc verify`, and the cycles that `inputs` take; of one sample those
    of each step."""
    from snnc.cli import console, results
    from snnc.cli.after_model import for_a_board
    from snnc.cli.after_verify import clean_first
    from snnc.cli.counted_on import print_golden
    from snnc.cli.following import hint, others
    from snnc.cli.lines import print_table
    from snnc.text import shell
    from snnc.verification.board_clock import board_clock
    from snnc.verification.core_cycles import board_mhz, cycles_of
    from snnc.verification.resources import resource_rows

    out = console.out()
    print_golden(inputs, "the cycles are")  # first: the numbers mean something else then
    with console.status(f"counting the cycles of {len(inputs.spikes)} samples"):
        cycles, mhz = cycles_of(artifact, inputs.spikes), board_mhz(artifact)
    if per_step is not None:
        steps = [{"step": step, "cycles": each} for step, each in enumerate(cycles[per_step].tolist())]
        results.write(as_json, "chip", {"inputs": inputs.name, "sample": per_step, "steps": steps})
        shown = [{name: f"{number:,}" for name, number in row.items()} for row in steps]
        print_table(shown, 1, f"steps of sample {per_step} of {inputs.name}", out)
        return
    (clock, unread), rows, by = board_clock(artifact, target), resource_rows(artifact, target), "by estimate"
    if clock is not None and clock.cells:  # as the report does
        counted = [
            {"resource": name, "use": f"{used} / {most}"} for name, (used, most) in clock.cells.items()
        ]
        rows, by = (*counted, *(row for row in rows if " / " not in row["use"])), "by placement"
    mean, longest = float(cycles.sum(axis=1).mean()), int(cycles.max(initial=0))
    found: dict[str, Any] = {"samples": len(cycles), "cycles": round(mean, 1), "longest_step": longest}
    if mhz is not None:
        found |= {"board_mhz": mhz, "latency": round(int(cycles.sum()) / mhz * PICOSECONDS_A_CYCLE)}
        found |= {} if clock is None else {"routed_mhz": clock.mhz}
    results.write(as_json, "chip", {"inputs": inputs.name, **found, "resources": list(rows)})
    title = "what the core takes" if mhz is None else f"what the core takes, of what there is {by}"
    print_table([dict(row) for row in rows], 2, title, out)
    for note in unread:
        out.print(f"note: {note}", soft_wrap=True)
    out.print(f"cycles: {mean_words(mean, inputs.one, inputs.counted, mhz)}")
    out.print(f"longest step: {longest:,} cycles")
    if mhz is None:
        out.print(f"clock: none, as no board is chosen; {for_a_board(artifact)}", soft_wrap=True)
    elif clock is None:
        out.print(f"clock: whether the {mhz:g} MHz of the board are met is {UNTIMED}")
    else:
        out.print(f"clock: {clock_words(clock)}")
    to_place = mhz is not None and clock is None
    placing = clean_first(artifact.path, shell("snnc", "place", artifact.path))
    hint(placing if to_place else others(artifact.path))

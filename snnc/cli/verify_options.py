"""What a user may tell `snnc verify`, and the command line that says it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from snnc.text import shell

ALL = "all"
ALL_GOLDEN = "none"
INPUT = "input"
"""Name of the group of inputs that a user gives as a file."""
STDOUT = "-"
TEST = "test"
"""The split that is compared if nobody says which."""
SAMPLES = 20
"""Recordings of the model's data to compare on if nobody says how many."""
GENERATED = 16
"""Inputs that are generated if nobody says how many."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What a user may tell `snnc verify`.

    `samples` recordings of each split, None for all; `split` may be "all", and then accuracy is of the test
    split, the one that training never saw. `input` is a file of more samples, as `snnc run` takes it;
    `of_input` of them, None for all.
    `output` is the folder of the report, `json` and `junit` are files to write beside it; `json` may be "-".
    """

    samples: int | None = SAMPLES
    split: str = TEST
    dataset: str | None = None
    input: Path | None = None
    of_input: int | None = None
    seed: int | None = None
    generated: int = GENERATED
    allow_missing: bool = False
    executors: tuple[str, ...] | None = None
    layers: tuple[str, ...] | None = None
    fail_fast: bool = False
    output: Path | None = None
    json: Path | None = None
    junit: Path | None = None
    trust_program: bool = False

    @property
    def to_stdout(self) -> bool:
        return str(self.json) == STDOUT

    def command(self, artifact: Path, brief: bool = False) -> str:
        """The command line that does the same again; `brief`: without what is so by default."""
        words: list[object] = ["snnc", "verify", artifact]
        samples: object = ALL if self.samples is None else self.samples
        if self.samples == SAMPLES and (brief or self.input is not None) and self.of_input is None:
            samples = None  # said beside an input, it would be of that, too
        for name, value in (
            ("samples", samples),
            ("split", None if self.split == TEST and (brief or self.input is not None) else self.split),
            ("dataset", self.dataset or None),
            ("input", self.input),
            ("seed", self.seed),
            ("generated", None if self.generated == GENERATED else self.generated),
            ("executors", ",".join(self.executors) if self.executors else None),
            ("layers", ",".join(self.layers) if self.layers else None),
            ("output", self.output),
            ("json", self.json),
            ("junit", self.junit),
        ):
            words += [] if value is None else [f"--{name}", value]
        words += ["--fail-fast"] if self.fail_fast else []
        words += ["--allow-missing"] if self.allow_missing else []
        words += ["--trust-program"] if self.trust_program else []
        return shell(*words)

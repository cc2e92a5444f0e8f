"""Altered files: a fixed few for every reader."""

from __future__ import annotations

from fuzzing.target import Target
from fuzzing.trial import Late, attempt, read

from snnc.errors import InputError

CASES = 25
"""Of each reader; `make fuzz` runs for minutes."""
HDF5 = (".h5", ".nir", ".nirdata", ".net")
HDF5_CASES = 4
"""Each is read by another process first."""


def test_every_reader_reads_or_refuses(fuzz_targets, tmp_path):
    for target in fuzz_targets.values():
        seed = tmp_path / f"seed{target.suffix}"
        for data in target.seeds:
            seed.write_bytes(data)
            if target.name not in ("spikes npz", "trace nirdata"):  # sound, but of other spikes
                target.read(seed)
        for number in range(HDF5_CASES if target.suffix in HDF5 else CASES):
            assert attempt(target, number, tmp_path) is None


def test_what_a_finding_is(tmp_path):
    def target(result):
        def read_file(path):
            if result is not None:
                raise result

        return Target("one", ".x", (b"a",), read_file)

    (tmp_path / "input.x").write_bytes(b"")
    ends = {error: read(target(error), 3, tmp_path / "input.x") for error in (None, InputError("no"))}
    assert set(ends.values()) == {None}
    for error in (ValueError("x"), MemoryError(), EOFError(), SystemExit(1), Late()):
        found = read(target(error), 3, tmp_path / "input.x")
        assert found is not None
        assert (found.target, found.number) == ("one", 3)


def test_cases_are_the_same_each_time(fuzz_targets):
    for target in fuzz_targets.values():
        if target.suffix not in (".pt", *HDF5):
            assert target.case(7) == target.case(7)
            assert len({target.case(number) for number in range(8)}) > 4

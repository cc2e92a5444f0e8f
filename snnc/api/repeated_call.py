"""The call of `Exported.verify` that repeats a verification, as the report names it."""

from __future__ import annotations

from pathlib import Path


def repeated_call(
    path: Path, given: list[str], *, trust_program: bool, real_numbers: bool, **options: object
) -> str:
    """That of what `load` makes of the artifact at `path`; no option that is None is told.

    `given`: its arrays and recordings, by name. `real_numbers`: the network in real numbers was measured,
    which is no part of an artifact: what the export returned has it, and what `load` returns has not.
    """
    told = [f"{name}={value!r}" for name, value in options.items() if value is not None]
    call = f"verify({', '.join([*given, *told])})"
    if real_numbers:
        return f"exported.{call}  # exported: what network.export returned, which holds the real numbers"
    return f"snnc.load({str(path)!r}{', trust_program=True' * trust_program}).{call}"

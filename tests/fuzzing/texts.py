"""JSON and TOML: values in the place of others, keys that are gone or new, nesting, text that is no text."""

from __future__ import annotations

import json
import random
import re
from typing import Any

DEEP: Any = []
for _ in range(400):
    DEEP = [DEEP]

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    1e308,
    1 << 31,
    1 << 64,
    10**400,
    "",
    "0",
    "\ud800",
    "\x1b[2J",
    "\x00",
    "../../etc/passwd",
    "x" * 5000,
    [],
    {},
    [[]],
    {"": None},
    [0] * 1000,
    DEEP,
)


def json_text(data: bytes, rng: random.Random) -> bytes:
    """One to four values of a JSON document changed; now and then its text is broken too."""
    content = json.loads(data)
    for _ in range(rng.randrange(1, 5)):
        content = _changed(content, rng)
    text = json.dumps(content)
    if rng.random() < 0.1:
        text = rng.choice(("[" * 200_000, text.replace("1", "1" * 5000, 1), text + text, "\ufeff" + text))
    return text.encode(errors="surrogatepass")


def _changed(value: Any, rng: random.Random) -> Any:
    """`value` with one change somewhere in it."""
    if isinstance(value, dict | list) and value and rng.random() < 0.9:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key, how = rng.choice(keys), rng.random()
        if how < 0.08:
            return (
                [each for i, each in enumerate(value) if i != key]
                if isinstance(value, list)
                else {k: v for k, v in value.items() if k != key}
            )
        if how < 0.14:
            if isinstance(value, list):
                return [*value, value[key]]
            return {**value, rng.choice(("", "new", "\x1b", *keys)): rng.choice(VALUES)}
        copy = value.copy()
        copy[key] = _changed(value[key], rng)
        return copy
    if isinstance(value, int | float) and abs(value) < 1 << 64 and rng.random() < 0.5:
        return rng.choice((-value, value + 1, value * 1000, float(value), str(value)))
    return rng.choice(VALUES)


_TOML_VALUES = (
    b"nan",
    b"-inf",
    b"1e999",
    b"-1",
    b"0",
    b"0.5",
    b"9" * 5000,
    b"[" * 5000,
    b"{a=" * 2000,
    b"[]",
    b"{}",
    b'""',
    b'"\\u0000"',
    b'"../../../etc/passwd"',
    b"true",
    b"1979-05-27",
    b"a" * 10_000,
    b"\xff",
    b"[1, 'a', {b = 2}]",
    b"65536",
    b"[" + b",".join(b"%d" % n for n in range(30_000)) + b"]",
    b'["\\u0000.toml"]',
    b'"\\u0000.toml"',
    b"4294967296",
)


def toml_text(data: bytes, rng: random.Random) -> bytes:
    """One to three values, keys or lines of a TOML document changed."""
    lines = data.splitlines()
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(lines))
        key, equals, value = lines[at].partition(b"=")
        lines[at] = rng.choice(
            (
                key + b"= " + rng.choice(_TOML_VALUES),
                key + b"= " + rng.choice(_TOML_VALUES),
                rng.choice((b"a.b", b"''", b"[x]", b"[[variants]]", b"[variants.'../x']")) + equals + value,
                re.sub(rb"\d+", rng.choice((b"0", b"-3", b"99999999999999999999")), lines[at], count=1),
                b".".join([b"a"] * 3000) + b" = 1",
                b"\n".join(b"[variants.v%d]" % n for n in range(5000)),
                rng.choice(lines),
                b"",
            )
        )
    return b"\n".join(lines)

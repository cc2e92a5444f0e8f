"""Text that others wrote, made fit to be printed: on one line, bounded, and steering no terminal."""

from __future__ import annotations

import re
import reprlib
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from unicodedata import is_normalized, normalize

from snnc.near_names import nearest

LINE = 2000
"""Most characters of a line of an error; a path has at most some 4,000."""
VALUE = 60
"""Most characters of a value in it."""

TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Characters that turn the direction of all text that follows, so that it reads as another."""

IN_BACKTICKS = re.compile("`([^`]+)`")
"""A command or a name, as it is set apart in a terminal."""


def straight(text: str) -> str:
    """`text` with those of `TURNING` escaped, for a page."""
    return text if TURNING.isdisjoint(text) else "".join(ascii(c)[1:-1] if c in TURNING else c for c in text)


def without_backticks(text: str) -> str:
    """`text` where neither a terminal nor a page sets commands and names apart, as in a label of a figure."""
    return IN_BACKTICKS.sub(r"\1", text)


def one_line(text: str) -> str:
    """`text` with all that does not print escaped: line breaks, what steers a terminal, lone surrogates."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of `text`: its start and its end, which in errors is the remedy."""
    if len(text) <= limit:
        return text
    end = (limit - 5) // 4
    return f"{text[: limit - 5 - end]} ... {text[len(text) - end :]}"


def pairs(values: Mapping[str, object]) -> str:
    """As "prune = 0.0, scale = –, pruned = (hidden1 = 0.5)": no notation of Python."""
    return ", ".join(f"{name} = {plain(value)}" for name, value in values.items())


def plain(value: object) -> str:
    """A value of JSON in words."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return f"[{', '.join(map(plain, value))}]"
        case Mapping():
            return f"({pairs(value)})"
    return str(value)


def quoted(value: object, limit: int = VALUE) -> str:
    """`value` of a stranger's file as Python writes it, on one line of at most `limit` characters.

    Of a tensor or an array that is no single number, its type and shape.
    """
    shape = getattr(value, "shape", ())
    if isinstance(shape, tuple) and shape:
        text = f"{type(value).__name__} of shape {tuple(shape)}"
    elif isinstance(value, str | bytes):
        text = repr(value[: limit + 1])
    else:
        short = reprlib.Repr()
        short.maxstring = short.maxother = short.maxlong = limit
        try:
            text = short.repr(value)
        except ValueError:  # Python writes no integer of so many digits
            text = f"a {type(value).__name__} without end"
    return shortened(one_line(text), limit)


def shell(*words: object) -> str:
    """`words` as a line for a shell that takes them as they are: whatever stands in them, nothing of it acts.

    A path that begins with a dash gets "./", as a command would take it for an option. What does not print is
    written as `$'...'`, of which Bash, zsh and POSIX make the same bytes again.
    """
    return " ".join(map(_word, words))


def _word(word: object) -> str:
    text = str(word)
    if isinstance(word, PurePath) and text.startswith("-") and text != "-":
        text = f"./{text}"
    if text.isprintable():
        return shlex.quote(text)
    parts = (c if c.isprintable() and c not in "'\\" else _bytes(c) for c in text)
    return f"$'{''.join(parts)}'"


def _bytes(character: str) -> str:
    """Escaped; a lone surrogate is a byte of a file's name that is no UTF-8."""
    how = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", how))


def joined(names: Sequence[str]) -> str:
    """As "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def many(count: int, what: str) -> str:
    """As "1 run" and "2 runs"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def did_you_mean(
    name: object, known: Iterable[str], others: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> str:
    """ " (did you mean 'lava-event'?)", or "" where none of `known` is near `name`.

    `others` has those that are meant by words that are not near.
    """
    near = others.get(str(name).lower().replace("-", "_")) or nearest(str(name), known)
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""


def with_near(names: Iterable[str], known: Collection[str], most: int = 3) -> str:
    """The first `most` of `names`, fit to be printed, each with the one of `known` that it may be meant for.

    Without it where `spelt_otherwise` tells how to write the name.
    """
    shown = list(names)
    told = (
        one_line(name) + ("" if spelt_otherwise([name], known) else did_you_mean(name, known))
        for name in shown[:most]
    )
    return ", ".join(told) + (", ..." if len(shown) > most else "")


SPELT = 12
"""Most names of which is told how to write them: who corrects them needs all of a usual file."""


def spelt_otherwise(
    names: Iterable[str],
    known: Iterable[str],
    form_of: Callable[[str], str] | None = None,
    count: str = "letter case and spaces",
) -> str:
    """How to write those `names` that one of `known` is but for their spelling, `SPELT` at most; or "".

    `form_of`: the same of two names that differ in what `count` says alone.
    """
    of, folded = list(known), form_of or _folded
    meant = list[tuple[str, str]]()
    for name in names:
        alike = [each for each in of if name != each and folded(name) == folded(each)]
        meant += [(name, each) for each in alike[:1]]
    written, told = list[str](), list[str]()
    for name, each in meant[:SPELT]:
        if normalize("NFC", name) == normalize("NFC", each):  # they look the same
            form = "NFC" if is_normalized("NFC", each) else "NFD"
            told.append(f"; bring {quoted(name)} into the form {form} of Unicode, in which it is known")
        else:
            written.append(f"{quoted(name)} as {quoted(each)}")
    more = ", ..." if len(meant) > SPELT else ""
    first = f"; write {', '.join(written)}{more}: {count} count" if written else ""
    return first + "".join(told) + (more if not written else "")


def _folded(name: str) -> str:
    return " ".join(normalize("NFKC", name).casefold().split())


def few(rows: list[str], most: int) -> list[str]:
    """At most `most` of them and one, which says how many are left out."""
    if len(rows) <= most:
        return rows
    half = most // 2
    return [*rows[:half], f"... {len(rows) - 2 * half} more ...", *rows[-half:]]

"""Code in the pages that people read: blocks, the commands in them, and commands within a sentence."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from places import ROOT

from snnc.cli.app import command_line

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "examples").glob("*/README.md")),
)
COMMANDS = command_line().commands
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}.*\n|\n(?= {4}))+", re.MULTILINE)
SPOKEN = re.compile(r"`(snnc(?: [^`]+)?)`")
SHELL = re.compile(
    r"(?:[A-Z_]+=\S+ |\$ |torchrun .*?|printf .*?\| )*"
    r"(?:snnc|make|pip|cc|python|pytest|uv|pre-commit|jupyter|\.{1,2}/(?:build/)?snn)\b(?!:)"
)
NOT_RUN = {
    r"snnc train (shd|ssc|gsc)\b": "the data are not ours to ship",
    r"train train\.toml": "trains for half an hour",
    r"cuda:|--processes|torchrun": "needs GPUs or several processes",
    r"demo/model": "of the demo; tests/e2e/test_readme.py runs it in an empty folder",
    r"^snnc demo$": "takes two minutes of Lava; tests/e2e/test_road.py runs it just so",
    r"snnc sweep": "trains dozens of networks; tests/unit/cli/test_sweep.py runs small ones",
    r"--target table|model\.table": "needs a plugin; tests/unit/targets/test_target_plugin.py installs it",
    r"snnc place": "takes minutes; tests/unit/targets/fpga/test_place.py synthesises a small core",
    r"model\.spinnaker": "takes minutes; tests/unit/targets/spinnaker runs small networks",
    r"words\.": "made by the network of the page; tests/e2e/test_graph_road.py follows the whole page",
    r"board\.(npz|nirdata)": "made by the snippets of the page; tests/unit/io/traces/test_forms.py runs them",
    r"theirs\.npz": "made by the snippet of the page; tests/unit/io/traces/test_printed.py runs it",
    r"^(make|pip|pre-commit|pytest|python|uv|cc|jupyter|SNNC_\w+=1 pytest)\b": "other programs",
    r"^\.{1,2}/(build/)?snn\b": "another program",
}
"""Commands that are only parsed, and why."""


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of a page: its language where a fence names one ("" else), and its text without indent."""

    page: str
    language: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """Page and first line, by which `tests/docs/test_docs.py` names a block."""
        return self.page.removeprefix("docs/"), self.text.splitlines()[0].strip()

    @property
    def lines(self) -> list[str]:
        """Lines, those that end in a backslash joined with the next."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]

    @property
    def shell(self) -> list[str]:
        """The lines that are commands; all of them in a block of commands."""
        return [] if self.language else [line for line in self.lines if SHELL.match(line)]


def blocks() -> list[Block]:
    """Every fenced and every indented block of every page, in order."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text()
        here = [(match.start(), match[1] or "text", match[2]) for match in FENCE.finditer(text)]
        unfenced = FENCE.sub(lambda match: re.sub(".", "x", match[0]), text)
        here += [(match.start(), "", match[0]) for match in INDENTED.finditer(unfenced)]
        found += [Block(page, kind, textwrap.dedent(code).strip("\n")) for _, kind, code in sorted(here)]
    return found


def lines(of: Iterable[Block]) -> list[str]:
    """Every command of these blocks once, in order, without its comment."""
    found = (re.sub(r"\s+# .*", "", line).strip() for block in of for line in block.shell)
    return list(dict.fromkeys(found))


def why_not_run(line: str) -> str | None:
    return next((why for pattern, why in NOT_RUN.items() if re.search(pattern, line)), None)


def spoken() -> Iterator[tuple[str, str]]:
    """Page and text of every `snnc ...` within a sentence."""
    for page in PAGES:
        text = FENCE.sub("", (ROOT / page).read_text())
        yield from ((page, " ".join(match[1].split())) for match in SPOKEN.finditer(text))


def arguments(line: str) -> list[str]:
    """What follows `snnc` in a line of a shell, without comment, pipe before it and redirection after it."""
    words = shlex.split(line[line.index("snnc ") :], comments=True)[1:]
    return words[: words.index(">")] if ">" in words else words


def parsed(words: list[str]) -> None:
    """Raise unless the command, its options and their values are such that snnc would begin."""
    name, *rest = words
    COMMANDS[name].make_context(name, list(rest))


def unknown_options(words: list[str]) -> set[str]:
    """Options in `words` that the command does not have."""
    parameters = COMMANDS[words[0]].params
    known = {option for one in parameters for option in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
    return {word for word in words if re.match(r"--?\w", word)} - known

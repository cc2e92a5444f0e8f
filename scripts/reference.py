"""Write docs/cli.md from help texts, and parts of glossary.md and from_torch.md from docstrings.

    python scripts/reference.py

A test compares the pages with what this writes.
"""

from __future__ import annotations

import inspect
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
FRAMEWORKS = {
    "lava": "lava-dl",
    "norse": "Norse",
    "rockpool": "Rockpool",
    "sinabs": "sinabs",
    "snntorch": "snnTorch",
    "spikingjelly": "SpikingJelly",
}
NAMES = "Names in the report"
"""Heading of the glossary's part that is written here."""
GENERATED = "<!-- Written by scripts/reference.py: change the help text of the command, and run it. -->\n\n"


def cell(text: str | None) -> str:
    """`text` in one line of a table; a bracket is escaped for the terminal."""
    return " ".join((text or "").split()).replace("\\[", "[").replace("|", "\\|")


def cli() -> str:
    """The page of commands: what each does, its arguments and options, and an example."""
    from snnc.cli.app import command_line

    page = ["# Commands", "`--help` after a command says the same. For exit codes see [verify in CI](ci.md)."]
    for name, command in command_line().commands.items():
        *said, example = (command.help or "").strip().split("\n\n")
        page += [f"## {name}", *map(cell, said), f"{example.replace('Example: ', 'Example: `')}`"]
        rows = ["| | | |", "|---|---|---|"]
        for one in command.params:
            # Only what typer's parameters have in every version: the rest of their interface changes.
            words = ", ".join(
                f"`{word}`" for word in (*one.opts, *one.secondary_opts) if word.startswith("-")
            )
            flag = isinstance(one.default, bool) or bool(one.secondary_opts)
            value = "" if flag else f"`{one.metavar or str(one.name).upper()}`"
            plain = isinstance(one.default, (str, int, float)) and not flag and one.default != ""
            default = f" (default `{one.default}`)" if plain else ""
            rows.append(f"| {words} | {value} | {cell(one.help)}{default} |")
        page.append("\n".join(rows))
    return GENERATED + "\n\n".join(page) + "\n"


def glossary() -> str:
    """The glossary: terms as they are written in the page, then the words of the report."""
    from snnc.report import glossary as words

    terms, heading, _ = (DOCS / "glossary.md").read_text().partition(f"## {NAMES}\n")
    page = [terms + heading + "\nWritten by `scripts/reference.py` from `snnc/report/glossary.py`."]
    for what, names in (
        ("executor", words.EXECUTORS),
        ("input group", words.INPUTS),
        ("accuracy stage", words.STAGES),
        ("further step of the loss budget", {k: v for k, v in words.STEPS.items() if k not in words.STAGES}),
    ):
        rows = "\n".join(f"| {words.stage_words(name)} | {cell(text)} |" for name, text in names.items())
        page.append(f"| {what} | meaning |\n|---|---|\n{rows}")
    return "\n\n".join(page) + "\n"


def from_torch() -> str:
    """The page of PyTorch modules, with its tables of neurons that are converted and that are refused."""
    import snnc.conversion.converters  # noqa: F401  # registers them
    from snnc.conversion.neurons import CONVERTERS, Refused

    kinds: dict[object, list[str]] = {}
    for kind, convert in CONVERTERS.items():
        kinds.setdefault(convert, []).append(kind)
    heads = {"converted": "what a step computes", "refused": "why, and what to do"}
    rows = {what: [f"| framework | modules | {head} |", "|---|---|---|"] for what, head in heads.items()}
    for convert, names in kinds.items():
        refused = isinstance(convert, Refused)
        said = f"{convert.why}. {convert.instead}" if refused else (inspect.getdoc(convert) or "")
        framework = FRAMEWORKS[names[0].partition(".")[0]]
        short = [name.removeprefix("lava.lib.dl.") for name in names]  # modules tell these apart, not names
        short = [name if name.startswith("slayer.") else name.rpartition(".")[2] for name in short]
        classes = ", ".join(f"`{name}`" for name in short)
        rows["refused" if refused else "converted"].append(f"| {framework} | {classes} | {cell(said)} |")
    page = (DOCS / "from_torch.md").read_text()
    for what, table in rows.items():
        head = f"<!-- {what}: scripts/reference.py -->\n"
        before, _, rest = page.partition(head)
        page = before + head + "\n".join(table) + "\n<!-- end -->" + rest.partition("<!-- end -->")[2]
    return page


def pages() -> dict[str, str]:
    """File name in docs/ -> text."""
    return {"cli.md": cli(), "glossary.md": glossary(), "from_torch.md": from_torch()}


if __name__ == "__main__":
    for file, text in pages().items():
        (DOCS / file).write_text(text)

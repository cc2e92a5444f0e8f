"""Each block of code in README and docs is run by a test, each command is one; see `test_commands.py`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

import pytest
from doc_blocks import BLOCKS, RUN_HERE
from doc_pages import COMMANDS, ROOT, Block, arguments, lines, parsed, spoken, unknown_options

PLUGIN = "unit/targets/test_target_plugin.py::test_the_page_quotes_it_exactly"
FORMS = "unit/io/traces/test_forms.py::test_the_snippets"
OWN_NEURONS = "unit/conversion/test_own_neurons.py::test_the_page_is_followed"
ELSEWHERE = {
    (
        "add_a_pass.md",
        '"""Pass: leave',
    ): "unit/exporter/test_passes.py::test_the_pass_of_the_docs_is_in_everything",
    (
        "spinnaker.md",
        "uv venv",
    ): "unit/targets/spinnaker/test_board.py::test_the_commands_of_the_docs_place_a_network",
    ("add_a_target.md", '"""A target for snnc'): PLUGIN,
    (
        "artifact.md",
        "uv venv",
    ): "unit/targets/loihi/test_executor.py::test_the_commands_of_the_docs_make_the_environment",
    ("add_a_target.md", '"""An executor for snnc'): PLUGIN,
    ("add_a_target.md", "[project]"): PLUGIN,
    ("api.md", ""): "docs/test_examples.py::test_the_page_is_followed",
    (
        "checkpoints.md",
        "import snnc",
    ): "unit/conversion/checkpoints/test_page.py::test_the_page_is_followed",
    ("c.md", "snn_reset"): "unit/targets/test_graph_answers.py::test_the_loop_of_the_page",
    ("ci.md", "+ BIT-EXACT"): "unit/cli/test_verdict.py::test_the_page_shows_what_is_printed",
    ("ci.md", "name: verify"): "unit/cli/test_help.py::test_the_workflow_of_the_docs",
    ("finetune.md", "import snntorch"): "unit/api/test_finetuning.py::test_the_page_is_followed",
    ("from_torch.md", ""): OWN_NEURONS,
    ("graphs.md", "import numpy as np"): "e2e/test_graph_road.py::test_the_page_is_followed",
    ("python.md", ""): "e2e/test_python_api.py::test_the_page_is_followed",
    ("README.md", "import snnc"): "e2e/test_python_api.py::test_three_lines",
    ("onnx.md", "for readout"): "unit/targets/test_graph_answers.py::test_the_snippet_of_the_page",
    ("onnx.md", "import json"): "e2e/test_onnx_cli.py::test_the_snippet",
    ("other_rtl.md", "import json"): "unit/io/traces/test_printed.py::test_the_snippet",
    ("traces.md", "import json"): FORMS,
    ("traces.md", "import nir"): FORMS,
}
"""Blocks that another test reads from the page and runs."""
NOT_CODE = {
    "delays.md": ("learned position", "$ snnc export", "before "),
    "fpga.md": ("events ─►", "first seen in snnc_ring"),
    "nir-delay-proposal.md": ("Linear (one-hot", "Linear [[1, 0]", "weight = [[", "y_i(t) ="),
    "placement.md": ("dense ", "readout, neuron 0"),
    "quantisation.md": ("snnc train digits", "cost  "),
    "ranges.md": ("snnc: hidden1",),
    "semantics.md": ("a_d[t, i]", "u[t] =", "decay(x, k)", "v[t] =", "w[t] =", "S[t] ="),
    "simulator.md": ("spikes · fan-out",),
    "spinnaker-arithmetic.md": ("I  = (excitatory",),
    "spinnaker.md": ("board: scales",),
}
"""Formulas, pictures and what a command printed once. The commands among them are parsed like all."""


def title(block: Block) -> str:
    return ": ".join(block.key)


def in_table(block: Block, table: Mapping[str, tuple[str, ...]]) -> bool:
    page, first = block.key
    return first.startswith(table.get(page, ("\0",)))


def elsewhere(block: Block) -> str | None:
    page, first = block.key
    found = [test for (at, start), test in ELSEWHERE.items() if at == page and first.startswith(start)]
    return found[0] if found else None


def test_somebody_answers_for_each_block() -> None:
    commands = [block for block in BLOCKS if len(block.shell) == len(block.lines)]
    claimed = [b for b in BLOCKS if elsewhere(b) or in_table(b, NOT_CODE) or b.key in {*RUN_HERE, *TUTORIAL}]
    assert [title(block) for block in BLOCKS if block not in [*commands, *claimed]] == []
    assert len(commands) >= 35


def test_no_answer_is_left_of_a_block_that_went() -> None:
    answers = [*ELSEWHERE, *RUN_HERE, *((page, start) for page in NOT_CODE for start in NOT_CODE[page])]
    keys = [block.key for block in BLOCKS]
    gone = [
        answer
        for answer in answers
        if not any(key[0] == answer[0] and key[1].startswith(answer[1]) for key in keys)
    ]
    assert gone == []


@pytest.mark.parametrize("block", [b for b in BLOCKS if elsewhere(b)], ids=title)
def test_the_other_test_is_there(block: Block) -> None:
    file, name = str(elsewhere(block)).split("::")
    tree = ast.parse((ROOT / "tests" / file).read_text())
    assert any(isinstance(node, ast.FunctionDef) and node.name.startswith(name) for node in tree.body)
    assert block.key[0] in (ROOT / "tests" / file).read_text()


@pytest.mark.parametrize("line", [line for line in lines(BLOCKS) if re.search(r"\bsnnc \w", line)])
def test_a_command_is_one(line: str) -> None:
    parsed(arguments(line))


def test_a_command_that_is_none_is_noticed() -> None:
    for line in ("snnc verify model.loihi --smaples 3", "printf x | snnc check a", "$ snnc verify a b"):
        with pytest.raises(Exception, match=r"(?i)no such option|missing|unexpected"):
            parsed(arguments(line))
    assert unknown_options(["export", "--weight-bits", "BITS", "--wieght-bits"]) == {"--wieght-bits"}


def test_commands_within_sentences_exist() -> None:
    said = [(page, text.split()[1:]) for page, text in spoken()]
    assert len(said) > 60
    wrong = [
        (page, words)
        for page, words in said
        if words and (words[0] not in COMMANDS or unknown_options(words))
    ]
    assert wrong == []


@pytest.mark.parametrize("line", [line for line in lines(BLOCKS) if not re.search(r"\bsnnc \w", line)])
def test_what_other_programs_are_told_exists(line: str) -> None:
    """Targets of the Makefile, files and folders of the repository."""
    words = re.sub(r"\s#.*", "", line).split()
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for path in (word for word in words if re.match(r"(tests|scripts|examples|\./examples)/", word)):
        assert (ROOT / path).exists()
    if words[0] == "cc":
        assert line in (ROOT / "tests/e2e/test_c_cli.py").read_text()


TUTORIAL = [block.key for block in BLOCKS if block.page == "docs/tutorial.md"]

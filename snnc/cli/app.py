"""The table of commands, and the one place that turns errors into a message and an exit code."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec

import typer
from typer.main import get_command

from snnc import __version__, extras
from snnc.cli import kinds, present, results
from snnc.cli.bytecode import cut_short
from snnc.cli.commands import Commands, FirstScreen
from snnc.cli.former_results import remove_former
from snnc.cli.memory import OUT_OF_MEMORY, is_of_memory
from snnc.cli.target_settings import as_given
from snnc.errors import FAULT, MissingFileError, SnncError
from snnc.io import signals
from snnc.text import LINE, one_line, shortened

P = ParamSpec("P")
CLOSED_PIPE = 141

app = typer.Typer(
    name="snnc",
    cls=FirstScreen,
    help="Train, export and verify spiking neural networks with learned synaptic delays.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def guarded(name: str, command: Callable[P, None]) -> Callable[P, None]:
    """The command `name`, with our errors printed in a line or two and their exit code (`docs/ci.md`)."""

    @functools.wraps(command)
    def run_guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            try:
                if name == "verify":
                    remove_former(kwargs)
                present.check_present(name, kwargs)
                results.check_place(name, kwargs)
                with results.as_told(kwargs):
                    command(*args, **kwargs)
            except Exception as error:
                signals.reraise_pending()  # a library that calls back into Python may hide its error
                if is_of_memory(error):
                    print(OUT_OF_MEMORY, file=sys.stderr)
                    raise typer.Exit(2) from None
                if isinstance(error, ImportError) and (lacks := extras.not_installed(error)):
                    raise lacks from None
                raise
            finally:
                sys.stdout.flush()  # here, so that a closed pipe is noticed in time
        except SnncError as error:
            said = error if isinstance(error, MissingFileError) else kinds.explained(error, name, kwargs)
            print(f"snnc: {as_given(str(said), kwargs)}", file=sys.stderr)
            raise typer.Exit(said.exit_code) from None
        except EOFError as error:  # click would make it exit code 1, which is "not equal"
            print(cut_short(error) or "snnc: a file ended too soon; it is truncated", file=sys.stderr)
            raise typer.Exit(2) from None
        except BrokenPipeError:
            _abandon_stdout()
            raise typer.Exit(CLOSED_PIPE) from None
        except OSError as error:  # of the machine, in a place where no command can say more
            try:
                sys.stdout.flush()
                where = f"{error.filename}: " if error.filename else ""
            except OSError:
                _abandon_stdout()
                where = "stdout: "
            why = error.strerror or str(error) or type(error).__name__
            print(shortened(one_line(f"snnc: {where}{why}"), LINE), file=sys.stderr)
            raise typer.Exit(2) from None
        except typer.Exit:
            raise
        except Exception:
            traceback.print_exc()
            print(
                "snnc: this is a fault of snnc itself; please report it with the lines above", file=sys.stderr
            )
            raise typer.Exit(FAULT) from None

    return run_guarded


def _abandon_stdout() -> None:
    """What it still holds cannot be written: nor must Python try to as it exits."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(show: bool) -> None:
    if show:
        print(f"snnc {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


_OLD_OPTIONS = {
    "export": {"steps": "time-steps"},
    "check": {"steps": "time-steps"},
    "targets": {"steps": "time-steps"},
    "run": {"steps": "trace-steps"},
    "chip": {"steps": "per-step"},
}
"""Command -> names of options in 0.1.0, which the help no longer shows, and what they are called now."""


def _current_name(old: dict[str, str]) -> Callable[[str], str]:
    return lambda option: old.get(option, option)


def _made(name: str, command: Callable[..., None]) -> Callable[..., object]:
    """The command `name` as click runs it, made of its signature."""
    alone = typer.Typer(add_completion=False)
    settings = {"token_normalize_func": _current_name(_OLD_OPTIONS.get(name, {}))}
    alone.command(name, cls=results.Command, context_settings=settings)(guarded(name, command))
    return get_command(alone)


@functools.cache
def command_line() -> Any:
    """`app` as click runs it: made once, not at each call from Python, and a command when it is asked for."""
    group = get_command(app)
    assert isinstance(group, FirstScreen)
    group.commands = Commands(_made)  # type: ignore[assignment]  # none is added or removed
    return group

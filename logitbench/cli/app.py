"""The command line, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Annotated

import typer

from logitbench import __version__
from logitbench.cli import check, compare, doctor, export, probe, report, run, streams
from logitbench.cli import list as list_command
from logitbench.cli.commands import Commands
from logitbench.errors import LogitbenchError, limit_of_the_system

app = Commands(
    name="logitbench",
    help="Compare logit heads with probability heads: paired training runs that differ only in the head's activation "
    "and the loss's from_logits. Says which loss is really computed, whether it matters for your model, by how much, "
    "and what to change.",
    epilog="Example: logitbench run --epochs 3, then logitbench compare results/. "
    "Exit codes: 0 done; 1 a finding that you asked to fail on; 2 a wrong command line, experiment or results folder; "
    "3 data that cannot be had; 4 a training failed, what finished is saved; 70 a fault of logitbench; "
    "74 standard output cannot be written; 129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM; 141 the reader of standard "
    "output closed it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: square brackets in it are brackets
    context_settings={
        "help_option_names": ["-h", "--help"],
        # typer's own default of these flags is None, and to validate it typer imports pydantic
        "default_map": {"help": False, "install_completion": False, "show_completion": False, "list": {"help": False}},
    },
)
app.add(
    "run",
    run.command,
    short_help="Train the arms as true pairs.",
    epilog="Example: logitbench run imdb --data aclImdb_v1.tar.gz",
    context_settings={"allow_extra_args": True},  # the command says what to type in place of them
)
app.add(
    "compare",
    compare.command,
    short_help="Show the arms side by side, and why they differ.",
    epilog="Example: logitbench compare results/ --metric val_nll --format markdown. Exit codes: 0 shown, also where "
    "runs that differ stand apart; 1 a verdict that --fail-on names; 2 a wrong command line or results folder, or with "
    "--strict runs that differ.",
)
app.add(
    "export",
    export.command,
    short_help="Write the epoch table to a file.",
    epilog="Example: logitbench export results/ -o epochs.csv",
)
app.add(
    "report",
    report.command,
    short_help="Write a page with charts.",
    epilog="Example: logitbench report results/ -o report.html",
)
app.add_typer(probe.app, name="probe", short_help="Measure what heads and losses really compute.")
app.add(
    "check",
    check.command,
    short_help="Find heads that do not fit their loss or metrics.",
    epilog="Example: logitbench check src/ notebooks/ --fix, or logitbench check model.keras package.module:make. Exit "
    "codes: 0 nothing found; 1 findings, with --fix those that are left, with --diff changes, too; 2 a wrong command "
    "line, or a file or model that cannot be checked or written: the others are checked all the same.",
)
app.add(
    "list",
    list_command.command,
    short_help="List experiments and arms.",
    epilog="Example: logitbench list --paths",
)

app.add(
    "doctor",
    doctor.command,
    short_help="Tell what is whole or broken in results.",
    epilog="Example: logitbench doctor results/ --repair. Exit code 1 where something is failed, torn or broken.",
)

_debug = False


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"logitbench {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="LOGITBENCH_DEBUG", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""
    del version
    context.obj = {"debug": debug}
    global _debug
    _debug = debug
    if debug:
        os.environ["LOGITBENCH_DEBUG"] = "1"  # for processes that are started


def main() -> None:
    """Run the command line; the console script."""
    streams.prepare()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except streams.OutputError as error:
        if error.exit_code == streams.SIGPIPE_EXIT_CODE:
            sys.exit(error.exit_code)  # the reader has what it wanted: `| head` is no error
        _fail(error.message, error.hint, error.exit_code)
    except LogitbenchError as error:
        _fail(error.message, error.hint, error.exit_code)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("logitbench"):
            _fail(
                f"the Python package {error.name} is not installed",
                "Run: pip install logitbench, which installs every package that its commands need.",
                2,
            )
        if isinstance(error, OSError) and (limit := limit_of_the_system(error)):
            _fail(limit.message, limit.hint, limit.exit_code)
        _fail(
            f"unexpected {type(error).__name__}: {error}",
            "This is a fault of logitbench. `logitbench --debug ...` shows where; please report it.",
            70,
        )


def _fail(message: str, hint: str, exit_code: int) -> None:
    if _debug:
        traceback.print_exc()
    from logitbench.report.plain import printable

    sys.stderr.write(printable(f"error: {message}\n") + (printable(f"{hint}\n") if hint else ""))
    sys.exit(exit_code)

"""The command line: commands open, call the library and print. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import sys

import click

from skillmatch import __version__
from skillmatch.cli.audit import audit, demo, gaps, report
from skillmatch.cli.decide import bundle, compare, whatif
from skillmatch.cli.evaluate import evaluate
from skillmatch.cli.extract import extract
from skillmatch.cli.rank import rank
from skillmatch.cli.taxonomy import taxonomy
from skillmatch.cli.train import train
from skillmatch.errors import SkillmatchError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="skillmatch")
def cli() -> None:
    """Audit what courses teach against what manufacturers ask for.

    Reads job postings and syllabi in English and Italian, finds the skills in them, and says what is missing, how
    sure that is, which courses would close it, and which sentences prove it.

    Exit codes: 0 done, 2 wrong usage, 3 input cannot be used, 4 taxonomy inconsistent, 5 nothing left to work on,
    130 interrupted.
    """


for command in (audit, bundle, compare, demo, evaluate, extract, gaps, rank, report, taxonomy, train, whatif):
    cli.add_command(command)


def main() -> None:
    """Entry point: errors of the library become one line on stderr and an exit code."""
    try:
        cli(standalone_mode=False)
    except SkillmatchError as error:
        click.echo(f"skillmatch: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("skillmatch: interrupted; files already written are complete", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        sys.stderr.close()
        sys.exit(0)

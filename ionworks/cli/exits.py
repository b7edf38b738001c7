"""Exit codes, and how failures are reported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ionworks.cli.output import Output

__all__ = ["MEANINGS", "Code", "code_of", "reported"]


class Code(IntEnum):
    """Exit codes of the command; they do not change between releases."""

    DONE = 0
    REFUSED = 1
    INVALID = 2
    FAILED = 3
    TIMED_OUT = 4
    NOT_FOUND = 5
    CREDENTIALS = 6
    CONNECTION = 7
    INTERRUPTED = 130


MEANINGS = {
    Code.DONE: "done",
    Code.REFUSED: "the service or the engine refused the request, or failed",
    Code.INVALID: "wrong usage or invalid input",
    Code.FAILED: "a simulation or fit failed or was canceled",
    Code.TIMED_OUT: "the time limit of a wait has passed",
    Code.NOT_FOUND: "a record does not exist",
    Code.CREDENTIALS: "the key is missing or invalid, or lacks the permission",
    Code.CONNECTION: "the service cannot be reached",
    Code.INTERRUPTED: "interrupted by Ctrl-C",
}


@contextmanager
def reported(output: Output, *, debug: bool = False) -> Iterator[None]:
    """Report failures that users can act on in one message, and exit with their code.

    Errors of the program itself are raised, with their traceback.

    Parameters
    ----------
    output : Output
        Writes the message.
    debug : bool, optional
        Whether to raise every exception.

    Raises
    ------
    typer.Exit
        With the code of the failure.
    """
    from ionworks.errors import IonworksError

    try:
        yield
    except (KeyboardInterrupt, typer.Abort):  # the latter at a question
        # A wait has said what becomes of its jobs.
        raise typer.Exit(Code.INTERRUPTED) from None
    except BrokenPipeError:
        # A program such as `head` has read enough; the rest would be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Code.DONE) from None
    except (IonworksError, ValueError, TypeError, ImportError, OSError) as error:
        if debug:
            raise
        output.error(_message(error))
        raise typer.Exit(code_of(error)) from None


def code_of(error: Exception) -> Code:
    """Return the exit code of a failure."""
    from ionworks import errors
    from ionworks.cli.access import MissingKeyError
    from ionworks.cli.profiles import KeyringFailureError

    codes = {
        errors.JobError: Code.FAILED,
        errors.WaitTimeoutError: Code.TIMED_OUT,
        errors.NotFoundError: Code.NOT_FOUND,
        errors.AuthenticationError: Code.CREDENTIALS,
        errors.PermissionDeniedError: Code.CREDENTIALS,
        errors.ServiceConnectionError: Code.CONNECTION,
        errors.BadRequestError: Code.INVALID,
        errors.UnprocessableError: Code.INVALID,
        errors.MeasurementValidationError: Code.INVALID,
        errors.IonworksError: Code.REFUSED,
        KeyringFailureError: Code.CREDENTIALS,
        MissingKeyError: Code.CREDENTIALS,
    }
    for kind, code in codes.items():
        if isinstance(error, kind):
            return code
    return Code.INVALID


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return "\n".join([str(error), *getattr(error, "__notes__", ())])

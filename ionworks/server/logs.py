"""The log of a served engine: readable lines, or JSON for programs, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Final

from ionworks.server.http import request_ids

FORMATS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
_TEXT: Final = "%(asctime)s %(levelname)s %(message)s%(of_request)s"


def configure(form: str, level: str) -> None:
    """Write what this process logs to standard error.

    Parameters
    ----------
    form
        One of `FORMATS`.
    level
        Lowest level that is written, one of `LEVELS`.

    Raises
    ------
    ImportError
        JSON needs structlog, which is not installed.
    """
    handler = _StandardError()
    handler.addFilter(_add_request)
    handler.setFormatter(_json_formatter() if form == "json" else logging.Formatter(_TEXT))
    root = logging.getLogger()
    for old in root.handlers:
        if isinstance(old, _StandardError):
            root.removeHandler(old)
            break
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    # Other packages tell much that is of no use to operators.
    logging.getLogger("ionworks").setLevel(level.upper())


class _StandardError(logging.Handler):
    """Writes to what is the standard error at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 as the handlers of the standard library do
            self.handleError(record)


def _add_request(record: logging.LogRecord) -> bool:
    """Give a record the id of the request that this thread answers."""
    given = getattr(record, "request_id", None) or request_ids.current.get()
    record.of_request = "" if given is None else f" (request {given})"
    if given is not None:
        record.request_id = given
    return True


def _json_formatter() -> logging.Formatter:
    import structlog

    def drop_text(
        _logger: object, _name: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event.pop("of_request", None)  # of the readable form
        return event

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            drop_text,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )

"""How the hub logs: one line an event, on standard error, and never what somebody typed.

An error's text quotes what it choked on (a database names the row, a parser the word), so of an error only its
type and its way through our files are kept: no message, no local variables.
"""

import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger


def set_up_logging(stream: TextIO | None = None) -> None:
    """Log from now on as said above, to `stream` or standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            way_of_error,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def way_of_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put `error` (types, the cause last) and `way` (file:line, innermost last) in place of the exception."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        chain = list(_chain(error))
        event["error"] = ">".join(type(one).__name__ for one in chain)
        event["way"] = " ".join(_frames(chain[-1].__traceback__))
    return event


def _chain(error: BaseException) -> list[BaseException]:
    found = [error]
    while (cause := found[-1].__cause__ or found[-1].__context__) is not None and cause not in found:
        found.append(cause)
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if "referral_hub" in frame.filename]
    return [f"{frame.filename.rpartition('referral_hub/')[2]}:{frame.lineno}" for frame in (ours or frames)[-8:]]

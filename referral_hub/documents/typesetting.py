"""Letters as PDF/UA-1: tagged, with a language and a title, set in the typesetter's own fonts; no network, no files.

The work is done beside the event loop by few threads, since a thread cannot be stopped: the limits of `sheets.py` keep
it short, and whoever waits longer than `SECONDS` is told so.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from typing import Final

import msgspec
import typst

from referral_hub import clock
from referral_hub.documents.sheets import Letter, TooLong, checked
from referral_hub.errors import Refused
from referral_hub.web.page import templates_folder

SECONDS: Final = 10.0
_SETTERS: Final = 2

_pool: Final = ThreadPoolExecutor(_SETTERS, thread_name_prefix="letters")
_own = threading.local()


@cache
def _template() -> bytes:
    return (templates_folder() / "letters" / "letter.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _compiler() -> typst.Compiler:
    # One for each thread: a compiler keeps what it is working on in itself.
    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)
    found: typst.Compiler = _own.compiler
    return found


def typeset(letter: Letter, now: datetime) -> bytes:
    """The PDF, dated `now`. Raises TooLong."""
    facts = msgspec.json.encode(checked(letter)).decode()
    made = _compiler().compile(
        _template(),
        format="pdf",
        sys_inputs={"facts": facts},
        pdf_standards=["ua-1"],
        timestamp=int(now.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


async def pdf_of(letter: Letter) -> bytes:
    """The PDF, set beside the event loop. Raises Refused `letter_too_long` or `letter_took_too_long`."""
    waiting = asyncio.get_running_loop().run_in_executor(_pool, typeset, letter, clock.now())
    try:
        return await asyncio.wait_for(waiting, SECONDS)
    except TooLong:
        raise Refused("letter_too_long") from None
    except TimeoutError:
        raise Refused("letter_took_too_long") from None

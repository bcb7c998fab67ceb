"""The demonstration's own mailbox: a mail server on loopback that keeps every letter and delivers none."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from msgspec import Struct

from referral_hub import clock
from referral_hub.settings import PREFIX, settings

KEPT = 500
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;)]")
_boxes: list["Mailbox"] = []


class Letter(Struct, frozen=True):
    """One letter as the page and `/demo/mail.json` show it; `links` are the addresses in its text."""

    id: int
    at: datetime
    to: str
    subject: str
    text: str
    html: str
    links: list[str]


class Mailbox:
    """Letters as files of a folder, so that they outlive a restart; the oldest leave when there are too many."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.paths = sorted(folder.glob("*.eml"))

    @property
    def letters(self) -> list[Letter]:
        """All letters, oldest first; each is read when somebody first looks."""
        return [_read(path) for path in self.paths]

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        """Keep the letter; the sender is told that it is taken."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        number = int(self.paths[-1].name.partition(".")[0]) + 1 if self.paths else 1
        moment = clock.now()
        path = self.folder / f"{number:08d}.{int(moment.timestamp())}.eml"
        await asyncio.to_thread(path.write_bytes, content)
        self.paths.append(path)
        for old in self.paths[:-KEPT]:
            old.unlink(missing_ok=True)
        del self.paths[:-KEPT]
        return "250 OK"


@lru_cache(maxsize=KEPT)
def _read(path: Path) -> Letter:
    number, at, _ = path.name.split(".")
    message = message_from_bytes(path.read_bytes(), policy=default)
    text, html = _part(message, "plain"), _part(message, "html")
    return Letter(
        id=int(number),
        at=datetime.fromtimestamp(int(at), clock.WARSAW),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=text,
        html=html,
        links=list(dict.fromkeys(_LINK.findall(text))),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def open_mailbox() -> Mailbox | None:
    """The mailbox of this process, if it is a demonstration."""
    return _boxes[-1] if _boxes else None


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """Keep all mail of this process from going anywhere: an SMTP server on a free loopback port takes it."""
    box = Mailbox(settings().data_dir / "mail")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    before = os.environ.get(f"{PREFIX}SMTP_URL")
    os.environ[f"{PREFIX}SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    settings.cache_clear()
    _boxes.append(box)
    try:
        yield box
    finally:
        _boxes.remove(box)
        os.environ.pop(f"{PREFIX}SMTP_URL")
        if before is not None:
            os.environ[f"{PREFIX}SMTP_URL"] = before
        settings.cache_clear()
        server.close()
        await server.wait_closed()

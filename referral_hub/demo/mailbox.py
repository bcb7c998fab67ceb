"""The demonstration's own mailbox: a mail server and a gateway for text messages on loopback that keep every letter
and deliver none."""

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

import msgspec
from aiosmtpd.smtp import SMTP, Envelope
from msgspec import Struct

from referral_hub import clock
from referral_hub.settings import PREFIX, settings

KEPT = 500
CHANNEL = "X-Channel"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;)]")
_boxes: list["Mailbox"] = []


class TextMessage(Struct, frozen=True):
    """What the hub posts to a gateway (`mail/sms.py`)."""

    to: str
    text: str
    reference: str


class Letter(Struct, frozen=True):
    """One letter as the page and `/demo/mail.json` show it; `links` are the addresses in its text.

    `channel`: email, or sms for a text message, whose `to` is a number.
    """

    id: int
    at: datetime
    to: str
    subject: str
    text: str
    html: str
    links: list[str]
    channel: str = "email"


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
        await self._keep(envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode())
        return "250 OK"

    async def take_text_message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep a text message that the hub posts to its gateway, as a letter of its own kind."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
            said = msgspec.json.decode(await reader.readexactly(int(length.partition(":")[2])), type=TextMessage)
            letter = EmailMessage()
            letter["To"], letter["Subject"], letter[CHANNEL] = said.to, said.text.partition(": ")[0], "sms"
            letter.set_content(said.text)
            await self._keep(letter.as_bytes())
            status = "200 OK"
        except (ValueError, StopIteration, asyncio.IncompleteReadError, msgspec.DecodeError):
            status = "400 Bad Request"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def _keep(self, content: bytes) -> None:
        number = int(self.paths[-1].name.partition(".")[0]) + 1 if self.paths else 1
        moment = clock.now()
        path = self.folder / f"{number:08d}.{int(moment.timestamp())}.eml"
        await asyncio.to_thread(path.write_bytes, content)
        self.paths.append(path)
        for old in self.paths[:-KEPT]:
            old.unlink(missing_ok=True)
        del self.paths[:-KEPT]


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
        channel=str(message[CHANNEL] or "email"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def open_mailbox() -> Mailbox | None:
    """The mailbox of this process, if it is a demonstration."""
    return _boxes[-1] if _boxes else None


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """Keep all mail of this process from going anywhere: servers on free loopback ports take letters and messages."""
    box = Mailbox(settings().data_dir / "mail")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", 0)
    gateway = await asyncio.start_server(box.take_text_message, "127.0.0.1", 0)
    urls = {"SMTP_URL": f"smtp://127.0.0.1:{_port(server)}", "SMS_URL": f"http://127.0.0.1:{_port(gateway)}"}
    before = {name: os.environ.get(f"{PREFIX}{name}") for name in urls}
    os.environ |= {f"{PREFIX}{name}": url for name, url in urls.items()}
    settings.cache_clear()
    _boxes.append(box)
    try:
        yield box
    finally:
        _boxes.remove(box)
        for name, url in before.items():
            os.environ.pop(f"{PREFIX}{name}")
            if url is not None:
                os.environ[f"{PREFIX}{name}"] = url
        settings.cache_clear()
        for one in (server, gateway):
            one.close()
            await one.wait_closed()


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])

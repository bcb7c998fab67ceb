"""The other end of SMTP: keeps what came, so that a test can read a mail as its reader would."""

import email
import email.policy
import re
import time
from email.message import EmailMessage
from typing import Any


class Mailbox:
    """An aiosmtpd handler that keeps every message."""

    port: int

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def wait_for(self, to: str, link: str, *, seconds: float = 20) -> str:
        """The newest address holding `link` (such as `/a/`) in a mail to this reader."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for message in reversed(self.messages):
                if message["To"] == to:
                    body = message.get_body(("plain",))
                    found = re.search(rf"https?://\S*{re.escape(link)}\S+", body.get_content() if body else "")
                    if found:
                        return found[0].rstrip(".,)")
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} with {link}: {[(m['To'], m['Subject']) for m in self.messages]}")

"""Mail through the transactional queue: wished for inside the change, handed to SMTP by a job."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from referral_hub.database.columns import seal, to_json, unseal
from referral_hub.database.writes import Write
from referral_hub.jobs.actions import enqueue, enqueue_many, wish
from referral_hub.mail.delivery import note_refused, note_sent
from referral_hub.settings import settings


def template_folder() -> Path:
    """Where templates stand: beside the package in a checkout, inside it in the wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


_environments: dict[str, Environment] = {}


def _environment() -> Environment:
    if "mail" not in _environments:
        _environments["mail"] = Environment(
            loader=FileSystemLoader(template_folder() / "email"),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
    return _environments["mail"]


def letter(
    to: str,
    template: str,
    language: str,
    facts: Mapping[str, object],
    *,
    institution: UUID | None = None,
    subject_id: UUID | None = None,
    key: str | None = None,
) -> Write:
    """The mail as a write, for a change that gathers all it leaves behind."""
    return wish("send_mail", sealed_payload(to, template, language, facts, institution, subject_id), key=key)


async def queue(
    to: str,
    template: str,
    language: str,
    facts: Mapping[str, object],
    *,
    institution: UUID | None = None,
    subject_id: UUID | None = None,
    key: str | None = None,
) -> None:
    """Wish for a mail from `templates/email/<template>/<language>/` after this transaction commits.

    `facts` fill the template and must hold nothing personal: a number, a link, an institution's own words.
    """
    await enqueue("send_mail", sealed_payload(to, template, language, facts, institution, subject_id), key=key)


class Letter(Struct, frozen=True):
    """One of many mails of one template; `facts` as in `queue`."""

    to: str
    language: str
    facts: Mapping[str, object]
    institution: UUID | None = None
    subject_id: UUID | None = None


async def queue_many(template: str, letters: Sequence[Letter]) -> None:
    """Wish for many mails at once, after this transaction commits."""
    payloads = [
        sealed_payload(one.to, template, one.language, one.facts, one.institution, one.subject_id) for one in letters
    ]
    await enqueue_many("send_mail", payloads)


def sealed_payload(
    to: str,
    template: str,
    language: str,
    facts: Mapping[str, object],
    institution: UUID | None,
    subject_id: UUID | None,
) -> dict[str, object]:
    """What waits in the queue. The facts are sealed: among them is the secret of a link."""
    return {
        "to": to,
        "template": template,
        "language": language,
        "facts": b64encode(seal(to_json(dict(facts)))).decode(),
        "institution": institution,
        "subject_id": subject_id,
    }


def facts_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a mail that waits in the queue."""
    opened: dict[str, Any] = msgspec.json.decode(unseal(b64decode(payload["facts"])))
    return opened


def compose(to: str, template: str, language: str, facts: Mapping[str, object]) -> EmailMessage:
    """The message: subject, plain text and, where the folder has one, HTML."""
    environment = _environment()
    filled = {"public_url": settings().public_url, **facts}
    folder = f"{template}/{language}"
    if not (template_folder() / "email" / folder).is_dir():
        folder = f"{template}/pl"
    message = EmailMessage()
    message["To"] = to
    message["From"] = f"Referral Hub <noreply@{urlsplit(settings().public_url).hostname or 'localhost'}>"
    # One line, whatever a title from a register holds: a line break would keep the mail from ever being sent.
    message["Subject"] = " ".join(environment.get_template(f"{folder}/subject.txt").render(filled).split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(environment.get_template(f"{folder}/text.txt").render(filled))
    if (template_folder() / "email" / folder / "body.html").is_file():
        html = environment.get_template(f"{folder}/body.html").render(filled)
        message.add_alternative(html, subtype="html")
    return message


def template_text(template: str, language: str, name: str, facts: Mapping[str, object]) -> str:
    """One file of a mail's folder, filled, in Polish where the language has none."""
    folder = f"{template}/{language}"
    if not (template_folder() / "email" / folder / name).is_file():
        folder = f"{template}/pl"
    return _environment().get_template(f"{folder}/{name}").render(facts).strip()


async def send_mail(payload: dict[str, Any]) -> None:
    """The job: compose and hand over. An address refused for good is noted and not tried again; all else is.

    Without an SMTP server set, it fails and is tried again later.
    """
    message = compose(payload["to"], payload["template"], payload["language"], facts_of(payload))
    url = urlsplit(settings().smtp_url)
    if not url.hostname:
        raise LookupError("REFERRAL_HUB_SMTP_URL is not set")
    try:
        await aiosmtplib.send(
            message,
            hostname=url.hostname,
            port=url.port or (465 if url.scheme == "smtps" else 25),
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            start_tls=True if url.scheme == "smtp+starttls" else False if url.scheme == "smtp" else None,
            timeout=20,
        )
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as error:
        code = refused_for_good(error)
        if code is None:
            raise
        await note_refused(payload, "email", code, for_good=True)
        return
    await note_sent(payload, "email")


def refused_for_good(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError) -> int | None:
    """The code of a refusal that trying again will not change: 5xx of the recipient or of the data (RFC 5321, 4.2)."""
    said = error.recipients if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else [error]
    codes = [one.code for one in said]
    return codes[0] if codes and all(500 <= code < 600 for code in codes) else None

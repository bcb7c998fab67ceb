"""The demonstration's mailbox takes every letter, shows it on this machine only, and keeps it."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
import httpx
import pytest

from referral_hub.demo.mailbox import Mailbox, mailbox
from referral_hub.settings import settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mailbox]:
    monkeypatch.setenv("REFERRAL_HUB_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    async with mailbox() as opened:
        yield opened
    monkeypatch.undo()
    settings.cache_clear()


async def send(subject: str = "Wolne miejsca – ile dziś?") -> None:
    letter = EmailMessage()
    letter["To"], letter["From"], letter["Subject"] = "biuro@most.example", "hub@hub.example", subject
    letter.set_content("Zażółć: http://hub.test/c/tajne?x=1.\nDziękujemy.")
    letter.add_alternative("<p>Zażółć</p>", subtype="html")
    url = urlsplit(settings().smtp_url)
    await aiosmtplib.send(letter, hostname=url.hostname, port=url.port)


async def test_a_letter_sent_is_read_on_the_page_and_as_json(box: Mailbox, web: httpx.AsyncClient) -> None:
    await send()
    [found] = (await web.get("/demo/mail.json")).json()
    assert found["to"] == "biuro@most.example"
    assert found["subject"] == "Wolne miejsca – ile dziś?"
    assert found["links"] == ["http://hub.test/c/tajne?x=1"]
    assert "Zażółć" in found["html"]
    assert found["subject"] in (await web.get("/demo/mail")).text
    assert 'href="http://hub.test/c/tajne?x=1"' in (await web.get(f"/demo/mail/{found['id']}")).text


async def test_other_machines_and_proxies_find_nothing(box: Mailbox, web: httpx.AsyncClient, app: object) -> None:
    await send()
    for path in ("/demo/mail", "/demo/mail.json", "/demo/mail/1"):
        assert (await web.get(path, headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 404
        far = httpx.ASGITransport(app=app, client=("192.0.2.7", 5000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=far, base_url="http://hub.test") as client:
            assert (await client.get(path)).status_code == 404


async def test_a_foreign_name_that_points_here_finds_nothing(box: Mailbox, web: httpx.AsyncClient) -> None:
    await send()
    for host, status in (
        ("evil.example", 404),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("localhost", 200),
    ):
        assert (await web.get("/demo/mail.json", headers={"Host": host})).status_code == status, host


async def test_without_a_demonstration_there_is_no_mailbox(web: httpx.AsyncClient) -> None:
    assert (await web.get("/demo/mail")).status_code == 404
    assert (await web.get("/demo/mail/1")).status_code == 404


async def test_letters_outlive_a_restart(box: Mailbox) -> None:
    await send("Pierwszy")
    await send("Drugi")
    assert [letter.subject for letter in Mailbox(box.folder).letters] == ["Pierwszy", "Drugi"]


async def test_a_text_message_stands_among_the_letters(box: Mailbox, web: httpx.AsyncClient) -> None:
    body = {"to": "+48601123456", "text": "Most: ile wolnych miejsc? http://hub.test/c/tajne", "reference": "1"}
    async with httpx.AsyncClient() as gateway:
        assert (await gateway.post(settings().sms_url, json=body)).status_code == 200
        assert (await gateway.post(settings().sms_url, content=b"{")).status_code == 400
        assert (await gateway.post(settings().sms_url, json={"to": 1})).status_code == 400
    [found] = (await web.get("/demo/mail.json")).json()
    assert (found["channel"], found["to"], found["subject"]) == ("sms", "+48601123456", "Most")
    assert found["links"] == ["http://hub.test/c/tajne"]
    assert "SMS" in (await web.get("/demo/mail")).text

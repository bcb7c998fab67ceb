"""A message that does not arrive is not tried for ever: next address, then telephone; a text message likewise."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP, Envelope

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM
from referral_hub.institutions.confirmations import confirm_contacts
from referral_hub.jobs.actions import run_all
from referral_hub.settings import settings
from referral_hub.upkeep.asking_actions import ask_everybody_due
from referral_hub.worker import registry
from tests.build import make_account, make_institution, make_offer
from tests.upkeep.test_asking import add_contact, rungs

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = timedelta(minutes=30)


class Post:
    """A mail server that refuses some addresses, for good (550) or for now (451), and some texts."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.data = "250 OK"
        self.taken: list[str] = []
        self.tried: list[str] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        self.tried.append(address)
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.taken += envelope.rcpt_tos
        return self.data


@pytest.fixture
async def post(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    box = Post()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, hostname="localhost"), "127.0.0.1", 0)
    monkeypatch.setenv("REFERRAL_HUB_SMTP_URL", f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    settings.cache_clear()
    yield box
    server.close()
    settings.cache_clear()


class Gateway:
    """An HTTP gateway for text messages: keeps what it is sent, answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[dict[str, str]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length"))
        self.got.append(json.loads(await reader.readexactly(length)))
        writer.write(f"HTTP/1.1 {self.status} Any\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    keeper = Gateway()
    server = await asyncio.start_server(keeper.serve, "127.0.0.1", 0)
    monkeypatch.setenv("REFERRAL_HUB_SMS_URL", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send")
    settings.cache_clear()
    yield keeper
    server.close()
    settings.cache_clear()


async def partner(*addresses: str, mobile: str = "", reached_by: str = "email") -> tuple[UUID, list[UUID]]:
    institution = await make_institution("Dobry Adres", reached_by=reached_by)
    contacts = [
        await add_contact(institution, "email", address, position=place) for place, address in enumerate(addresses)
    ]
    if mobile:
        contacts.append(await add_contact(institution, "mobile", mobile, position=9))
    await make_account(institution, "partner_intake")
    await make_offer(institution, rhythm="week")
    return institution, contacts


async def asked_and_sent(moment: datetime) -> None:
    """The ladder's round, then the worker's, until nothing is left to do at this moment."""
    with clock.at(moment):
        await ask_everybody_due()
        await run_all(registry())


async def failing(sql: asyncpg.Connection, contact: UUID) -> datetime | None:
    return await sql.fetchval("select failing_since from contact where id = $1", contact)


@pytest.mark.parametrize("at_data", [False, True])
async def test_a_refused_address_is_marked_and_the_next_one_tried_at_once(
    database: asyncpg.Connection, post: Post, at_data: bool
) -> None:
    institution, (first, second) = await partner("stary@ngo.example", "nowy@ngo.example")
    if at_data:
        post.data = "554 no"
    else:
        post.refused["stary@ngo.example"] = "550 no such box"
    with clock.at(MONDAY):
        await ask_everybody_due()
        await run_one_round()
        assert post.tried == ["stary@ngo.example"]
        post.data = "250 OK"
        await run_all(registry())
    assert post.taken == ["nowy@ngo.example"]
    assert await failing(database, first) == MONDAY
    assert await failing(database, second) is None
    row = await database.fetchrow("select error, sent_at from mail_sent where address = 'stary@ngo.example'")
    assert tuple(row) == ("554" if at_data else "550", None)
    # The rung that did not arrive does not count.
    counted = await database.fetch("select rung, failed_at is null as counts from asking order by at, id")
    assert [tuple(one) for one in counted] == [(0, False), (0, True)]
    await asked_and_sent(MONDAY + timedelta(days=1))
    assert post.tried.count("stary@ngo.example") == 1
    assert post.taken == ["nowy@ngo.example"] * 2
    assert institution


async def run_one_round() -> None:
    from referral_hub.jobs.actions import run_due

    await run_due(registry(), batch=1)


async def test_with_no_address_left_it_is_the_telephones_turn(database: asyncpg.Connection, post: Post) -> None:
    institution, _ = await partner("stary@ngo.example")
    post.refused["stary@ngo.example"] = "550 no such box"
    await asked_and_sent(MONDAY)
    task = await database.fetchrow("select why, done_at from call_task where institution = $1", institution)
    assert tuple(task) == ("bounced", None)
    await asked_and_sent(MONDAY + timedelta(days=3))
    assert post.tried == ["stary@ngo.example"]


async def test_a_refusal_for_now_is_tried_again_and_nobody_is_marked(database: asyncpg.Connection, post: Post) -> None:
    _, (contact,) = await partner("pelna@ngo.example")
    post.refused["pelna@ngo.example"] = "451 come back"
    await asked_and_sent(MONDAY)
    assert await failing(database, contact) is None
    assert await database.fetchval("select count(*) from mail_sent") == 0
    post.refused.clear()
    await asked_and_sent(MONDAY + LATER)
    assert post.taken == ["pelna@ngo.example"]


async def test_a_letter_that_arrives_again_clears_the_mark(database: asyncpg.Connection, post: Post) -> None:
    from referral_hub.database.transaction import transaction
    from referral_hub.mail.actions import queue

    _, (contact,) = await partner("stary@ngo.example")
    post.refused["stary@ngo.example"] = "550 no such box"
    await asked_and_sent(MONDAY)
    assert await failing(database, contact)
    post.refused.clear()
    with clock.at(MONDAY + LATER):
        async with transaction(SYSTEM):
            facts = {"institution": "x", "offers": [], "link": "http://hub.test/c/x", "days": 14}
            await queue("Stary@ngo.example", "capacity_due", "pl", facts)
        await run_all(registry())
    assert await failing(database, contact) is None


async def test_a_confirmation_clears_the_mark_an_import_does_not(database: asyncpg.Connection, post: Post) -> None:
    institution, (contact,) = await partner("stary@ngo.example")
    post.refused["stary@ngo.example"] = "550 no such box"
    await asked_and_sent(MONDAY)
    with clock.at(MONDAY + LATER):
        await confirm_contacts(institution, [contact], how="import", by=SYSTEM)
        assert await failing(database, contact)
        await confirm_contacts(institution, [contact], how="call", by=SYSTEM)
        assert await failing(database, contact) is None


async def test_who_prefers_text_messages_gets_one_with_the_same_link(
    database: asyncpg.Connection, post: Post, gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    institution, _ = await partner("biuro@ngo.example", mobile="601123456", reached_by="sms")
    await asked_and_sent(MONDAY)
    (message,) = gateway.got
    assert message["to"] == "+48601123456"
    assert message["text"].startswith(
        "Dobry Adres: ile wolnych miejsc? Jedno dotkniecie, bez logowania: http://hub.test/c/"
    )
    assert len(message["text"]) <= 160
    assert UUID(message["reference"])
    assert post.taken == []
    assert [channel for _, channel, _ in await rungs(database, institution)] == ["sms"]
    assert await database.fetchval("select address from mail_sent") == "601123456"
    logged = capsys.readouterr()
    assert "601123456" not in logged.out + logged.err
    waiting = await database.fetchval("select count(*) from job where payload::text like '%hub.test/c/%'")
    assert waiting == 0


@pytest.mark.parametrize("status", [400, 503])
async def test_a_text_message_that_fails_falls_back_to_mail(
    database: asyncpg.Connection, post: Post, gateway: Gateway, status: int
) -> None:
    institution, (_, mobile) = await partner("biuro@ngo.example", mobile="601123456", reached_by="sms")
    gateway.status = status
    await asked_and_sent(MONDAY)
    if status == 503:  # it may be better in a moment
        assert post.taken == []
        assert await failing(database, mobile) is None
        await asked_and_sent(MONDAY + timedelta(minutes=1))
        assert len(gateway.got) == 2
        await asked_and_sent(MONDAY + timedelta(minutes=15))
    assert post.taken == ["biuro@ngo.example"]
    assert bool(await failing(database, mobile)) == (status == 400)
    assert [channel for _, channel, _ in await rungs(database, institution)] == ["sms", "email"]
    # The next rung does not go there again.
    tried = len(gateway.got)
    await asked_and_sent(MONDAY + timedelta(days=1, hours=1))
    assert len(gateway.got) == tried
    assert post.taken == ["biuro@ngo.example"] * 2


async def test_a_text_message_without_another_way_becomes_a_call(
    database: asyncpg.Connection, gateway: Gateway
) -> None:
    institution = await make_institution("Tylko Komórka", reached_by="sms")
    await add_contact(institution, "mobile", "601123456")
    await make_account(institution, "partner_intake")
    await make_offer(institution)
    gateway.status = 404
    await asked_and_sent(MONDAY)
    assert await database.fetchval("select why from call_task where institution = $1", institution) == "bounced"


async def test_a_gateway_that_is_not_there_is_waited_for(
    database: asyncpg.Connection, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFERRAL_HUB_SMS_URL", "http://127.0.0.1:9/send")
    settings.cache_clear()
    await partner("biuro@ngo.example", mobile="601123456", reached_by="sms")
    await asked_and_sent(MONDAY)
    assert post.taken == []
    await asked_and_sent(MONDAY + timedelta(minutes=20))
    assert post.taken == ["biuro@ngo.example"]


async def test_without_a_gateway_everybody_gets_mail(database: asyncpg.Connection, post: Post) -> None:
    await partner("biuro@ngo.example", mobile="601123456", reached_by="sms")
    await asked_and_sent(MONDAY)
    assert post.taken == ["biuro@ngo.example"]

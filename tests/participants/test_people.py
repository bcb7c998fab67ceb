"""People are sealed, seen by their own institution only, and every opening leaves a line."""

import asyncpg
import pytest

from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.audit.events import Event
from referral_hub.database.columns import seal
from referral_hub.database.transaction import PUBLIC, SYSTEM, Scope, transaction
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.participants.actions import edit_person, open_person, register
from referral_hub.participants.queries import disclosures_about, people_seen_by, person_seen_by
from tests.build import actor_for, make_institution

pytestmark = pytest.mark.anyio
TABLES = ("participant", "legal_basis", "disclosure", "participation", "referral_task", "referral_request")


async def test_what_says_who_it_is_is_sealed(database: asyncpg.Connection) -> None:
    caseworker = await actor_for(await make_institution(), "caseworker")
    await register(
        actor=caseworker,
        label="Żaneta Próbna",
        sex="K",
        gmina="126301",
        groups=["uzal_alkohol"],
        contact="600 700 800",
        safe_contact="po 18",
    )
    async with transaction(SYSTEM) as sql:
        row = dict(await sql.fetchrow("select * from participant"))
    for plain in ("Żaneta", "600 700 800", "po 18", "uzal_alkohol"):
        assert plain.encode() not in b"".join(value for value in row.values() if isinstance(value, bytes))
        assert plain not in str([value for value in row.values() if not isinstance(value, bytes)])


async def test_opening_shows_everything_and_leaves_a_line(database: asyncpg.Connection) -> None:
    caseworker = await actor_for(await make_institution(), "caseworker")
    made = await register(actor=caseworker, label="  Żaneta   Próbna ", sex="K", groups=["bezdomne"], needs=["prawo"])
    opened = await open_person(made.id, actor=caseworker, purpose="rozmowa")
    assert (opened.label, opened.groups, opened.needs, opened.sex) == (
        "Żaneta Próbna",
        ("bezdomne",),
        ("prawo",),
        "K",
    )
    lines = await disclosures_about(caseworker, made.id)
    assert [(line.kind, line.purpose, line.role) for line in lines] == [("opened", "rozmowa", "caseworker")]
    assert set(lines[0].fields) == {"label", "sex", "groups", "needs", "language"}
    audited = [row["event"] for row in await database.fetch("select event from audit_event order by id")]
    assert audited[-2:] == [Event.PERSON_ADD, Event.PERSON_OPEN]


async def test_lists_hold_case_codes_and_find_a_label_without_opening_it(database: asyncpg.Connection) -> None:
    caseworker = await actor_for(await make_institution(), "caseworker")
    first = await register(actor=caseworker, label="Jan Kowal", sex="M")
    second = await register(actor=caseworker, label="jan  KOWAL", sex="M")
    assert second.same_label == (first.case_code,)
    assert (await people_seen_by(caseworker)).total == 2
    assert (await people_seen_by(caseworker, label="JAN kowal")).total == 2
    turned = await register(actor=caseworker, label="Kowal, Jan", sex="M")
    assert turned.same_label == (first.case_code, second.case_code), "a comma and another order are the same name"
    assert (await people_seen_by(caseworker, label="Jan Kowal")).total == 3
    assert (await people_seen_by(caseworker, label="Jan")).total == 0
    by_code = await people_seen_by(caseworker, label=first.case_code.lower())
    assert [item.id for item in by_code.items] == [first.id]
    assert not await disclosures_about(caseworker, first.id)


async def test_editing_keeps_what_is_not_named(database: asyncpg.Connection) -> None:
    caseworker = await actor_for(await make_institution(), "caseworker")
    made = await register(actor=caseworker, label="Jan Kowal", sex="M", contact="600 700 800", groups=["bezdomne"])
    await edit_person(made.id, actor=caseworker, gmina="126301", groups=[])
    opened = await open_person(made.id, actor=caseworker)
    assert (opened.label, opened.contact, opened.gmina, opened.groups) == ("Jan Kowal", "600 700 800", "126301", ())
    with pytest.raises(Refused):
        await edit_person(made.id, actor=caseworker, sex="inna")


async def test_nobody_else_sees_or_changes_a_person(database: asyncpg.Connection) -> None:
    mine, theirs = await make_institution("Mój"), await make_institution("Inny")
    made = await register(actor=await actor_for(mine, "caseworker"), label="Jan Kowal", sex="M")
    stranger = await actor_for(theirs, "caseworker")
    for question in (open_person(made.id, actor=stranger), edit_person(made.id, actor=stranger, sex="K")):
        with pytest.raises(NotFound):
            await question
    with pytest.raises(NotFound):
        await person_seen_by(stranger, made.id)
    assert (await people_seen_by(stranger)).total == 0
    assert await disclosures_about(stranger, made.id) == []
    for roles in (("coordinator",), ("partner_intake",), ("partner_editor",), ("admin",), ("dpo",)):
        actor = await actor_for(mine, *roles)
        with pytest.raises(NotAllowed):
            await open_person(made.id, actor=actor)
        with pytest.raises(NotAllowed):
            await people_seen_by(actor)


async def test_row_level_security_holds_against_raw_sql(database: asyncpg.Connection) -> None:
    mine, theirs = await make_institution("Mój"), await make_institution("Inny")
    made = await register(actor=await actor_for(mine, "caseworker"), label="Jan Kowal", sex="M")
    role = await database.fetchrow("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
    assert tuple(role) == (False, False)
    outsiders = [
        PUBLIC,
        Scope(kind="account", role="caseworker", institution=theirs),
        Scope(kind="account", role="caseworker"),
        Scope(kind="account", role="coordinator", institution=mine),
        Scope(kind="account", role="partner_intake", institution=mine),
        Scope(kind="account", role="admin", institution=mine),
        Scope(kind="guest", role="guest", institution=mine),
        Scope(kind="participant", role="participant", participant=mine),
        Scope(kind="capacity", role="capacity", institution=mine),
    ]
    for scope in outsiders:
        async with transaction(scope) as sql:
            assert await sql.fetchval("select count(*) from participant") == 0, scope
            assert await sql.execute("update participant set sex = 'K'") == "UPDATE 0"
            assert await sql.execute("delete from participant") == "DELETE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with sql.transaction():
                    await sql.execute(
                        """insert into participant (id, institution, case_code, label_sealed, label_index, made_at,
                        last_used_at) values (gen_random_uuid(), $1, 'X', $2, $2, now(), now())""",
                        mine,
                        seal("x"),
                    )
    async with transaction(Scope(kind="account", role="caseworker", institution=mine)) as sql:
        assert await sql.fetchval("select id from participant") == made.id


async def test_without_a_scope_every_private_table_is_empty(database: asyncpg.Connection) -> None:
    for table in TABLES:
        protected = await database.fetchval("select relrowsecurity from pg_class where relname = $1", table)
        assert protected, table
        assert await database.fetchval(f"select count(*) from {table}") == 0


async def test_disclosure_lines_are_only_added(database: asyncpg.Connection) -> None:
    caseworker = await actor_for(await make_institution(), "caseworker")
    made = await register(actor=caseworker, label="Jan Kowal", sex="M")
    await open_person(made.id, actor=caseworker)
    for change in ("delete from disclosure", "update disclosure set purpose = 'x'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(SYSTEM) as sql:
                await sql.execute(change)


async def test_the_person_sees_who_looked(database: asyncpg.Connection) -> None:
    caseworker = await actor_for(await make_institution("Klub Próbny"), "caseworker")
    made = await register(actor=caseworker, label="Jan Kowal", sex="M")
    other = await register(actor=caseworker, label="Ktoś Inny", sex="M")
    await open_person(made.id, actor=caseworker)
    _, link = await make_link("p", by=SYSTEM, subject=made.id)
    person = actor_of_link(link)
    assert [line.institution_name for line in await disclosures_about(person, made.id)] == ["Klub Próbny"]
    assert await disclosures_about(person, other.id) == []


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"label": " "}, ["label:required"]),
        ({"label": "PESEL 44051401359"}, ["label:text_holds_pesel"]),
        ({"label": "x" * 121}, ["label:too_long"]),
        ({"label": "a\x00b"}, ["label:bad_characters"]),
        ({"sex": "F"}, ["sex:not_a_choice"]),
        ({"gmina": "1263"}, ["gmina:gmina_unknown"]),
        ({"gmina": "1263011"}, ["gmina:gmina_unknown"]),
        ({"groups": ["nikt"]}, ["groups:not_a_choice"]),
        ({"needs": ["nic"], "language": "de"}, ["needs:not_a_choice", "language:not_a_choice"]),
        ({"contact": "x" * 255}, ["contact:too_long"]),
    ],
)
async def test_what_cannot_be_kept_is_named(
    database: asyncpg.Connection, changes: dict[str, object], problems: list[str]
) -> None:
    caseworker = await actor_for(await make_institution(), "caseworker")
    with pytest.raises(Refused) as refusal:
        await register(actor=caseworker, **{"label": "Jan Kowal", "sex": "M", **changes})
    assert [f"{problem.field}:{problem.code}" for problem in refusal.value.problems] == problems
    assert (await people_seen_by(caseworker)).total == 0

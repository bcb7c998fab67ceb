"""Every column that may name an institution is decided, and after a merge nothing but history names the merged one."""

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.duplicates.columns import BY_HAND, STAYS, institution_places, moving
from tests.build import make_account, make_agreement, make_institution, make_offer, make_site
from tests.duplicates.test_merge import account_of, add, merge, value

pytestmark = pytest.mark.anyio


def test_every_uuid_column_of_the_product_is_decided() -> None:
    """A new column is moved by itself; here one says that it names an institution, or why it does not."""
    plain = {place.name for place in institution_places() if not place.to}
    assert plain == {
        *("audit_event.institution", "audit_event.subject", "barter_exchange.proposed_by", "contact.belongs_to"),
        *("disclosure.institution", "field_confirmation.subject", "field_source.subject"),
        *("link.subject", "mail_sent.institution", "mail_sent.subject_id", "notice.belongs_to"),
        *("pending_edit.subject", "settlement.subject", "suggestion.subject", "task_event.institution"),
    }


def test_what_is_named_as_an_exception_exists() -> None:
    assert {*STAYS, *BY_HAND} <= {place.name for place in institution_places()}


async def test_no_moving_column_is_part_of_a_unique_index(database: asyncpg.Connection) -> None:
    """Where one is, two entries may both have the row, and the merge must say what happens (BY_HAND)."""
    rows = await database.fetch(
        """select i.indrelid::regclass::text || '.' || a.attname as field from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey::int[]) where i.indisunique"""
    )
    unique = {row["field"] for row in rows}
    assert [place.name for place in moving() if place.name in unique] == []


async def test_nothing_refers_to_the_merged_entry_but_what_stays(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("GOPS Ropa"), await make_institution("Gminny Ośrodek Ropa")
    site = await make_site(merged)
    offer = await make_offer(merged, site=site, free=3)
    await make_account(merged, "partner_editor")
    await make_agreement(merged)
    for number in ("111", "222"):
        await add("institution_identifier", institution=merged, scheme="rjps", value=number)
    await add("institution_identifier", institution=kept, scheme="rjps", value="111")
    moment = clock.now()
    for one in (kept, merged):
        await add("call_task", institution=one, made_at=moment, due_on=clock.today())
    await add("staff_note", owner=kept, institution=merged, text="x", account=await account_of(merged), made_at=moment)
    await add("notice", institution=merged, text="W piątek nieczynne", from_on=clock.today(), until_on=clock.today(),
              made_at=moment)  # fmt: skip
    made = await merge(kept, merged)
    left = {
        place.name: await value(f"select count(*) from {place.table} where {place.column} = $1", merged)
        for place in institution_places()
        if place.name not in STAYS
    }
    # The number that both had stays at the merged entry, and the verdict names the pair.
    assert {name: count for name, count in left.items() if count} - {"duplicate_verdict.first": 1}.keys() == {
        "institution_identifier.institution"
    } | ({"duplicate_verdict.second"} if left["duplicate_verdict.second"] else set())
    assert await value("select count(*) from call_task where institution = $1 and done_at is null", kept) == 1
    assert await value("select institution from offer where id = $1", offer) == kept
    assert await value("select free from offer_places where offer = $1", offer) == 3
    moved = await value("select moved::text from institution_merge where id = $1", made)
    assert str(site) in moved
    assert str(offer) in moved
    assert await value("select status from institution where id = $1", merged) == "merged"

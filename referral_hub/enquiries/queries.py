"""Whom a question would reach, and what came back: scoped by whoever asked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import connection
from referral_hub.directory.capacity import CAPACITY_COLUMNS, CAPACITY_JOINS, capacity, warsaw_day
from referral_hub.enquiries.schemas import Answer, Asking, Candidate, Question, Seen, Way
from referral_hub.errors import NotFound
from referral_hub.institutions.contacts import BY_LINK, LATELY, brought
from referral_hub.institutions.phones import pretty
from referral_hub.vocabularies import book
from referral_hub.vocabularies.words import sort_key

OFTEN = 3
"""Questions by mail that one institution gets within a day, whoever asks; after that the telephone is kinder."""

# An offer serves an asked area when it stands there, or when the areas it serves and the one asked overlap.
_CANDIDATES = f"""with address as (
 select distinct on (institution) institution, value from contact
 where kind = 'email' and failing_since is null order by institution, belongs_to is not null, position, value
), mobile as (
 select distinct on (institution) institution, value from contact
 where kind = 'mobile' and failing_since is null and not {brought(BY_LINK, "$8")}
 order by institution, belongs_to is not null, position, value
), phone as (
 select distinct on (institution) institution, value from contact
 where kind in ('phone', 'mobile', 'helpline')
 order by institution, doubted_at is not null, belongs_to is not null, position, value
), often as (
 select institution, count(*) as times from link where kind = 'e' and made_at > $1 group by institution
)
select o.id, o.title, o.form, o.institution, o.rhythm, i.name, i.language, i.reached_by, coalesce(a.value, '') as email,
 coalesce(m.value, '') as mobile, coalesce(t.value, '') as phone, coalesce(f.times, 0) as times, {CAPACITY_COLUMNS}
from offer o join institution i on i.id = o.institution {CAPACITY_JOINS}
left join address a on a.institution = i.id left join mobile m on m.institution = i.id
left join phone t on t.institution = i.id left join often f on f.institution = i.id
where o.status = 'published' and i.status = 'published' and o.institution is distinct from $2
and (o.visible_from is null or o.visible_from <= $7)
and (o.needs && $3::text[] or (o.needs = '{{}}' and o.form = any($4::text[])))
and (cardinality($5::text[]) = 0 or o.audiences = '{{}}' or o.audiences && $5::text[])
and (cardinality($6::text[]) = 0
 or exists (select 1 from unnest($6::text[]) wanted where
   exists (select 1 from unnest(o.area) served where starts_with(served, wanted) or starts_with(wanted, served))
   or exists (select 1 from offer_site s join site p on p.id = s.site
              where s.offer = o.id and p.status = 'published' and starts_with(p.terc, wanted))
   or (o.area = '{{}}' and (o.remote or (starts_with(i.terc, wanted) and not exists (
       select 1 from offer_site s where s.offer = o.id))))))"""  # noqa: S608 -- constants of ours


async def candidates(question: Question, actor: Actor) -> list[Candidate]:
    """Every published offer that could answer, by institution's name; its own institution's offers left out.

    Ages of readings change the way of asking, never who is found.
    """
    groups = {
        code for one in question.audiences for code in (*book.above("audience", one), *book.below("audience", one))
    }
    async with connection() as sql:
        rows = await sql.fetch(
            _CANDIDATES,
            clock.now() - timedelta(days=1),
            actor.institution,
            [question.need],
            _first_answers(question.need),
            sorted(groups),
            question.area,
            clock.today(),
            clock.now() - LATELY,
        )
    found = [_candidate(row) for row in rows]
    return sorted(found, key=lambda one: (sort_key(one.name), sort_key(one.title)))


def _first_answers(need: str) -> list[str]:
    """The forms whose offers answer this need where they name none themselves (as the search reads them)."""
    forms = book.forms_for(need)
    return [form for form, place in forms.items() if place == 1 or not _answers_another_first(form)]


def _answers_another_first(form: str) -> bool:
    return any(book.forms_for(other).get(form) == 1 for other in book.needs_for(form))


def _candidate(row: Mapping[str, Any]) -> Candidate:
    today = clock.today()
    now = capacity(row, row["rhythm"], today)
    by_text = row["reached_by"] == "sms" and row["mobile"]
    address = row["mobile"] if by_text else row["email"]
    way: Way = "sms" if by_text else "email"
    if warsaw_day(row["recorded_at"]) == today == now.as_of and now.free is not None:
        way = "known"
    elif row["reached_by"] == "phone" or not address:
        way = "phone"
    elif row["times"] >= OFTEN:
        way = "often"
    return Candidate(
        offer=row["id"],
        title=row["title"],
        form=row["form"],
        institution=row["institution"],
        name=row["name"],
        language=row["language"],
        address=address,
        phone=pretty(row["phone"]) if row["phone"] else "",
        way=way,
        free=now.free,
        as_of=now.as_of,
        reading=row["reading"],
        recorded_at=row["recorded_at"],
    )


_SEEN = """select e.*, i.name as institution_name, count(a.id) as asked,
 count(a.id) filter (where a.answer <> '') as answered,
 coalesce(sum(a.free) filter (where a.answer = 'yes'), 0) as places
from enquiry e join institution i on i.id = e.institution left join enquiry_asked a on a.enquiry = e.id"""


async def enquiries_of(actor: Actor, *, first: int = 0, most: int = 20) -> tuple[list[Seen], int]:
    """(one page, how many in all) of what the actor's institution asked; a coordinator sees the whole network's."""
    whole = actor.may(Permission.DIRECTORY_MODERATE)
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_SEEN} where $1 or e.institution = $2 group by e.id, i.name
            order by e.made_at desc, e.id desc offset $3 limit $4""",
            whole,
            actor.institution,
            first,
            most,
        )
        total = await sql.fetchval(
            "select count(*) from enquiry where $1 or institution = $2", whole, actor.institution
        )
    return [_seen(row) for row in rows], int(total)


async def enquiry_seen(enquiry: UUID, actor: Actor) -> Seen:
    """One enquiry of the actor's institution, or any for a coordinator. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{_SEEN} where e.id = $1 group by e.id, i.name", enquiry)
    if row is None or not (actor.may(Permission.DIRECTORY_MODERATE) or row["institution"] == actor.institution):
        raise NotFound
    return _seen(row)


def _seen(row: Mapping[str, Any]) -> Seen:
    values = {name: row[name] for name in Seen.__struct_fields__}
    if values["closed_at"] is None and row["ends_at"] <= clock.now():
        values["closed_at"] = row["ends_at"]
    return Seen(**values)


_ANSWERS = """select a.*, o.title, i.name, coalesce((select c.value from contact c where c.institution = i.id
  and c.kind in ('phone', 'mobile', 'helpline')
  order by c.doubted_at is not null, c.belongs_to is distinct from o.id, c.belongs_to is not null, c.position, c.value
  limit 1), '') as phone
from enquiry_asked a join offer o on o.id = a.offer join institution i on i.id = a.institution
where a.enquiry = $1 and ($2::uuid[] is null or a.offer = any($2))"""
_ORDER = {"yes": 0, "later": 1, "": 2, "no": 3}


async def answers_to(seen: Seen, only: Sequence[UUID] | None = None) -> list[Answer]:
    """The rows of an enquiry: places first (most first), then later ones by day, then who is silent, then no.

    `only` are the offers whose rows are wanted; None: all.
    """
    async with connection() as sql:
        rows = await sql.fetch(_ANSWERS, seen.id, None if only is None else list(only))
    found = [
        Answer(
            id=row["id"],
            offer=row["offer"],
            title=row["title"],
            institution=row["institution"],
            name=row["name"],
            phone=pretty(row["phone"]) if row["phone"] else "",
            channel=row["channel"],
            answer=row["answer"],
            free=row["free"],
            from_on=row["from_on"],
            at=row["answered_at"],
            by=row["answered_by"],
            reading=row["reading"],
            enough=row["answer"] == "yes" and (row["free"] or 0) >= seen.people,
        )
        for row in rows
    ]
    return sorted(
        found,
        key=lambda one: (_ORDER[one.answer], -(one.free or 0), str(one.from_on or ""), sort_key(one.name), one.title),
    )


_ASKED = """select e.*, i.name, array_agg(a.offer order by a.id) as offers,
 array_agg(a.answer order by a.id) as given
from enquiry e join institution i on i.id = e.institution join enquiry_asked a on a.enquiry = e.id
where a.institution = $1"""


async def asking_of(enquiry: UUID | None, institution: UUID | None) -> Asking:
    """The question as an institution asked sees it, with which of its offers. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow(f"{_ASKED} and e.id = $2 group by e.id, i.name", institution, enquiry)
    if row is None:
        raise NotFound
    return _asking(row)


async def open_askings(institution: UUID | None) -> list[Asking]:
    """Questions to an institution that still wait for somebody, the newest first."""
    async with connection() as sql:
        rows = await sql.fetch(
            f"""{_ASKED} and e.closed_at is null and e.ends_at > $2 group by e.id, i.name
            order by e.made_at desc limit 50""",
            institution,
            clock.now(),
        )
    return [_asking(row) for row in rows]


def _asking(row: Mapping[str, Any]) -> Asking:
    return Asking(
        id=row["id"],
        asker=row["name"],
        need=row["need"],
        audiences=list(row["audiences"]),
        area=list(row["area"]),
        from_on=row["from_on"],
        people=row["people"],
        ends_at=row["ends_at"],
        ended=row["closed_at"] is not None or row["ends_at"] <= clock.now(),
        offers=list(row["offers"]),
        answered={offer: word for offer, word in zip(row["offers"], row["given"], strict=True) if word},
    )

"""An institution found by typing its name, with the gmina beside it where several are called alike."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from referral_hub.accounts.invitations import Place, institutions_named
from referral_hub.database.transaction import connection
from referral_hub.participants.place_names import name_of_gmina
from referral_hub.web.forms import Form

MOST_SUGGESTED: Final = 200
_NAME_LENGTH: Final = 300
_BETWEEN: Final = " – "


def label_of(name: str, terc: str) -> str:
    """How a form names an institution: "Ośrodek Pomocy Społecznej – Tarnów"."""
    gmina = name_of_gmina(terc)
    return f"{name}{_BETWEEN}{gmina}" if gmina else name


async def suggested(kinds: Collection[str], near: str) -> list[str]:
    """Labels of institutions of these kinds to choose from while typing, those of the own voivodeship only."""
    async with connection() as sql:
        rows = await sql.fetch(
            """select name, terc from institution where status = 'published' and kind = any($1)
            and ($2 = '' or terc = '' or left(terc, 2) = left($2, 2))
            order by left(terc, 4) <> left($2, 4), sort_key limit $3""",
            list(kinds),
            near,
            MOST_SUGGESTED,
        )
    return [label_of(row["name"], row["terc"]) for row in rows]


async def label_of_institution(institution: UUID | None) -> str:
    """The label of a known institution, '' for none."""
    if institution is None:
        return ""
    async with connection() as sql:
        row = await sql.fetchrow("select name, terc from institution where id = $1", institution)
    return label_of(row["name"], row["terc"]) if row else ""


async def read_institution(form: Form, field: str) -> UUID | None:
    """The one institution a field names; a problem is kept where it names none or several."""
    typed = form.text(field, required=False, most=_NAME_LENGTH)
    if not typed:
        return None
    found = await _called(typed)
    if len(found) == 1:
        return found[0].id
    if found:
        form.add(field, "several_institutions", names="; ".join(label_of(one.name, one.terc) for one in found))
    else:
        form.add(field, "institution_not_known")
    return None


async def _called(typed: str) -> list[Place]:
    name, between, _ = typed.rpartition(_BETWEEN)
    if between:
        labelled = [one for one in await institutions_named(name) if label_of(one.name, one.terc) == typed]
        if labelled:
            return labelled
    return await institutions_named(typed)

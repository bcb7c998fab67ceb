"""Questions about one institution, for those who look after the network."""

from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.database.transaction import connection
from referral_hub.errors import NotFound
from referral_hub.institutions.actions import NewContact


class Agreement(Struct, frozen=True):
    """A basis to pass personal data; `kind` agreement, statute or internal; open-ended without `valid_until`."""

    id: UUID
    kind: str
    reference: str
    signed_on: date
    valid_until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.signed_on <= day and (self.valid_until is None or day <= self.valid_until)


class InstitutionFacts(Struct, frozen=True):
    """An institution with its numbers, its own contacts and its agreements, the newest first."""

    row: dict[str, Any]
    identifiers: list[tuple[str, str]]
    contacts: list[NewContact]
    agreements: list[Agreement]


async def institution_facts(institution: UUID) -> InstitutionFacts:
    """All that its page of care shows. Raises NotFound."""
    async with connection() as sql:
        row = await sql.fetchrow("select * from institution where id = $1", institution)
        if row is None:
            raise NotFound
        identifiers = await sql.fetch(
            "select scheme, value from institution_identifier where institution = $1 order by scheme, value",
            institution,
        )
        contacts = await sql.fetch(
            """select kind, value, extension, label, visibility, belongs_to, confirmed_on, source from contact
            where institution = $1 and belongs_to is null order by position""",
            institution,
        )
        agreements = await sql.fetch(
            """select id, kind, reference, signed_on, valid_until from data_agreement
            where institution = $1 order by signed_on desc, id""",
            institution,
        )
    return InstitutionFacts(
        dict(row),
        [(one["scheme"], one["value"]) for one in identifiers],
        [NewContact(**dict(one)) for one in contacts],
        [Agreement(**dict(one)) for one in agreements],
    )

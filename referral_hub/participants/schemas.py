"""What the people's API reads and answers."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from referral_hub.participants.safe_contact import SafeContact


class NewPerson(Struct, forbid_unknown_fields=True):
    """A person to register. `sex`: K, M or not_stated; `gmina`: TERYT code on six digits; codes from vocabularies."""

    label: str
    sex: str
    gmina: str
    groups: list[str] = []
    needs: list[str] = []
    contact: str = ""
    safe_contact: SafeContact | str = ""
    language: str = "pl"


class PersonMade(Struct):
    """The person as lists know it; `same_label` are case codes of others here called the same."""

    id: UUID
    case_code: str
    same_label: list[str]


class PersonLine(Struct):
    """A person in the list: no name."""

    id: UUID
    case_code: str
    sex: str
    gmina: str
    needs: list[str]
    made_at: datetime
    last_used_at: datetime


class PeoplePage(Struct):
    """One page of people."""

    total: int
    page: int
    pages: int
    items: list[PersonLine]

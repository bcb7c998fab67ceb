"""What one row of a register says, before anything is written: pure, frozen, ready to be stored as JSON."""

import hashlib
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec import Struct, structs

Visibility = Literal["public", "staff"]


class ContactDraft(Struct, frozen=True):
    """A business contact; kind phone, mobile, fax, helpline, email or www."""

    kind: str
    value: str
    extension: str = ""
    label: str = ""


class SiteDraft(Struct, frozen=True):
    """A place. `precision` says how far its coordinates can be trusted: "", address, place, district, gmina."""

    street: str = ""
    post_code: str = ""
    place: str = ""
    terc: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: str = ""
    hours_text: str = ""
    accessibility: dict[str, dict[str, str]] = {}
    address_visibility: Visibility = "public"


class ReadingDraft(Struct, frozen=True):
    """Places as given on a day; None where the source is silent."""

    as_of: date
    free: int | None = None
    maximum: int | None = None
    referred: int | None = None
    allocated: int | None = None
    arrived: int | None = None
    waiting: int | None = None
    waiting_days: int | None = None
    free_women: int | None = None
    free_men: int | None = None


class OfferDraft(Struct, frozen=True):
    """One form of support. `key` tells it apart from other offers of the form by the same institution."""

    form: str
    title: str
    key: str = ""
    needs: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    eligibility: dict[str, Any] = {}
    area: tuple[str, ...] = ()
    sensitive: bool = False


class InstitutionDraft(Struct, frozen=True):
    """Who offers it. `keys` are what the same institution is recognised by in other rows and files."""

    kind: str
    name: str
    terc: str = ""
    identifiers: dict[str, str] = {}
    keys: tuple[str, ...] = ()


class RowDraft(Struct, frozen=True):
    """Everything one row says. `id` is the row's identity within its source; `text` the row's full text."""

    line: int
    id: str
    institution: InstitutionDraft
    sites: tuple[SiteDraft, ...] = ()
    contacts: tuple[ContactDraft, ...] = ()
    offers: tuple[OfferDraft, ...] = ()
    reading: ReadingDraft | None = None
    text: str = ""
    as_at: date | None = None


def content_hash(row: RowDraft) -> bytes:
    """What tells two sayings of one row apart: everything but the line it stands in."""
    return hashlib.sha256(msgspec.json.encode(structs.replace(row, line=0))).digest()

"""The public directory as a spreadsheet: institutions, offers with places, sites. No formula, no hidden address."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.transaction import transaction
from referral_hub.directory.cards import Card, Partner, Site, contacts_for
from referral_hub.directory.confidential import face, partner_face
from referral_hub.directory.read_model_rows import read_rows
from referral_hub.exchange.problems import FileRefused
from referral_hub.geography.units import unit
from referral_hub.vocabularies.book import label
from referral_hub.web.wording import has, translate

KIND = "directory-xlsx"
LONGEST_CELL = 32_767
PHONES = ("phone", "mobile", "helpline")


class Sheet(Struct, frozen=True):
    """A sheet: its name, the headings with column widths, and the rows."""

    name: str
    columns: tuple[tuple[str, int], ...]
    rows: list[Sequence[Any]]


async def export_directory(path: Path, *, actor: Actor, language: str = "pl") -> dict[str, int]:
    """Write what the actor may see of the directory to `path`; how many rows each sheet has.

    An address that is not public is there only for staff. Raises FileRefused where the file cannot be written.
    """
    async with transaction(actor.scope) as sql:
        found = await read_rows(sql, clock.today())
        staff = actor.may(Permission.DIRECTORY_STAFF)
        sheets = _sheets(found.partners, found.cards, language, staff=staff)
        counts = {sheet.name: len(sheet.rows) for sheet in sheets}
        facts = {"kind": KIND, "rows": sum(counts.values()), "staff": staff}
        await record(Event.EXPORT_RUN, by=actor.scope, facts=facts)
    try:
        await asyncio.to_thread(write_workbook, path, sheets, _about(language, staff=staff))
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise FileRefused("not_written") from error
    return counts


def write_workbook(path: Path, sheets: Sequence[Sheet], about: Sequence[str]) -> None:
    """The sheets, each with a heading that stays and a filter; the last one's name and lines are in `about`.

    Every text is written as a text: a name that begins with „=” must not become a formula.
    """
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), settings) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for column, (name, width) in enumerate(sheet.columns):
                page.write_string(0, column, name, bold)
                page.set_column(column, column, width)
            for number, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    _write(page, number, column, value, wrapped, day)
            page.freeze_panes(1, 1)
            page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
        page = book.add_worksheet(about[0])
        page.set_column(0, 0, 100)
        for number, line in enumerate(about[1:]):
            page.write_string(number, 0, line, wrapped)


def _write(page: Any, row: int, column: int, value: Any, wrapped: Any, day: Any) -> None:
    if isinstance(value, date):
        page.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 -- a day
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif value:
        page.write_string(row, column, str(value)[:LONGEST_CELL], wrapped)


def _sheets(partners: Mapping[str, Partner], cards: Mapping[str, Card], language: str, *, staff: bool) -> list[Sheet]:
    def said(msgid: str) -> str:
        return translate(language, msgid)

    faces = [partner_face(one, staff=staff) for one in partners.values()]
    ordered = sorted(faces, key=lambda one: (one.sort_key, one.id))
    told = [face(one, staff=staff) for one in cards.values()]
    offers = sorted(told, key=lambda one: (one.partner.sort_key, one.title(language), one.id))
    return [
        Sheet(
            said("Institutions"),
            _columns(said, ("Name", 40), ("Kind", 26), ("Municipality", 20), ("Telephone", 24), ("E-mail", 28),
                     ("Website", 28), ("Sources", 20)),
            [_institution(one, language) for one in ordered],
        ),
        Sheet(
            said("Offers"),
            _columns(said, ("Offer", 40), ("Institution", 36), ("Form of support", 26), ("Needs", 30), ("For whom", 30),
                     ("Place", 20), ("Address", 28), ("Telephone", 24), ("Opening hours", 36), ("Free places", 10),
                     ("Places in all", 10), ("Waiting", 10), ("As at", 12), ("Conditions", 30), ("Sources", 20)),
            [_offer(one, language, staff=staff) for one in offers],
        ),
        Sheet(
            said("Places"),
            _columns(said, ("Institution", 40), ("Address", 30), ("Post code", 10), ("Place", 22), ("TERC", 10),
                     ("Opening hours", 40), ("Accessibility", 40)),
            [_site(one, site, language, staff=staff) for one in ordered for site in one.sites],
        ),
    ]  # fmt: skip


def _columns(said: Any, *columns: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((said(name), width) for name, width in columns)


def _institution(partner: Partner, language: str) -> Sequence[Any]:
    found = unit(partner.terc)
    return (
        partner.name,
        label("kind", partner.kind, language),
        found.name if found else "",
        _contacts(partner, PHONES),
        _contacts(partner, ("email",)),
        _contacts(partner, ("www",)),
        ", ".join(partner.source_ids),
    )


def _offer(card: Card, language: str, *, staff: bool) -> Sequence[Any]:
    site, places = card.site, card.capacity
    return (
        card.title(language),
        card.partner.name,
        label("form", card.form, language),
        _labels("need", card.needs, language),
        _labels("audience", card.audiences, language),
        site.place if site else "",
        _street(site, language, staff=staff),
        ", ".join(one.written for one in contacts_for(card, site, PHONES)),
        site.hours_text if site else "",
        places.free,
        places.maximum,
        places.waiting,
        places.as_of,
        card.eligibility.get("note", ""),
        ", ".join(card.source_ids),
    )


def _site(partner: Partner, site: Site, language: str, *, staff: bool) -> Sequence[Any]:
    address = site.staff_address if staff else site.address
    answers = (_answer(name, one, language) for name, one in site.accessibility.items())
    return (
        partner.name,
        _street(site, language, staff=staff),
        address.post_code if address else "",
        site.place,
        site.terc,
        site.hours_text,
        "\n".join(answers),
    )


def _answer(feature: str, said: Mapping[str, str], language: str) -> str:
    """One line on one feature of a place: what is asked, the answer, and its own words."""
    name, answer = f"feature.{feature}", f"accessible.{said.get('answer', 'unknown')}"
    words = [translate(language, one) if has(language, one) else one.partition(".")[2] for one in (name, answer)]
    return f"{words[0]}: {words[1]}{f' ({text})' if (text := said.get('text', '')) else ''}"


def _street(site: Site | None, language: str, *, staff: bool) -> str:
    if site is None:
        return ""
    if site.hidden and not staff:
        return translate(language, "address on request")
    address = site.staff_address if staff else site.address
    return address.street if address else ""


def _contacts(partner: Partner, kinds: Sequence[str]) -> str:
    return ", ".join(one.written for one in partner.contacts if one.kind in kinds and one.owner is None)


def _labels(vocabulary: str, codes: Iterable[str], language: str) -> str:
    return ", ".join(label(vocabulary, code, language) for code in codes)


def _about(language: str, *, staff: bool) -> list[str]:
    lines = [
        translate(language, "About this file"),
        translate(language, "Partner directory, as at %(day)s.", day=clock.today().isoformat()),
        translate(
            language, "Free places are as somebody gave them on the day beside them; ask before you send anyone."
        ),
    ]
    if staff:
        lines.append(translate(language, "For staff only: it holds addresses that are not public."))
    return lines

"""Phones, an e-mail address and a page as typed into one field each, to typed contacts and back."""

from collections.abc import Sequence

from msgspec import structs

from referral_hub.institutions.actions import NewContact
from referral_hub.institutions.mailboxes import read_mailboxes
from referral_hub.institutions.phones import pretty, read_phones
from referral_hub.web.forms import Form

PHONES = ("phone", "mobile", "helpline")
EDITED = (*PHONES, "email", "www")


def contact_fields(contacts: Sequence[NewContact]) -> dict[str, str]:
    """What the three fields show."""
    phones = [_with_extension(one) for one in contacts if one.kind in PHONES]
    first = {kind: next((one.value for one in contacts if one.kind == kind), "") for kind in ("email", "www")}
    return {"phone": ", ".join(phones), **first}


def read_contacts(form: Form, before: Sequence[NewContact] = ()) -> list[NewContact]:
    """The contacts typed; every problem is kept in the form.

    Numbers that stay keep their words and visibility, and kinds that no field shows (fax, ePUAP) stay as they are.
    """
    found: list[NewContact] = []
    typed = form.text("phone", required=False, most=200)
    phones = read_phones(typed)
    if typed and (not phones.found or phones.leftovers):
        form.add("phone", "phone_not_known")
    found += [NewContact(kind=one.kind, value=pretty(one.number), extension=one.extension) for one in phones.found]
    address = form.text("email", required=False, most=254)
    if address:
        boxes = read_mailboxes(address)
        if len(boxes) != 1 or boxes[0].problem == "invalid":
            form.add("email", "email_not_known")
        else:
            found.append(NewContact(kind="email", value=boxes[0].value))
    www = form.text("www", required=False, most=254)
    if www:
        if " " in www or "." not in www or not www.removeprefix("https://").removeprefix("http://").isprintable():
            form.add("www", "wrong_pattern")
        found.append(NewContact(kind="www", value=www))
    known = {(one.kind, _digits(one)): one for one in before}
    kept = [known.get((one.kind, _digits(one)), one) for one in found]
    return [structs.replace(one, belongs_to=None) for one in (*kept, *_not_shown(before, kept))]


def _not_shown(before: Sequence[NewContact], kept: Sequence[NewContact]) -> list[NewContact]:
    """Contacts that no field shows: other kinds, and a second address or page beside the one in the field."""
    seen: set[str] = set()
    found = []
    for one in before:
        if one.kind not in EDITED or (one.kind in seen and one.kind not in PHONES and one not in kept):
            found.append(one)
        seen.add(one.kind)
    return found


def names_a_person(contacts: Sequence[NewContact]) -> bool:
    """Whether an address looks like somebody's own: taken, with a word of caution."""
    boxes = [box for one in contacts if one.kind == "email" for box in read_mailboxes(one.value)]
    return any(box.problem == "names_person" for box in boxes)


def _with_extension(contact: NewContact) -> str:
    return pretty(contact.value) + (f" w. {contact.extension}" if contact.extension else "")


def _digits(contact: NewContact) -> str:
    if contact.kind not in PHONES:
        return contact.value.casefold()
    return "".join(letter for letter in contact.value if letter.isdigit()) + f"/{contact.extension}"

"""Lending of a resource: who has it from when to when."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.directory.tables import Offer
from referral_hub.institutions.tables import Institution


class Booking(Table, tablename="booking"):
    """A room, a projector, a kitchen for one institution: asked, then confirmed or not. Half-open: [starts, ends)."""

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    borrower = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    account = UUID(default=None, null=True)
    starts_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
    pieces = Integer(default=1)
    purpose = Text(default="")
    state = Varchar(length=10, default="asked")
    word = Text(default="")
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    decided_at = Timestamptz(default=None, null=True)

    known_state = Check("state in ('asked', 'confirmed', 'refused', 'cancelled')")
    in_order = Check("starts_at < ends_at")
    at_least_one = Check("pieces > 0")

"""Taking part in the club itself: contract, groups, effects, end. The yearly report counts these."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.institutions.tables import Institution
from referral_hub.participants.tables import Participant
from referral_hub.referrals.tables import Task


class Participation(Table, tablename="participation"):
    """Taking part in the KIS itself: the yearly report counts these. `task`: the referral the person came by."""

    id = UUID(primary_key=True, default=None)
    participant = ForeignKey(Participant, null=False, default=None, on_delete=OnDelete.restrict)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    task = ForeignKey(Task, null=True, default=None, on_delete=OnDelete.restrict)
    contract_number = Text(default="")
    contract_on = Date(default=None, null=True)
    started_on = Date(default=None, null=False)
    ended_on = Date(default=None, null=True)
    end_reason = Varchar(length=40, default="")
    main_group = Varchar(length=60, default="")
    refused_group = Boolean(default=False)
    certificate_number = Varchar(length=40, default="")
    certificate_on = Date(default=None, null=True)
    keeper = UUID(default=None, null=True)
    version = Integer(default=1)

    one_start = Unique(["participant", "started_on"])
    in_order = Check("ended_on is null or started_on <= ended_on")


class Effect(Table, tablename="participation_effect"):
    """One effect reached on a day; a wrong one is voided, never deleted. `source`: club, person or partner."""

    id = UUID(primary_key=True, default=None)
    participation = ForeignKey(Participation, null=False, default=None, on_delete=OnDelete.restrict)
    effect = Varchar(length=60, default=None, null=False)
    reached_on = Date(default=None, null=False)
    source = Varchar(length=10, default="club")
    made_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)
    voided_at = Timestamptz(default=None, null=True)

    known_source = Check("source in ('club', 'person', 'partner')")

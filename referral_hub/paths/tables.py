"""A path, not a single shot: the steps toward a person's goals, in order, and the contract they rest on."""

from piccolo.columns import UUID, Bytea, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.institutions.tables import Institution
from referral_hub.participants.tables import Participant
from referral_hub.referrals.tables import Task


class Path(Table, tablename="support_path"):
    """One plan of one person. `contract_kind`: kontrakt socjalny, IPZS, IPR, IPD, IPUS; `version` guards edits."""

    id = UUID(primary_key=True, default=None)
    participant = ForeignKey(Participant, null=False, default=None, on_delete=OnDelete.restrict)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    goal_sealed = Bytea(default=None, null=True)
    contract_kind = Varchar(length=20, default="")
    contract_number = Text(default="")
    contract_on = Date(default=None, null=True)
    review_on = Date(default=None, null=True)
    reviewed_on = Date(default=None, null=True)
    result = Varchar(length=12, default="")
    keeper = UUID(default=None, null=True)
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)

    known_result = Check("result in ('', 'reached', 'partly', 'not_reached', 'changed')")


class Step(Table, tablename="support_step"):
    """One step: the form of support or need it is about, by when, and the referral that carries it out."""

    id = UUID(primary_key=True, default=None)
    path = ForeignKey(Path, null=False, default=None, on_delete=OnDelete.restrict)
    position = Integer(default=None, null=False)
    form = Varchar(length=60, default="")
    need = Varchar(length=60, default="")
    words_sealed = Bytea(default=None, null=True)
    target_on = Date(default=None, null=True)
    task = ForeignKey(Task, null=True, default=None, on_delete=OnDelete.restrict)
    state = Varchar(length=10, default="planned")
    done_on = Date(default=None, null=True)

    known_state = Check("state in ('planned', 'under_way', 'done', 'dropped')")

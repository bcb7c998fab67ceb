"""What stays when two entries become one, as a pure rule."""

import pytest

from referral_hub.database.columns import new_id
from referral_hub.duplicates.choosing import FIELDS, choices
from referral_hub.institutions.source_ranks import Ranks


@pytest.mark.parametrize(("ours", "theirs", "stays"), [(False, True, True), (True, False, True), (False, False, False)])
def test_edits_go_on_waiting_for_approval_where_those_of_either_did(ours: bool, theirs: bool, stays: bool) -> None:
    same = dict.fromkeys(FIELDS, "x")
    kept = {**same, "id": new_id(), "edits_wait": ours}
    merged = {**same, "id": new_id(), "edits_wait": theirs}
    found = {one.field: one for one in choices(kept, merged, {}, {}, Ranks({}))}["edits_wait"]
    assert (found.merged if found.stays == "merged" else found.kept) == stays

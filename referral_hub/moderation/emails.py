"""What a mail to a partner says about a suggestion: the field, what stands and what was suggested, nothing of whom."""

from collections.abc import Mapping
from typing import Any

import msgspec

from referral_hub.accounts.links import LASTS
from referral_hub.institutions.free_text import names_somebody
from referral_hub.settings import settings
from referral_hub.web.wording import sentence_of, speaking

_MOST = 400


def suggestion_asked(institution: str, row: Mapping[str, Any], secret: str, language: str) -> dict[str, Any]:
    """Facts of the mail. A value that looks as if it named a person stays out of it."""
    with speaking(language):
        field = sentence_of(language, "suggestion_field", row["field"], {})
    present, suggested = (_said(row[name]) for name in ("present", "suggested"))
    if row["field"] in ("closed", "other"):
        present = suggested = ""
    return {
        "institution": institution,
        "field": field,
        "present": present,
        "suggested": suggested,
        "link": f"{settings().public_url}/c/{secret}",
        "days": LASTS["c"].days,
    }


def _said(value: str) -> str:
    said = msgspec.json.decode(value)
    text = said if isinstance(said, str) else ""
    return "" if names_somebody(text) else text[:_MOST]

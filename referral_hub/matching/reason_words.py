"""The reasons for and against an offer, in words."""

from collections.abc import Callable

from referral_hub.matching.fit import Reason
from referral_hub.vocabularies import book
from referral_hub.web.formats import number
from referral_hub.web.page import code_text


def reason_text(language: str) -> Callable[[Reason], str]:
    """A function that says a matching reason in this language: audience codes become words."""

    def text(reason: Reason) -> str:
        facts = dict(reason.facts)
        if "audiences" in facts:
            codes = facts["audiences"]
            names = [book.label("audience", code, language) for code in codes] if isinstance(codes, list) else []
            facts["audiences"] = ", ".join(names)
        if isinstance(reason.facts.get("km"), float):
            facts["km"] = number(round(reason.facts["km"], 1))  # type: ignore[call-overload]
        return code_text("fit", reason.code, **{name: "?" if fact is None else fact for name, fact in facts.items()})

    return text

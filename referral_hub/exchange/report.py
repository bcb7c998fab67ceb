"""The report of an import, in the shape that scripts rely on. Pure."""

from typing import Any

from msgspec import Struct, field

from referral_hub.exchange.problems import ImportProblem


class Made(Struct):
    """What the run added to the directory."""

    institutions: int = 0
    sites: int = 0
    offers: int = 0
    readings: int = 0


class Report(Struct):
    """`created`, `updated`, `unchanged`, `rejected` count rows and add up to `read`."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    made: Made = field(default_factory=Made)
    problems: list[ImportProblem] = []

    def as_dict(self) -> dict[str, Any]:
        """As JSON: the counts, `made`, and `problems` of {line, severity, field, value, problem}."""
        counts = {name: getattr(self, name) for name in ("read", "created", "updated", "unchanged", "rejected")}
        made = {name: getattr(self.made, name) for name in ("institutions", "sites", "offers", "readings")}
        return {**counts, "made": made, "problems": [problem.as_report() for problem in self.problems]}

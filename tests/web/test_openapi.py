"""The examples in the description of the API are what the calls take and give."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from jsonschema import Draft202012Validator

from referral_hub.app import make_app
from referral_hub.directory.read_model_asked import read_asked
from referral_hub.referrals.fields import read_fields
from referral_hub.referrals.grounds import basis_from
from referral_hub.referrals.lifecycle import TABLE
from referral_hub.referrals.reasons import codes_for
from referral_hub.referrals.schemas import MoveGiven
from referral_hub.vocabularies import book
from referral_hub.web.openapi import describe

pytestmark = pytest.mark.anyio
MAIN = {
    ("get", "/api/v1/offers"),
    ("post", "/api/v1/referrals"),
    ("post", "/api/v1/referrals/{task}/moves"),
    ("post", "/api/v1/intake"),
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe(make_app(lifespan=False))


def contents(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything in a call that has a schema and may have an example."""
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [*operation["parameters"], *(one for body in bodies for one in body.get("content", {}).values())]


def example_of(document: dict[str, Any], path: str) -> dict[str, Any]:
    return dict(document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"])


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    shown = set()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for one in contents(operation):
                if "example" in one:
                    shown.add((method, path))
                    whole = {**one["schema"], "components": document["components"]}
                    checker = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
                    assert [error.message for error in checker.iter_errors(one["example"])] == [], f"{method} {path}"
    assert shown >= MAIN


async def test_the_examples_are_taken_by_the_rules_behind_the_calls(
    document: dict[str, Any], database: asyncpg.Connection
) -> None:
    asked = document["paths"]["/api/v1/offers"]["get"]["parameters"]
    pairs = [(one["name"], one["example"]) for one in asked if "example" in one]
    assert len(pairs) > 1
    assert read_asked(pairs)[1] == []

    draft = example_of(document, "/api/v1/referrals")
    assert book.is_known("need", draft["need"])
    recipient = UUID("0193580e-6d21-7c53-8e4a-91b0c7d2f5a7")
    assert basis_from(draft["basis"], recipient=recipient, need=draft["need"])[1] == []

    move, many = example_of(document, "/api/v1/referrals/{task}/moves"), example_of(document, "/api/v1/intake")
    moved = {name: value for name, value in move.items() if name not in MoveGiven.__struct_fields__}
    for verb, fields in ((move["verb"], moved), (many["act"], many["fields"])):
        row = next(row for row in TABLE if row.verb == verb)
        assert read_fields(row, fields, codes_for(row))[1] == []

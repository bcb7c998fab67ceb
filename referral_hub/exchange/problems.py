"""What an import says about a file: a line of the report per doubt, a sentence for each kind. Pure."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from referral_hub.errors import Refused

Severity = Literal["error", "warning", "info"]

SENTENCES = {
    # the file
    "empty_file": "The file is empty.",
    "too_large": "The file is too large; the limit is {limit} MB.",
    "too_many_rows": "The file has more than {limit} rows.",
    "not_text": "The file is not text: it looks like {kind}. Save it as CSV, UTF-8.",
    "columns_missing": "The first line must name the columns. Expected: {expected}. Missing: {missing}.",
    "column_twice": "The first line names the column {column} twice.",
    "source_is_another_kind": "The source {source} was imported before as {before}; use another source name.",
    "not_geojson": "The file is not GeoJSON: {reason}.",
    "source_name": "A source name is 1 to 80 letters, digits, dots, hyphens or underscores.",
    "unknown_kind": "This kind of file is not known. Known: {known}.",
    "not_written": "The file cannot be written there.",
    "no_such_file": "There is no such file, or it cannot be read.",
    "encoding_cp1250": "The file is not UTF-8; it was read as Windows-1250.",
    "encoding_utf16": "The file is UTF-16; it was read as such.",
    "delimiter": "The cells are separated by {found}, not by commas; they were read so.",
    # a record
    "cells": "The line has {found} cells instead of {expected}; lines may have been merged or split.",
    "not_utf8": "The line holds bytes that are not UTF-8.",
    "nul": "The line holds NUL characters.",
    "quote_open": "A quotation mark is not closed.",
    "cell_too_long": "A cell is longer than {limit} characters.",
    "empty_row": "The line has no name.",
    "same_id": "This id stands in line {line} already.",
    "same_row": "The same record stands in line {line} already.",
    "no_id": "The line has no id.",
    # values
    "unknown_value": "This value is not known; it was taken as {taken}.",
    "phone_incomplete": "This is no complete telephone number; it was left out.",
    "phone_unlikely": "No such telephone number is allotted; it was kept.",
    "phone_in_name": "A telephone number stood in the name; it was moved to the contacts.",
    "email_invalid": "This is no e-mail address; it was left out.",
    "email_names_person": "The address names a person; it was left out.",
    "www_invalid": "This is no web address; it was left out.",
    "email_in_hours": "An e-mail address stands where the hours should; it was moved to the contacts.",
    "tasks_in_hours": "The hours column holds a list of tasks; it was kept as text, and no hours were taken.",
    "several_names": "Several institutions share the cell; it was kept as one, with its full text.",
    "no_address": "There is no address that is certain; the offers were kept without a place.",
    "address_of_another": "The address is of the body that runs it, not of the place; it was not used.",
    "several_addresses": "Several addresses share the cell; the one beside the post code was taken.",
    "sites_split": "{count} addresses share the cell; each became a place of its own.",
    "no_number": "The address has no street and number; only the town was taken.",
    "post_code_invalid": "This is no post code.",
    "gmina_from_place": "The post code fits several gminy; the name of the town decided.",
    "place_corrected": "The town is spelled {said}; {taken} was taken.",
    "gmina_uncertain": "The gmina is not certain; the place was kept as text.",
    "gmina_corrected": "The column says {said}, the post code says otherwise; {taken} was taken.",
    "terc_unknown": "No gmina has this TERC code.",
    "terc_of_another": "The TERC code is of {said}; by its name and place it is {taken}, which was taken.",
    "coordinates_far": "The coordinates are {km} km from the gmina; they were left out.",
    "coordinates_invalid": "These are no coordinates in Poland; they were left out.",
    "coordinates_rough": "The coordinates are only of the centre of the gmina.",
    "address_hidden": "An address where people find shelter from violence; it is shown to staff only.",
    "no_form": "No form of support was recognised; the offer was filed under “other”.",
    "not_a_number": "This is no whole number; it was left out.",
    "not_a_date": "This is no date.",
    "date_in_future": "The day has not come yet.",
    "women_men_total": "Women {women} and men {men} do not add up to {total}; kept as given.",
    "over_capacity": "{allocated} people are allocated to {maximum} places; kept as given.",
    "unverified": "The source itself says that this entry is not verified.",
    "two_match": "Two institutions of the directory fit this line; the first that fits was taken.",
    "own_edit_kept": "Somebody of the network changed this by hand; their value was kept.",
    "unknown_unit": "No unit has this code.",
    "not_a_feature": "This is not a feature.",
    "not_a_polygon": "This is not a polygon.",
    "not_in_degrees": "The coordinates are not degrees in Poland.",
    "unreadable": "The line could not be read.",
}


class ImportProblem(Struct, frozen=True):
    """One doubt: `line` is the first physical line of the record (0: the file), only `error` rejects it."""

    line: int
    severity: Severity
    field: str
    value: str
    code: str
    facts: dict[str, str | int] = {}

    @property
    def sentence(self) -> str:
        """The doubt in plain words."""
        return SENTENCES[self.code].format(**self.facts)

    def as_report(self) -> dict[str, str | int]:
        """As the report writes it: {line, severity, field, value, problem}."""
        return {
            "line": self.line,
            "severity": self.severity,
            "field": self.field,
            "value": self.value[:200],
            "problem": self.sentence,
        }


class FileRefused(Refused):
    """The file as a whole cannot be taken; nothing of it was written. `sentence` says why in plain words."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(f"import_{code}", (), **facts)
        self.sentence = SENTENCES[code].format(**facts)

    def __str__(self) -> str:
        return self.sentence


class Notes:
    """Collects the doubts about one record while it is read."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.problems: list[ImportProblem] = []

    def warn(self, code: str, field: str, value: object = "", **facts: str | int) -> None:
        """Something was left out or is doubtful; the record is taken."""
        self.problems.append(ImportProblem(self.line, "warning", field, str(value), code, facts))

    def info(self, code: str, field: str, value: object = "", **facts: str | int) -> None:
        """Something was decided that a reader may want to know."""
        self.problems.append(ImportProblem(self.line, "info", field, str(value), code, facts))

    def error(self, code: str, field: str, value: object = "", **facts: str | int) -> None:
        """The record cannot be taken."""
        self.problems.append(ImportProblem(self.line, "error", field, str(value), code, facts))

    @property
    def rejected(self) -> bool:
        """Whether an error stands against the record."""
        return has_error(self.problems)


def has_error(problems: Sequence[ImportProblem]) -> bool:
    """Whether any of the problems rejects its record."""
    return any(problem.severity == "error" for problem in problems)

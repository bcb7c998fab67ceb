"""The log tells where it went wrong, never about whom."""

import io
from collections.abc import Iterator

import pytest
import structlog

from referral_hub.log import set_up_logging


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = structlog.get_config()
    set_up_logging(stream)
    yield stream
    structlog.configure(**before)


def choke(name: str) -> None:
    try:
        int(name)
    except ValueError as error:
        raise RuntimeError(f"no number: {name}") from error


def test_an_error_is_logged_by_its_way_and_not_by_its_words(written: io.StringIO) -> None:
    try:
        choke("Zofia Przykładowa")
    except RuntimeError:
        structlog.get_logger("test").error("unexpected", exc_info=True, path="/people")
    line = written.getvalue()
    assert "Zofia" not in line
    assert "error=RuntimeError>ValueError" in line
    assert "test_log.py" in line
    assert "path=/people" in line
    assert line.count("\n") == 1

"""A backup comes back whole, or not at all; and on the system's PostgreSQL as on ours."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from referral_hub.database.binaries import Binaries
from referral_hub.database.embedded import running_cluster
from tests.cli.conftest import Scratch, ask, drop_database, environment_for, referral_hub, scratch_database
from tests.cli.test_commands import one_line
from tests.database.conftest import place  # noqa: F401 -- a fixture

SYSTEM_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
async def other(anyio_backend: str, worker_id: str, tmp_path: Path) -> AsyncIterator[Scratch]:
    """A second, empty database to restore into."""
    yield await scratch_database(f"other_{worker_id}", tmp_path, template="template0")
    await drop_database(f"other_{worker_id}")


def add_account(scratch: Scratch) -> None:
    run = referral_hub(
        *("account", "add", "a@example.org", "--role", "admin", "--institution", str(scratch.institution)),
        environment=scratch.environment,
    )
    assert run.returncode == 0, run.stderr


def test_a_backup_comes_back_whole(scratch: Scratch, other: Scratch, tmp_path: Path) -> None:
    add_account(scratch)
    out = tmp_path / "kopia zapasowa.dump"
    saved = referral_hub("backup", str(out), environment=scratch.environment)
    assert saved.returncode == 0, saved.stderr
    assert "key file is not in it" in saved.stdout
    assert out.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))

    back = referral_hub("restore", str(out), environment=other.environment)
    assert back.returncode == 0, back.stderr
    assert ask(other.app, "select email from account") == "a@example.org"
    for fact in (
        "select count(*) from vocabulary_term",
        "select count(*) from pg_policies",
        "select count(*) from pg_indexes where schemaname = 'public'",
        "select count(*) from audit_event",
    ):
        assert ask(other.owner, fact) == ask(scratch.owner, fact)
    healthy = referral_hub("doctor", environment=other.environment)
    assert healthy.returncode == 0, healthy.stdout
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(other.app, "delete from audit_event")


def test_a_restore_overwrites_only_when_told(scratch: Scratch, tmp_path: Path) -> None:
    out = tmp_path / "before.dump"
    assert referral_hub("backup", str(out), environment=scratch.environment).returncode == 0
    add_account(scratch)
    refused = one_line(referral_hub("restore", str(out), environment=scratch.environment))
    assert "--replace" in refused
    assert ask(scratch.owner, "select count(*) from account") == 1
    done = referral_hub("restore", str(out), "--replace", environment=scratch.environment)
    assert done.returncode == 0, done.stderr
    assert ask(scratch.owner, "select count(*) from account") == 0


def test_what_is_no_backup_changes_nothing(scratch: Scratch, tmp_path: Path) -> None:
    add_account(scratch)
    wrong, cut = tmp_path / "wrong", tmp_path / "cut"
    wrong.write_text("hello")
    assert "no backup" in one_line(referral_hub("restore", str(wrong), environment=scratch.environment))
    whole = tmp_path / "whole"
    assert referral_hub("backup", str(whole), environment=scratch.environment).returncode == 0
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert referral_hub("restore", str(cut), "--replace", environment=scratch.environment).returncode == 1
    assert ask(scratch.owner, "select count(*) from account") == 1
    assert "No such file" in one_line(referral_hub("restore", str(tmp_path / "none"), environment=scratch.environment))


def test_an_empty_database_has_nothing_to_back_up(empty: Scratch, tmp_path: Path) -> None:
    line = one_line(referral_hub("backup", str(tmp_path / "out"), environment=empty.environment))
    assert "nothing to back up" in line
    assert os.listdir(tmp_path) == [] or not (tmp_path / "out").exists()


@pytest.mark.skipif(not SYSTEM_15.is_dir(), reason="no PostgreSQL 15 of the system here")
def test_everything_works_on_the_systems_15(place: Path, tmp_path: Path) -> None:  # noqa: F811 -- the fixture is imported
    with running_cluster(place / "data", binaries=Binaries(SYSTEM_15, 15)) as urls:
        environment = environment_for(urls.app, urls.owner, tmp_path)
        assert referral_hub("init", environment=environment).returncode == 0
        doctor = referral_hub("doctor", environment=environment)
        assert doctor.returncode == 0, doctor.stdout
        assert "PostgreSQL 15" in doctor.stdout
        out = tmp_path / "of 15.dump"
        assert referral_hub("backup", str(out), environment=environment).returncode == 0
        back = referral_hub("restore", str(out), environment=environment)
        assert back.returncode == 0, back.stderr
        assert ask(urls.app, "select count(*) > 200 from vocabulary_term") is True

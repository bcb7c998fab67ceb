"""Commands: what they print, how they end, and that nothing they refuse leaves a trace of Python."""

import json
import subprocess
from pathlib import Path

import pytest

from referral_hub.cli import parser
from tests.cli.conftest import Scratch, ask, referral_hub

COMMANDS = ["demo", "serve", "worker", "init", "account add", "account list", "key add", "import", "export"]
COMMANDS += ["doctor", "backup", "restore", "bench"]


def one_line(run: subprocess.CompletedProcess[str]) -> str:
    """The single line of an error."""
    assert run.returncode == 1, run
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("referral-hub: ")
    return lines[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args([*command.split(), "--help"])
    assert end.value.code == 0
    assert "usage: referral-hub" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "plan a b",
        "rotate-keys",
        "import x --source y --kind hsds",
        "account add",
        "serve --port 0",
        "demo --size huge",
    ],
)
def test_wrong_use_ends_with_2(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(wrong.split())
    assert end.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_account_gets_in_by_password_or_by_link(scratch: Scratch) -> None:
    institution = str(scratch.institution)
    add = ("account", "add", "Kierownik@Example.org", "--role", "coordinator,caseworker", "--institution", institution)
    made = referral_hub(*add, "--password-stdin", environment=scratch.environment, given="dwanaście znaków\n")
    assert made.returncode == 0, made.stderr
    listed = json.loads(referral_hub("account", "list", "--json", environment=scratch.environment).stdout)
    assert [(row["email"], row["roles"]) for row in listed] == [
        ("kierownik@example.org", ["caseworker", "coordinator"])
    ]
    link = referral_hub("account", "add", "drugi@example.org", *add[3:], environment=scratch.environment).stdout
    assert "/sign-in/set/" in link
    assert "already" in one_line(referral_hub(*add, environment=scratch.environment)).lower()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("no-address", "--role", "admin"), "email"),
        (("a@example.org", "--role", "king"), "role"),
    ],
)
def test_a_wrong_account_is_refused_in_one_line(scratch: Scratch, change: tuple[str, ...], word: str) -> None:
    run = referral_hub(
        "account", "add", *change, "--institution", str(scratch.institution), environment=scratch.environment
    )
    assert word in one_line(run)


def test_an_account_of_nobody_is_refused(scratch: Scratch) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    run = referral_hub(
        "account", "add", "a@example.org", "--role", "admin", "--institution", nobody, environment=scratch.environment
    )
    one_line(run)
    assert ask(scratch.owner, "select count(*) from account") == 0


def test_a_key_is_printed_once_and_kept_as_a_digest(scratch: Scratch) -> None:
    from referral_hub.accounts.permissions import ROLES

    scope = str(sorted(ROLES["caseworker"])[0])
    run = referral_hub(
        "key", "add", "--institution", str(scratch.institution), "--scope", scope, environment=scratch.environment
    )
    assert run.stdout.startswith("rh_"), run.stderr
    assert ask(scratch.owner, "select length(token) from api_key") == 32
    wrong = referral_hub(
        "key", "add", "--institution", str(scratch.institution), "--scope", "all:all", environment=scratch.environment
    )
    assert "scope" in one_line(wrong)


def test_init_says_where_the_key_file_is_and_repeats_safely(empty: Scratch) -> None:
    key_file = Path(empty.environment["REFERRAL_HUB_DATA_DIR"]) / "keys.json"
    for said in ("new key file", "key file"):
        run = referral_hub("init", environment=empty.environment)
        assert run.returncode == 0, run.stderr
        assert f"{said}: {key_file}" in run.stdout
        assert "loses the personal data" in run.stdout
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_two_nodes_starting_at_once_migrate_once(empty: Scratch) -> None:
    import sys

    nodes = [
        subprocess.Popen(
            [sys.executable, "-m", "referral_hub", "init"],
            env=empty.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for node in nodes:
        said, complained = node.communicate(timeout=120)
        assert node.returncode == 0, complained
        assert "ready" in said
    applied = ask(empty.owner, "select count(*) = count(distinct name) and count(*) > 1 from migration")
    assert applied is True
    assert ask(empty.owner, "select count(*) > 200 from vocabulary_term") is True


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("REFERRAL_HUB_DATABASE_URL", "mysql://x:secret@y/z", "postgresql://"),
        ("REFERRAL_HUB_DATABASE_URL", "postgresql://x:secret@127.0.0.1:1/z", "127.0.0.1"),
        ("REFERRAL_HUB_TRUSTED_PROXIES", "10.0.0.0/8, nonsense", "nonsense"),
    ],
)
def test_a_wrong_setting_is_one_line_without_its_secret(scratch: Scratch, setting: str, value: str, word: str) -> None:
    environment = {**scratch.environment, setting: value}
    environment.pop("REFERRAL_HUB_DATABASE_OWNER_URL")
    line = one_line(referral_hub("account", "list", environment=environment))
    assert word in line
    assert "secret" not in line


def test_doctor_finds_nothing_wrong_in_a_fresh_hub(scratch: Scratch) -> None:
    assert referral_hub("init", environment=scratch.environment).returncode == 0
    run = referral_hub("doctor", "--json", environment=scratch.environment)
    states = {finding["what"]: finding["state"] for finding in json.loads(run.stdout)}
    assert run.returncode == 0, run.stdout
    assert states["row-level security"] == states["the app's role"] == states["migrations"] == "ok"
    assert states["mail"] == "warning"


def test_doctor_finds_what_is_wrong(scratch: Scratch) -> None:
    assert referral_hub("init", environment=scratch.environment).returncode == 0
    Path(scratch.environment["REFERRAL_HUB_DATA_DIR"], "keys.json").chmod(0o644)
    # The owner passes row-level security: whoever lets the app work as owner should hear of it.
    as_owner = {**scratch.environment, "REFERRAL_HUB_DATABASE_URL": scratch.owner}
    as_owner["REFERRAL_HUB_SMTP_URL"] = "smtp://127.0.0.1:1"
    run = referral_hub("doctor", "--json", environment=as_owner)
    wrong = {finding["what"] for finding in json.loads(run.stdout) if finding["state"] == "error"}
    assert run.returncode == 1
    assert wrong == {"key file", "the app's role", "mail"}
    silent = {**scratch.environment, "REFERRAL_HUB_DATABASE_URL": "postgresql://x@127.0.0.1:1/z"}
    assert referral_hub("doctor", environment=silent).returncode == 1

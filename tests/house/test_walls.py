"""Who may know whom: directions, where the framework may be named, and what stays out of the product."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT, files, imported, name_of, tree

WITH_FRAMEWORK = re.compile(r"app\.py|web/\w+\.py|accounts/(guards|sessions)\.py|\w+/(\w+_)?(pages|api)\.py")
WITH_ORM = re.compile(r"database/\w+\.py|\w+/tables\.py")
LONGEST_FILE, LONGEST_FUNCTION = 330, 70


def test_imports_point_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_only_the_edges_know_the_framework() -> None:
    assert [name_of(p) for p in files() if "litestar" in imported(p) and not WITH_FRAMEWORK.fullmatch(name_of(p))] == []


def test_only_tables_and_the_database_know_the_orm() -> None:
    assert [name_of(p) for p in files() if "piccolo" in imported(p) and not WITH_ORM.fullmatch(name_of(p))] == []


def test_nobody_builds_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "managers", "services", "common", "misc"}
    found = {name_of(path) for path in files() if drawers & set(path.with_suffix("").parts)}
    assert found == set()


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_a_file_is_small_and_does_not_read_the_wall_clock(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: an assert vanishes under -O"
    # Rules take a moment as an argument, SQL takes it as a parameter: only so the demo can move the clock.
    if name_of(path) not in ("clock.py", "commands/doctor.py"):
        assert re.findall(r"(?<!clock\.)\b(?:now|utcnow|current_timestamp)\(\)|\bdate\.today\(\)", text) == []


def test_every_version_is_pinned_and_no_registry_named() -> None:
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = dict(line.split("==") for line in lines)
    assert not [line for line in lines if "/" in line or "@" in line or "index" in line]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["test"]]
    known = {canonicalize_name(name): version for name, version in pins.items()}
    for requirement in wanted:
        assert canonicalize_name(requirement.name) in known, f"{requirement.name} has no pin"
        assert requirement.specifier.contains(known[canonicalize_name(requirement.name)], prereleases=True)


def test_what_is_installed_here_is_what_is_pinned() -> None:
    from importlib.metadata import distributions

    from packaging.utils import canonicalize_name

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}
    # What pip itself brings into a new environment is nobody's dependency.
    own = {"pip", "setuptools", "wheel", "referral-hub"}
    here = {canonicalize_name(one.metadata["Name"]): one.version for one in distributions()}
    assert {name: version for name, version in here.items() if name not in own and pins.get(name) != version} == {}


def test_every_exception_from_the_lint_says_why() -> None:
    roots = [path for path in (ROOT / "referral_hub", ROOT / "tests", ROOT / "benchmarks") if path.is_dir()]
    silent = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for root in roots
        for path in root.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)*\s*$", line)
    ]
    assert silent == []

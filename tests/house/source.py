"""The product's source as the house tests read it: parsed once a file."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "referral_hub"
TEMPLATES = ROOT / "templates"
MIGRATIONS = PACKAGE / "database" / "migrations"


@cache
def files() -> tuple[Path, ...]:
    """Every Python file of the product; migrations are written by a machine."""
    return tuple(path for path in sorted(PACKAGE.rglob("*.py")) if MIGRATIONS not in path.parents)


def name_of(path: Path) -> str:
    """'accounts/guards.py' for a path."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> frozenset[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or method with one of these names."""
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                called = node.func
                said = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if said in names:
                    yield path, node


def literals(path: Path) -> Iterator[str]:
    """Every string in a file, docstrings too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def argument(call: ast.Call, place: int) -> str | None:
    """The literal string at a place of a call's arguments, or None when it is something else."""
    if len(call.args) <= place:
        return None
    given = call.args[place]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None

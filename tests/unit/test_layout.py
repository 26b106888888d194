"""The rooms of the package: who may import whom, and that only `defs` knows Dagster."""

import ast
import re
from pathlib import Path

from pipelines.forms.dbt_models import drifted_models
from pipelines.settings import CHECKOUT, Settings

PACKAGE = CHECKOUT / "pipelines"
COMMON = {"settings", "files", "findings", "parquet", "refusals", "tables", "units"}
# Each room and the rooms it may import from, besides the common ground and itself.
MAY_IMPORT = {
    "settings": set(),
    "files": set(),
    "findings": set(),
    "parquet": set(),
    "refusals": set(),
    "tables": set(),
    "units": set(),
    "forms": set(),
    "collect": {"forms"},
    "validate": {"forms", "collect"},
    "land": {"forms", "collect", "validate"},
    "receipts": {"forms", "collect", "validate", "land"},
    "practice": {"forms"},
    "figures": {"forms", "collect"},
    "estimates": set(),
    "cards": set(),
    "site": {"forms"},
    "release": {"forms", "figures", "estimates", "cards", "site"},
    "warehouse": {"collect", "release"},
    "summary": {"collect", "release"},
    "load": {"forms", "collect", "validate", "land", "figures", "estimates", "cards", "release", "warehouse", "summary"},
    "trace": {"release"},
    "status": {"forms", "release", "validate"},
    "templates": {"forms", "collect", "validate", "land"},
    "asked": {"forms", "collect", "release"},
    "worklist": {"asked", "land", "release"},
    "console": {"summary", "trace", "status", "templates", "validate", "receipts", "figures", "release"},
    "defs": {"forms", "collect", "land", "figures", "release", "warehouse", "load", "summary", "asked", "definitions"},
    "definitions": {"defs"},
    "cli": {
        *("forms", "collect", "validate", "land", "receipts", "figures", "release", "practice"),
        *("load", "trace", "status", "templates", "asked", "worklist", "console", "summary", "defs"),
    },
}


def imported_modules(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return modules


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_imports_go_one_way():
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        room = room_of(path)
        if room == "__init__":
            continue
        for module in imported_modules(path):
            if (match := re.match(r"pipelines\.(\w+)", module)) and match[1] not in MAY_IMPORT[room] | COMMON | {room}:
                wrong.append(f"{path.relative_to(CHECKOUT)} imports {module}")
    assert wrong == []


def test_every_room_is_listed():
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == set(MAY_IMPORT)


def test_only_defs_imports_dagster():
    importers = {
        room_of(path)
        for path in PACKAGE.rglob("*.py")
        if any(re.match(r"dagster", module) for module in imported_modules(path))
    }
    assert importers == {"defs", "definitions"}


def test_generated_dbt_source_is_current():
    assert drifted_models(Settings().dbt_project) == []


def test_top_level_holds_what_the_design_names_and_little_else():
    named = {"pipelines", "dbt_project", "raw", "expectations", "tests", "dagster.yaml", "pyproject.toml", "README.md"}
    beside = {"Makefile", "requirements.txt", ".ci", ".gitignore"}
    written = {".git", ".venv", "var", ".pytest_cache", ".ruff_cache", ".hypothesis", "wanstat.egg-info"}
    there = {path.name for path in CHECKOUT.iterdir()}
    assert named <= there
    assert there - named - beside - written == set()

"""What a suite of plausibility checks is: the model that every YAML file in `expectations/` is checked against.

Belongs here: the shape of suites and loading them. Does not belong here: running them (`expectations`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from pipelines.forms.model import Strict

NAME = r"^[a-z][a-z0-9_]*$"


class Check(Strict):
    """One expectation about a mart, or about what a query over marts returns.

    Attributes:
        name: with the suite's name in front it is the check's id and must not change.
        title: in Chinese, what should hold.
        table: mart without its schema; the frame is the whole of it unless there is a `query`.
        query: a SELECT over `marts.…`; it returns all rows that are looked at, good and bad, so that an empty result is
            recognised as "nothing was looked at". Arithmetic that must be exact belongs here: frames hold decimals as doubles.
        key: columns that name a row to the reader of the sample.
        expectation: Great Expectations' name, e.g. `expect_column_values_to_be_between`, with its `arguments`.
        when_empty: what it means that there is nothing to look at; only where that is fine, `holds`.
    """

    name: str = Field(pattern=NAME)
    title: str = Field(min_length=1)
    table: str = Field(pattern=NAME)
    query: str | None = None
    key: tuple[str, ...] = ()
    expectation: str = Field(pattern=r"^expect_[a-z0-9_]+$")
    arguments: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["critical", "warning", "info"]
    level: int = Field(ge=0, le=5)
    when_empty: Literal["could_not_verify", "holds"] = "could_not_verify"

    @property
    def sql(self) -> str:
        """The frame's query; ordered, so that the same content gives the same sample and the same message."""
        inner = self.query.strip().rstrip(";") if self.query else f'select * from marts."{self.table}"'
        return f"select * from (\n{inner}\n) order by all"


class Suite(Strict):
    """The checks of one theme."""

    suite: str = Field(pattern=NAME)
    title: str
    checks: tuple[Check, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_once(self) -> Suite:
        names = [check.name for check in self.checks]
        if repeated := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"suite {self.suite}: more than one check is named {sorted(repeated)}")
        return self


def load_suites(folder: Path) -> list[Suite]:
    """The suites in `folder`, in order of file names.

    Raises:
        ValueError: a file is no suite, or isn't named after its suite; the message names the file and the place in it.
    """
    suites = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "suite" not in content:
            continue  # other YAML of the folder, e.g. the named hypotheses of the conflict solver
        try:
            suite = Suite.model_validate(content)
        except ValidationError as error:
            raise ValueError(f"{path.name}: {error}") from error
        if suite.suite != path.stem:
            raise ValueError(f"{path.name}: holds the suite {suite.suite!r}; name the file {suite.suite}.yml")
        suites.append(suite)
    return suites

"""The dbt project as its manifest shows it: layers, names, keys, descriptions, owners; and the site that dbt makes of it.

What dbt-project-evaluator would ask, in our words. An exception stands in a table with its reason, and leaves it when it is over.
"""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines.forms.dbt_models import SQL_HEADER, YAML_HEADER
from pipelines.forms.model import load_forms
from pipelines.release.codes import meaning_of, rules_of
from pipelines.settings import CHECKOUT, Settings
from pipelines.warehouse import ensure_manifest

FORMS = load_forms()
PROJECT = Settings().dbt_project
CHINESE = re.compile("[\u4e00-\u9fff]")
# Layer -> how its models are named, and which layers they read.
NAMES = {"staging": r"stg_\w+", "intermediate": r"int_\w+", "core": r"core_\w+", "marts": r"(?!(stg|int|core)_)\w+"}
READS = {
    "staging": {"sources"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "core": {"staging", "intermediate", "core", "seeds"},
    "marts": {"core"},
}
# What all of staging reads besides its source: which months, and which earlier releases, the load is about.
CONTEXT = {"stg_load_context", "stg_kept_releases"}

WRITTEN = "a selection from what the program itself wrote and checked; whoever counts it has a key"
PUBLISHED = "its mart has the same rows and holds their key"
GROUPED = "grouped by what names a row"
LISTED = "lists rows to be added up; nothing names one of them but its place in a file"
# Model -> why nothing holds a key of it.
KEYLESS = {
    **{f"stg_{form}": WRITTEN for form in FORMS},
    **dict.fromkeys(("stg_findings", "stg_passports", "stg_published_figures", "stg_corrections", "stg_reopenings"), WRITTEN),
    **{f"stg_kept_{what}": WRITTEN for what in ("releases", "observations", "submissions", "corrections", "revisions")},
    **{f"core_{form}": "its macro numbers the rows of a key; the first of each, the fact, have a primary key" for form in FORMS},
    **dict.fromkeys(("core_form_fields", "core_form_rules", "core_overlaps", "core_category_values", "core_growth"), PUBLISHED),
    "core_revision_triangle": PUBLISHED,
    "core_code_lists": "row for row the seed, which has one",
    "core_plan_candidates": "a case and a month of the city's actual figures, both of which have a key",
    "core_plan_evaluations": "row for row core_plan_candidates",
    "core_contributions": LISTED,
    "core_register_mentions": LISTED,
    "core_category_contributions": GROUPED,
    "core_zone_shares": GROUPED,
}  # fmt: skip
SEEN = "no decision of its own; the tests of core have what is made of it"
# Model -> why it has neither a data test nor a unit test nor a key.
UNTESTED = {
    **{name: SEEN for name in KEYLESS if name.startswith("stg_") and name not in ("stg_kept_releases", "stg_kept_observations")},
    **{
        f"core_{form}": "its macro is tested with contracts, certificates and enterprises; its sums are in test_forms.py"
        for form in FORMS.keys() - {"technical_contracts", "high_tech_enterprises", "tech_smes"}
    },
    **dict.fromkeys(("core_code_lists", "core_form_fields", "core_form_rules"), "no decision of its own"),
    "core_register_mentions": "every_accepted_row_is_counted_or_overlap counts its rows",
    "core_category_contributions": "categories_add_up holds them against the totals",
}
# Seed -> why nothing holds a key of it.
KEYLESS_SEEDS = {
    "area_links": "dated; two spans of one link that overlap break the key of core_area_parts",
    "separate_areas": "an area named twice breaks the key of core_areas",
    "obligations": "dated; two spans of one rule that overlap break the key of int_obligations",
    "exemptions": "dated; two spans of one exemption that overlap break the key of int_obligations",
    "area_aliases": "a name may be given twice, for two spans of time",
    "unit_aliases": "a name may be given twice, for two spans of time",
    "indicator_relations": "a scope may be left out; a link given twice breaks the key of core_indicator_links",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> SimpleNamespace:
    """The manifest, parsed once: nodes by kind, each with its `layer`, and by node what reads and what tests it."""
    manifest = json.loads(ensure_manifest(Settings(tmp_path_factory.mktemp("parsed"))).read_text(encoding="utf-8"))
    nodes = manifest["nodes"] | manifest["sources"] | manifest["exposures"] | manifest["unit_tests"]
    for node in nodes.values():
        node["layer"] = {"seed": "seeds", "source": "sources"}.get(node["resource_type"], node["fqn"][1])
        node["reads"] = [nodes[parent] for parent in node.get("depends_on", {}).get("nodes", ())]

    def of(kind: str) -> dict[str, dict]:
        return {node["name"]: node for node in nodes.values() if node["resource_type"] == kind}

    generic = [node for node in nodes.values() if node["resource_type"] == "test" and "test_metadata" in node]
    return SimpleNamespace(
        rules=rules_of(manifest), models=of("model"), seeds=of("seed"), exposures=of("exposure"), groups=manifest["groups"],
        sources=[node for node in nodes.values() if node["resource_type"] == "source"],
        singular_tests=[node for node in nodes.values() if node["resource_type"] == "test" and "test_metadata" not in node],
        unit_tests=list(manifest["unit_tests"].values()),
        tested={node["attached_node"] for node in generic},
        keyed={node["attached_node"] for node in generic if node["test_metadata"]["name"] == "is_key"},
    )  # fmt: skip


def marts(project: SimpleNamespace) -> dict[str, dict]:
    return {name: model for name, model in project.models.items() if model["layer"] == "marts"}


def primary_key(model: dict) -> list[str]:
    return [column for each in model["constraints"] if each["type"] == "primary_key" for column in each["columns"]]


def described(node: dict) -> bool:
    return bool(CHINESE.search(node["description"]))


def test_models_lie_in_the_folder_of_their_layer_and_are_named_after_it(project):
    for name, model in project.models.items():
        path = Path(model["original_file_path"])
        assert path.parts[:2] == ("models", model["layer"]) and path.stem == name
        assert re.fullmatch(NAMES[model["layer"]], name), path
        assert Path(model["patch_path"].partition("://")[2]).parent == path.parent, f"{name} is described in another folder"
    facts = {name for name in project.models if name.startswith("fct_")}
    assert facts == {f"fct_{form}" for form in FORMS}


def test_every_layer_reads_the_layers_below_it(project):
    for name, model in project.models.items():
        read = {each["layer"] for each in model["reads"] if each["name"] not in CONTEXT}
        assert read <= READS[model["layer"]], name


def test_a_source_is_read_once_and_everything_is_read_by_something(project):
    readers = [*project.models.values(), *project.exposures.values()]
    read = [each["unique_id"] for reader in readers for each in reader["reads"]]
    sources = [source["unique_id"] for source in project.sources]
    assert sorted(each for each in read if each in sources) == sorted(sources)
    unread = {node["name"] for node in (project.models | project.seeds).values() if node["unique_id"] not in read}
    assert unread == set()


def test_only_marts_are_public_and_every_model_has_an_owner(project):
    assert {name for name, model in project.models.items() if model["access"] == "public"} == set(marts(project))
    groups = {group["name"]: group for group in project.groups.values()}
    assert {model["group"] for model in project.models.values()} == set(groups)
    assert all(group["owner"]["name"] and described(group) for group in groups.values())


def test_marts_are_a_contract_with_keys_types_and_descriptions(project):
    for name, mart in marts(project).items():
        assert mart["contract"]["enforced"] and described(mart), name
        assert primary_key(mart) and set(primary_key(mart)) <= set(mart["columns"]), name
        for column in mart["columns"].values():
            assert column["data_type"] and described(column), f"{name}.{column['name']}"


def test_every_code_that_a_mart_may_hold_has_a_meaning(project):
    """In its own list or in the comment of its column; the dictionary of a release shows it. A Chinese word means itself."""
    without = [
        f"{name}.{column}: {code}"
        for name, mart in marts(project).items()
        if name in project.rules
        for column, codes in project.rules[name].allowed.items()
        for code in codes
        if code.isascii() and code != "%" and not meaning_of(column, code, mart["columns"][column]["description"])
    ]
    assert without == []


def test_every_mart_is_in_a_release_and_every_exposure_says_what_it_is(project):
    for exposure in project.exposures.values():
        assert exposure["owner"]["name"] and exposure["maturity"] and exposure["reads"] and described(exposure), exposure["name"]
    releases = [exposure for name, exposure in project.exposures.items() if name.startswith("release")]
    assert sorted(each["name"] for release in releases for each in release["reads"]) == sorted(marts(project))


def test_the_key_of_every_model_is_held(project):
    unheld = {name for name, model in project.models.items() if not (primary_key(model) or model["unique_id"] in project.keyed)}
    assert unheld == set(KEYLESS)


# What changes from build to build without a change of the project, and is in the fingerprints of the years.
FINGERPRINTED = {"core_unit_measures", "core_zone_shares", "core_category_contributions", "stg_load_context"}


def test_what_totals_are_made_of_is_in_the_fingerprints_or_comes_from_the_seeds(project):
    def comes_from_seeds(node: dict) -> bool:
        return node["layer"] != "sources" and all(comes_from_seeds(each) for each in node["reads"])

    lasting = {name for name, model in project.models.items() if model["config"]["materialized"] == "incremental"}
    lasting -= {"core_year_fingerprints"}
    read = {each["name"]: each for name in lasting for each in project.models[name]["reads"]}
    others = read.keys() - lasting - FINGERPRINTED - {"core_changed_years"}
    assert {name for name in others if not comes_from_seeds(read[name])} == set()
    assert {each["name"] for each in project.models["core_year_fingerprints"]["reads"]} == FINGERPRINTED


def test_every_model_is_tested(project):
    unit_tested = {each["model"] for each in project.unit_tests}
    untested = {
        name
        for name, model in project.models.items()
        if not (model["unique_id"] in project.tested or name in unit_tested or primary_key(model))
    }
    assert untested == set(UNTESTED)


def test_the_key_of_every_seed_is_held(project):
    unheld = {name for name, seed in project.seeds.items() if seed["unique_id"] not in project.keyed}
    assert unheld == set(KEYLESS_SEEDS)


def test_models_sources_and_tests_are_described(project):
    nodes = [*project.models.values(), *project.sources, *project.unit_tests, *project.singular_tests]
    assert [node["name"] for node in nodes if not described(node)] == []
    for source in project.sources:
        assert source["columns"], source["name"]
        for column in source["columns"].values():
            assert column["data_type"] and described(column), f"{source['name']}.{column['name']}"


def test_every_column_of_a_seed_has_a_type_and_a_description(project):
    for name, seed in project.seeds.items():
        with (PROJECT / seed["original_file_path"]).open(encoding="utf-8-sig", newline="") as file:
            header = set(next(csv.reader(file)))
        assert described(seed) and header == set(seed["config"]["column_types"]) == set(seed["columns"]), name
        assert all(described(column) for column in seed["columns"].values()), name


def test_no_sql_names_a_table_otherwise_than_by_ref_or_source(project):
    names = project.models.keys() | project.seeds.keys() | {source["name"] for source in project.sources}
    for path in sorted(PROJECT.rglob("*.sql")):
        sql = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|--[^\n]*|'[^']*'", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        own = set(re.findall(r"(\w+) as \(", sql))
        named = set(re.findall(r"\b(?:from|join)\s+(\w+)", sql))
        assert named & names <= own, path
        assert not re.search(r"\b(?:from|join)\s+\w+\.\w", sql), path


def test_generated_files_lie_in_generated_folders_and_no_others_do():
    # That nothing in them was changed by hand is what test_layout.py and `wanstat generate --check` hold.
    headers = (SQL_HEADER.strip(), YAML_HEADER.strip(), SQL_HEADER.strip().removeprefix("-- "))
    for path in (each for each in PROJECT.rglob("*") if each.suffix in (".sql", ".yml")):
        first_line = path.read_text(encoding="utf-8").partition("\n")[0]
        assert (path.parent.name == "generated") == any(header in first_line for header in headers), path


def test_the_docs_site_is_made_offline_and_knows_every_column_of_every_mart(project, copied):
    command = ["make", "--old-file", "environment", "docs", f"BIN={Path(sys.executable).parent}", f"WORKSPACE={copied}"]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    site = copied / "var" / "docs"
    assert all((site / name).stat().st_size for name in ("index.html", "static_index.html", "manifest.json"))
    catalog = json.loads((site / "catalog.json").read_text(encoding="utf-8"))
    assert catalog["errors"] is None
    for mart in marts(project).values():
        assert list(catalog["nodes"][mart["unique_id"]]["columns"]) == list(mart["columns"]), mart["name"]

"""The pages of a release, from a made-up database with the public tables as they are declared: figures, inert texts, links."""

from __future__ import annotations

import csv
import json
import re
import sys
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import duckdb
import pytest
import yaml

from pipelines.cards.indicator_cards import CARD_TABLE
from pipelines.figures.conflicts import CONFLICT_TABLES
from pipelines.release.schema import RELEASE_TABLE
from pipelines.settings import Settings
from pipelines.site import render, shown
from pipelines.site.render import ECHARTS, PRACTICE_BANNER, write_site
from pipelines.site.words import ENGLISH

HOSTILE = "<script>window.ran=1</script>\"'><img src=x onerror=window.ran=1></script>{{ 7*7 }}\u202e\x00=1+1"
TIME = datetime(2024, 3, 5, 6, 7)
CITY, ONE, TWO, ZONE = "900000", "900001", "900002", "9000Z1"


def declared() -> dict[str, dict[str, str]]:
    """Table -> column -> type, as the marts' contract and the result tables say."""
    tables = {}
    for path in sorted((Settings().dbt_project / "models" / "marts").glob("_*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            tables[model["name"]] = {column["name"]: column["data_type"] for column in model["columns"]}
    for table in (*CONFLICT_TABLES.values(), CARD_TABLE, RELEASE_TABLE):
        tables[table.name] = {column.name: column.type for column in table.columns}
    return tables


def observation(hierarchy: str, area: str, period: str, value: str | None, status: str = "A", **more: object) -> dict:
    number = None if value is None else Decimal(value)
    made = {
        "indicator_id": "turnover", "hierarchy": hierarchy, "area_id": area, "period_id": period, "window_kind": "month",
        "value": number, "value_low": number, "value_high": number, "unit": "亿元", "obs_status": status, "basis": "相加",
        "submission_count": 1, "expected_submission_count": 1, "is_practice": False,
    }  # fmt: skip
    return made | more


def growth(area: str, period: str, rank: int | None) -> dict:
    hierarchy = "city" if area == CITY else "reported"
    return {
        "indicator_id": "turnover", "hierarchy": hierarchy, "area_id": area, "period_id": period, "window_kind": "month",
        "growth": Decimal("-3.25"), "growth_unit": "%", "share_of_city": Decimal("41.25"), "area_rank": rank, "ranked_count": 2,
    }  # fmt: skip


def rows(practice: bool) -> dict[str, list[dict]]:
    return {
        "release": [
            {"release_id": "2024-02-r2", "month": "2024-02", "revision": 2, "is_practice": practice, "built_at": TIME}
        ],
        "dim_area": [
            {"area_id": CITY, "area_name": "合成市", "area_kind": "city"},
            {"area_id": ONE, "area_name": "甲县" + HOSTILE, "area_kind": "county"},
            {"area_id": TWO, "area_name": "乙县", "area_kind": "county"},
            {"area_id": ZONE, "area_name": "合成市高新技术产业开发区", "area_kind": "zone"},
        ],
        "dim_reporting_unit": [
            {"reporting_unit_id": ONE, "reporting_unit_name": "甲县" + HOSTILE, "unit_kind": "county", "area_id": ONE},
            {"reporting_unit_id": TWO, "reporting_unit_name": "乙县", "unit_kind": "county", "area_id": TWO},
        ],
        "dim_indicator": [
            {
                "indicator_id": "turnover", "indicator_label": "成交额" + HOSTILE, "unit": "亿元", "decimals": 2,
                "measure": "flow", "source_form": "technical_contracts", "plan_row": 1,
                "definition": HOSTILE, "responsible_unit": "=1+1",
                "is_computed": True, "breaks": "2023-01",
            },
            {"indicator_id": "unused", "indicator_label": "没有数的", "unit": "家", "decimals": 0, "is_computed": False},
        ],
        "observations": [
            observation("city", CITY, "2024-01", "1234.565"),
            observation("city", CITY, "2024-02", None, "E", value_low=Decimal("7.5"), value_high=Decimal("9")),
            observation("reported", ONE, "2024-01", "1000.005", "P"),
            observation("reported", ONE, "2024-02", None, "M", submission_count=0),
            observation("reported", TWO, "2024-01", "-0.004"),
            observation("reported", TWO, "2024-02", "5"),
            observation("reported", ZONE, "2024-02", "2.5"),
            observation("reported", CITY, "2024-02", "999.99"),  # a department's: no area's
        ],
        "indicator_growth": [growth(CITY, "2024-01", None), growth(TWO, "2024-02", 1), growth(ZONE, "2024-02", 1)],
        "indicator_cards": [
            {
                "indicator_id": "turnover", "indicator_label": "成交额", "area_id": CITY, "period_id": "2024-02",
                "window_kind": "month", "text": "一句话" + HOSTILE, "caution": "小心", "source": "月报，相加",
                "conflict_ids": "c1",
            }
        ],
        "plan_progress": [
            {
                "target_id": "T1", "plan_row": 1, "indicator_id": "turnover", "measured_indicator_id": "turnover",
                "indicator_label": "成交额" + HOSTILE, "document_id": "1", "unit": "亿元", "baseline_value": Decimal(100),
                "baseline_year": 2020, "target_value": Decimal(1600), "target_year": 2024, "target_window": "level",
                "path_kind": "compound", "latest_value": Decimal("1234.565"), "latest_period": "2024-01", "latest_window": "ytd",
                "compound_path_value": Decimal(850), "class": "on_track", "class_label": "有望达标",
                "class_reason": "理由" + HOSTILE,
                "is_verdict_contested": True, "alternative_baseline_value": Decimal(400), "alternative_class": "limited",
                "comparator_as_written": HOSTILE,
            }
        ],
        "observation_vintages": [
            {
                "indicator_id": "turnover", "hierarchy": "city", "area_id": CITY, "period_id": "2024-01", "window_kind": "month",
                "vintage": vintage, "release_id": f"2024-02-r{vintage}", "known_from": TIME, "known_to": until, "unit": "亿元",
                "value": value, "value_low": value, "value_high": value, "obs_status": "A",
            }
            for vintage, value, until in ((1, Decimal(1200), TIME), (2, Decimal("1234.565"), None))
        ],
        "revisions": [
            {
                "indicator_id": "turnover", "hierarchy": "city", "area_id": CITY, "period_id": "2024-01", "window_kind": "month",
                "vintage": 2, "previous_release_id": "2024-02-r1", "release_id": "2024-02-r2", "known_from": TIME,
                "previous_value": Decimal(1200), "value": Decimal("1234.565"), "unit": "亿元", "reason_code": "R1",
                "reason_label": "重报", "sender_names": "甲县" + HOSTILE, "is_withdrawn": False,
            }
        ],
        "findings": [
            {
                "finding_id": f"f{place}", "form": "technical_contracts", "reporting_unit_id": ONE, "month": "2024-02",
                "rule_id": "TC01", "severity": severity, "sheet": HOSTILE, "cell": "A1", "message": f"{severity}的发现" + HOSTILE,
                "advice": HOSTILE, "must_explain": severity == "warning", "state": "open",
            }
            for place, severity in enumerate(("error", "warning", "info", "info"))
        ],
        "submission_status": [
            {
                "form": "technical_contracts", "reporting_unit_id": unit, "month": "2024-02", "state": state, "is_owed": True,
                "is_late": late, "file_name": HOSTILE,
            }
            for unit, state, late in ((ONE, "missing", None), (TWO, "accepted", True))
        ],
        "corrections": [
            {
                "correction_id": "K1", "form": "technical_contracts", "reporting_unit_id": ONE, "month": "2024-02",
                "row_key": HOSTILE, "field": "f", "received_value": "1", "corrected_value": "2", "reason": HOSTILE,
                "corrected_by": "某", "state": "applied",
            }
        ],
        "published_figures": [
            {"figure_id": "F1", "document_id": "1", "document_title": "文件" + HOSTILE, "indicator_id": "turnover",
             "indicator_label": "成交额", "period": "2020", "nature": "actual", "as_printed": HOSTILE}
        ],
        "conflicts": [
            {
                "conflict_id": conflict_id, "category": category, "severity": "warning", "kind": "k", "kind_label": "两种说法",
                "state": state, "indicator_id": "turnover", "summary": HOSTILE, "guard": HOSTILE,
            }
            for conflict_id, category, state in (
                ("c1", "contradiction", "open"), ("c2", "contradiction", "ruled"), ("c3", "remark", "open")
            )
        ],
        "conflict_members": [
            {
                "conflict_id": "c1", "figure_id": "F1", "document_id": "1", "locator": HOSTILE, "as_printed": HOSTILE,
                "lower": Decimal("27.85"), "upper": Decimal("27.95"), "lower_closed": True, "upper_closed": False, "unit": "亿元",
            }
        ],
        "conflict_explanations": [
            {"conflict_id": "c1", "place": 1, "hypothesis": "h", "title": HOSTILE, "figure_id": "F1", "score": Decimal("1.5"),
             "arithmetic": HOSTILE, "evidence": HOSTILE}
        ],
        "rulings": [
            {"conflict_id": "c2", "decision": "figure", "figure_id": "F1", "reason": HOSTILE, "decided_by": "某",
             "state": "ruled"}
        ],
        "not_comparable": [
            {"figure_id": "F1", "other_figure_id": "F2", "indicator_id": "turnover", "differs_in": "scope", "reason": HOSTILE}
        ],
    }  # fmt: skip


def release(folder: Path, *, practice: bool = False) -> Path:
    """A release's folder with its database and a Parquet copy, before its pages are written."""
    (folder / "parquet").mkdir(parents=True)
    (folder / "parquet" / "observations.parquet").write_bytes(b"PAR1")
    filled = rows(practice)
    with duckdb.connect(str(folder / "wanstat.duckdb")) as connection:
        connection.execute("BEGIN")  # one write instead of one a row
        connection.execute("CREATE SCHEMA marts")
        for table, columns in declared().items():
            connection.execute(f"CREATE TABLE marts.{table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
            for row in filled.get(table, []):
                connection.execute(
                    f"INSERT INTO marts.{table} ({', '.join(row)}) VALUES ({', '.join('?' for _ in row)})", list(row.values())
                )
        connection.execute("COMMIT")
    return folder


def written(folder: Path, *, practice: bool = False) -> Path:
    table = SimpleNamespace(rows=8, digest="b")
    before = SimpleNamespace(
        release_id="2024-02-r1", month="2024-02", built_at="2024-03-01T00:00:00+00:00", is_practice=practice, counts={},
        tables={"observations": SimpleNamespace(rows=7, digest="a"), "gone": table},
    )  # fmt: skip
    other = SimpleNamespace(**vars(before) | {"release_id": "2024-01-r9", "is_practice": not practice})
    write_site(release(folder, practice=practice), tables={"observations": table}, earlier=[other, before])
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Of practice data, in an environment in which ECharts is installed."""
    prefix = tmp_path_factory.mktemp("prefix")
    (prefix / ECHARTS).parent.mkdir(parents=True)
    (prefix / ECHARTS).write_text("var echarts", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "prefix", str(prefix))
        return written(tmp_path_factory.mktemp("site") / "release", practice=True)


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    """Of real data, without ECharts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "prefix", str(tmp_path_factory.mktemp("prefix")))
        return written(tmp_path_factory.mktemp("bare") / "release", practice=False)


class Page(HTMLParser):
    """What stands on a page: tags, links, ids, the words outside scripts, and the rows of its tables."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags, self.links, self.ids, self.words, self.rows = [], [], [], [], []
        self.in_script = self.in_cell = False
        self.feed(path.read_text(encoding="utf-8"))
        self.heard = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.tags.append((tag, told))
        self.links += [told[name] for name in ("href", "src", "data-echarts") if told.get(name)]
        self.ids += [told["id"]] if "id" in told else []
        self.in_script = tag == "script"
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.in_script = self.in_script and tag != "script"
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self.in_script:
            return
        self.words.append(data)
        if self.in_cell:
            self.rows[-1][-1] += data.strip()


def pages_of(site: Path) -> list[Path]:
    return [site / "index.html", *sorted((site / "site").rglob("*.html"))]


def test_every_page_is_there_and_every_link_leads_somewhere(site):
    pages = pages_of(site)
    assert {path.relative_to(site).as_posix() for path in pages} == {*render.PAGES, "site/indicators/turnover.html"}
    for path in pages:
        page = Page(path)
        assert len(page.ids) == len(set(page.ids))
        for link in page.links:
            name, _, mark = link.partition("#")
            target = (path.parent / unquote(name)).resolve() if name else path.resolve()
            assert target.is_file(), (path, link)
            assert not mark or mark in Page(target).ids, (path, link)


def test_nothing_is_asked_of_anywhere(site):
    for path in (*pages_of(site), site / "site" / "assets" / "site.css", site / "site" / "assets" / "site.js"):
        assert not re.search(r"(https?:)?//[a-z]|@import|url\(|fetch\(", path.read_text(encoding="utf-8")), path


def test_texts_of_others_are_inert(site):
    scripts = {"application/json"}
    for path in pages_of(site):
        text, page = path.read_text(encoding="utf-8"), Page(path)
        assert not any(tag == "img" or any(name.startswith("on") for name in told) for tag, told in page.tags)
        assert all(told.get("type") in scripts or "src" in told for tag, told in page.tags if tag == "script")
        assert "\u202e" not in text and "\x00" not in text and "49" not in re.findall(r"</script>(\d+)", text)
    assert "<script>window.ran=1</script>" in Page(site / "site" / "quality.html").heard  # told, as words


def test_figures_are_those_of_the_marts_with_their_decimals_and_marks(site):
    page = Page(site / "site" / "indicators" / "turnover.html")
    rows = {tuple(row) for row in page.rows}
    assert ("2024年1月", "1,234.57", "正式", "-3.3 %", "1/1") in rows
    assert ("2024年2月", "7.50—9.00E", "只知道范围", "—", "1/1") in rows
    ranking = [row for row in page.rows if len(row) == 6]
    assert ["1", "乙县", "5.00", "", "41.3%", "-3.3 %"] in ranking
    assert ["1", "高新区", "2.50", "", "41.3%", "-3.3 %"] in ranking
    assert any(row[0] == "—" and row[2] == "缺" for row in ranking)  # the county that sent nothing has no rank
    heat = {row[0]: row[1:] for row in page.rows if len(row) == 3}
    assert heat["乙县"] == ["0.00", "5.00"] and heat["高新区"] == ["", "2.50"]
    assert "999.99" not in page.heard
    for words in ("1,200.00", "R1 重报", "2023-01", "另一个公布的基期 400.00", "按它结论为进展有限", "小心", "月报，相加"):
        assert words in page.heard, words
    assert "wanstat trace turnover --period 2024-02 --window month" in page.heard


def test_the_path_of_the_target_is_drawn_from_both_baselines(site):
    text = (site / "site" / "indicators" / "turnover.html").read_text(encoding="utf-8")
    drawn = [json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', text)]
    (spec,) = (one for one in drawn if one["kind"] == "path")
    assert [one["points"][2] for one in spec["paths"]] == [
        [2022, 400.0],
        [2022, 800.0],
    ]  # halfway of 100 → 1600 and of 400 → 1600
    assert [one["points"][0][1] for one in spec["paths"]] == [100.0, 400.0] and spec["goal"] == [2024, 1600.0]


def test_overview_sums_up(site):
    page = Page(site / "index.html")
    assert "1 /1 项规划指标已达目标或有望达标" in page.heard
    assert "1 /2 份本月应报的已收下" in page.heard
    assert "1 条警告待填报单位说明" in page.heard and "1 处公布数的矛盾未裁定" in page.heard
    assert any(row[1:4] == ["100.002020", "1,234.572024年1月", "1,600.002024"] for row in page.rows)
    assert "76%" in page.heard and "50%" in page.heard  # (1234.565−100)/1500 gone, (850−100)/1500 due
    matrix = {row[0]: row[1:] for row in page.rows if len(row) == 2}
    assert matrix["乙县"] == ["✓已接受，迟报"]


def test_conflicts_quality_releases_and_downloads(site):
    conflicts = Page(site / "site" / "conflicts.html").heard
    assert "不小于 27.85、小于 27.95 亿元" in conflicts and "以 F1 为准" in conflicts and "1.50" in conflicts
    quality = Page(site / "site" / "quality.html")
    assert ["技术合同登记月报", "1", "1", "2"] in quality.rows and ["技术合同", "1/20/1"] in quality.rows
    releases = Page(site / "site" / "releases.html")
    assert "2024-01-r9" not in releases.heard  # of the other kind
    assert ["observations", "7", "8行"] in releases.rows and ["gone", "8", "—行"] in releases.rows
    assert any(row[:3] == ["R1 重报", "1", "1"] for row in releases.rows)
    assert ["observations", "8", "0 KB"] in Page(site / "site" / "downloads.html").rows


def test_csv_has_every_observation_and_no_formula(site):
    path = site / "site" / "indicators" / "turnover.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads, *lines = csv.reader(file)
    values = [(line[2], line[4], *line[6:9]) for line in lines]
    assert (CITY, "2024-01", "1234.565", "1234.565", "1234.565") in values and (CITY, "2024-02", "", "7.5", "9") in values
    assert (TWO, "2024-01", "-0.004", "-0.004", "-0.004") in values and len(lines) == 7
    assert heads[6] == "数值" and {line[11] for line in lines} == {"是"}
    told = shown.csv_text(["甲"], [["=1+1"], ["+1"], ["@x"], [Decimal("-1.50")], [None]]).decode("utf-8-sig")
    assert told.split("\r\n") == ["甲", "'=1+1", "'+1", "'@x", "-1.5", '""', ""]


def test_practice_is_said_on_every_page_and_only_there(site, bare):
    for path in pages_of(site):
        assert PRACTICE_BANNER in path.read_text(encoding="utf-8"), path
    for path in pages_of(bare):
        assert "练习" not in path.read_text(encoding="utf-8"), path


def test_without_echarts_the_same_is_told_in_tables(site, bare):
    assert not (bare / "site" / "assets" / "echarts.min.js").exists() and (site / "site" / "assets" / "echarts.min.js").exists()
    for name in ("index.html", "site/indicators/turnover.html"):
        without, with_charts = Page(bare / name), Page(site / name)
        assert without.rows == with_charts.rows
        assert "没有装图表组件" in without.heard and "没有装图表组件" not in with_charts.heard
        assert not any(told.get("class", "").startswith("chart") for _, told in without.tags)
        opened = [["open" in told for tag, told in page.tags if tag == "details"] for page in (without, with_charts)]
        assert sum(opened[0]) > sum(opened[1]) == 0
        assert any(told.get("class", "").startswith("chart") for _, told in with_charts.tags)


def test_every_label_of_the_templates_has_its_english():
    templates = (Path(render.__file__).parent / "templates").glob("*.j2")
    said = {words for path in templates for words in re.findall(r"\bt\('([^']+)'\)", path.read_text(encoding="utf-8"))}
    said |= {
        *render.PAGES.values(),
        *render.SEVERITIES.values(),
        *render.CONFLICT_STATES.values(),
        *render.FINDING_STATES.values(),
    }
    said |= {*render.VERDICT_LABELS.values(), *shown.STATUS_LABELS.values(), *shown.WINDOW_LABELS.values()}
    assert said - set(ENGLISH) == set()


@pytest.mark.parametrize(
    ("value", "decimals", "told"),
    [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("1234567.125", 2, "1,234,567.13"), ("-0.004", 2, "0.00"), (None, 1, "")],
)
def test_numbers(value, decimals, told):
    assert shown.number(None if value is None else Decimal(value), decimals) == told


@pytest.mark.parametrize(
    ("period_id", "window", "told"),
    [("2022-10", "month", "2022年10月"), ("2022-10", "ytd", "2022年1—10月"), ("2022-01", "ytd", "2022年1月"),
     ("2022-09", "quarter", "2022年三季度"), ("2022-10", "point", "2022年10月末"), ("2021", "year", "2021年")],
)  # fmt: skip
def test_periods(period_id, window, told):
    assert shown.period(period_id, window) == told

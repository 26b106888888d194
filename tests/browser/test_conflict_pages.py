"""The pages of the conflicts: what is in the files, and how a real browser shows them, of the real and of a hostile ledger."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from pipelines.figures.conflicts import Reconciliation, contradictions_of, explained, reconcile
from pipelines.figures.hypotheses import read_hypotheses
from pipelines.figures.implied import Catalogue, Link
from pipelines.figures.incomparable import NotComparable
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Document, Figure, Indicator
from pipelines.figures.network import network_of
from pipelines.figures.pages import PRACTICE_BANNER, write_pages
from pipelines.figures.relations import Relation
from pipelines.figures.rulings import Ruling
from pipelines.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
SHOTS = Settings().var / "screenshots"
VOID = {"meta", "br"}
HOSTILE = (
    "<script>window.ran=1</script>\"'><img src=x onerror='window.ran=1'><svg onload=window.ran=1>&amp;]]>\x00\u202e"
    + "长 long" * 50
)


def figure(figure_id: str, interval: Interval, **more: object) -> Figure:
    document = Document("100", HOSTILE, HOSTILE, HOSTILE, None, None, "", "")
    made = Figure(
        figure_id=figure_id, document_id="100", locator=HOSTILE, indicator_id="turnover", indicator_label=HOSTILE, scope="",
        area=HOSTILE.replace("\x00", ""),
        period="2020", window="year", period_basis="inferred", nature="actual", measure="flow", as_printed=HOSTILE,
        qualifier="exact", value=Decimal(10), value_max=None, unit="亿元", document=document,
        indicator=Indicator("turnover", HOSTILE, "亿元"), interval=interval,
    )  # fmt: skip
    return replace(made, **more)


def point(value: int) -> Interval:
    return Interval.point(Fraction(value))


def hostile() -> Reconciliation:
    """Every kind of picture, of figures whose every text is hostile: crowded years, numbers of 18 digits, a growth, a stock."""
    flow, growth = Indicator("turnover", HOSTILE, "亿元", "increase"), Indicator("growth", HOSTILE, "%", "increase")
    stock, new = Indicator("places", HOSTILE, "家", "increase", "stock"), Indicator("places_new", HOSTILE, "家", "increase")
    large = Indicator("large", HOSTILE, "元", "increase")
    target = {"nature": "target", "period": "2025"}
    level = {"indicator_id": "places", "indicator": stock, "measure": "stock", "window": "year_end", "unit": "家"}
    whole = {"indicator_id": "large", "indicator": large, "unit": "元"}
    figures = [
        figure("F-001", point(28)),
        figure("F-002", Interval(Fraction(12), Fraction(13), upper_closed=False)),
        figure("F-003", point(27), period="2021"),
        figure("F-004", Interval(lower=Fraction(75), lower_closed=False), period="2022", nature="forecast"),
        figure("F-005", point(280), period="2022", indicator_id="growth", indicator=growth, measure="growth_rate", unit="%"),
        figure("F-006", point(75), **target),
        *(figure(f"F-1{year}", point(year - 2000), period=str(year)) for year in range(2012, 2020)),
        figure("F-200", point(200), **level),
        figure("F-201", point(100), **level | target),
        figure("F-202", point(150), **level | {"indicator_id": "places_new", "indicator": new, "measure": "flow"} | target),
        figure("F-300", point(123456789012345678), **whole),
        figure("F-301", point(123456789012345679), **whole),
        figure("F-302", point(-5), **whole | {"period": "2019"}),
    ]
    by_id = {each.figure_id: each for each in figures}
    grown = Relation(
        "R-1", "100", HOSTILE, "growth", by_id["F-004"], (by_id["F-003"],), by_id["F-005"], "", "", "", "stated", HOSTILE
    )
    indicators = {one.indicator_id: one for one in (flow, growth, stock, new, large)}
    catalogue = Catalogue(indicators, (Link("places_new", "", "increment_of", "places", ""),), {})
    network = network_of(figures, [grown], catalogue)
    hypotheses = read_hypotheses(Settings().expectations / "hypotheses.yml")
    conflicts = explained(contradictions_of(network), network, figures, [grown], hypotheses)
    first, second, *others = conflicts
    ruling = Ruling(first.conflict_id, "no_action", "", "", HOSTILE, HOSTILE, date(2024, 1, 31), first.guard)
    conflicts = [
        replace(first, state="ruled", ruling=ruling),
        replace(second, state="reopened", ruling=replace(ruling, conflict_id=second.conflict_id), state_reason=HOSTILE),
        *others,
    ]
    remark = replace(first, conflict_id="f" * 16, category="remark", kind="misprint", summary=HOSTILE, severity="info")
    pair = NotComparable("F-001", "F-200", "turnover", "definition", HOSTILE)
    return Reconciliation((*conflicts, remark), (pair,), network=network)


class Strict(HTMLParser):
    """Elements closed in the order they were opened; no script, no handler, no address but of the pages themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.heard = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "img", "iframe", "link", "object", "foreignobject"), tag
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)) and not any(name.startswith("on") or name in ("src", "style") for name in names), (
            attrs
        )
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)
        if tag in ("h1", "h2"):
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.get_starttag_text().endswith("/>") or self.open[-1:] == [tag]:
            assert self.open.pop() == tag
        else:
            self.handle_startendtag(tag, [])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if attrs:
            self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.heard += data
        if self.open[-1:] in (["h1"], ["h2"]):
            self.headings[-1] += data


def read(path: Path) -> Strict:
    parser = Strict()
    parser.feed(path.read_text(encoding="utf-8"))
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(scope="module")
def real() -> Reconciliation:
    return reconcile(Settings())


@pytest.fixture(scope="module")
def folders(tmp_path_factory, real) -> dict[str, Path]:
    made = {name: tmp_path_factory.mktemp("pages") / name for name in ("real", "hostile")}
    write_pages(real, made["real"])
    write_pages(hostile(), made["hostile"], is_practice=True)
    return made


@pytest.mark.parametrize("name", ["real", "hostile"])
def test_pages_are_well_formed_link_to_each_other_and_run_nothing(folders, name):
    pages = sorted(folders[name].iterdir())
    assert folders[name] / "index.html" in pages
    for path in pages:
        page = path.read_text(encoding="utf-8")
        told = read(path)
        assert page.startswith('<!DOCTYPE html>\n<html lang="zh-CN">')
        assert all((folders[name] / link).is_file() for link in told.links)
        for drawing in re.findall(r"<svg\b(?:(?!<svg\b).)*?</svg>", page, flags=re.DOTALL):
            ET.fromstring(drawing)
        assert not re.search(r"https?:|@import|url\(", page)
        assert "\u202e" not in page and "\x00" not in page


def test_each_contradiction_has_a_page_and_the_index_lists_all(folders, real):
    index = read(folders["real"] / "index.html")
    assert index.headings == ["公布数的矛盾", "矛盾", "写法不妥", "看似矛盾而不是矛盾的"]
    assert set(index.links) == {f"{one.conflict_id}.html" for one in real.contradictions}
    assert {path.name for path in folders["real"].iterdir()} == {"index.html", *index.links}
    for conflict in real.contradictions:
        told = read(folders["real"] / f"{conflict.conflict_id}.html")
        assert conflict.kind_label in told.headings[0]
        assert {"谁说了什么", "画在一条线上", "可能的解释", "裁定"} <= set(told.headings)
        for member in conflict.members:
            assert member.figure.figure_id in told.heard and member.figure.locator in told.heard
        for each in conflict.explanations:
            assert each.arithmetic in told.heard and each.hypothesis.evidence in told.heard
        assert conflict.guard in told.heard.replace('""', '"') and conflict.conflict_id in told.heard
    shown = [one for one in real.conflicts if one.category == "remark"]
    assert all(one.summary in index.heard for one in shown)
    assert all(pair.reason in index.heard for pair in real.not_comparable)


def test_the_years_are_drawn_as_printed_and_as_read_otherwise(folders, real):
    """13 and 27.9 of 2020: as printed, and with 27.9 as the sum of five years, growing from 2015 to 13."""
    conflict = next(one for one in real.contradictions if one.kind == "same_quantity")
    page = (folders["real"] / f"{conflict.conflict_id}.html").read_text(encoding="utf-8")
    printed, cumulative = re.findall(r'<svg class="panel".*?</svg>', page)
    for drawing in (printed, cumulative):
        assert all(f"{words}</text>" in drawing for words in ("27.9 亿元", "13", "推算 0.551—0.565", "75亿元（预计）"))
    assert (printed.count('r="3.5"'), cumulative.count('r="3.5"')) == (0, 4)  # 2016 to 2019
    assert "cross" not in printed and cumulative.count("cross") == 1


def test_new_ones_are_stacked_on_what_there_was(folders, real):
    conflict = next(one for one in real.contradictions if one.indicator_id == "provincial_innovation_platforms")
    page = (folders["real"] / f"{conflict.conflict_id}.html").read_text(encoding="utf-8")
    printed, increment, *_ = re.findall(r'<svg class="panel".*?</svg>', page)
    assert "200＋100＝300" in increment and 'class="new"' in increment and 'class="new"' not in printed


def test_a_single_time_has_no_years(folders, real):
    conflict = next(one for one in real.contradictions if one.kind == "same_rate")
    assert "各年连起来看" not in (folders["real"] / f"{conflict.conflict_id}.html").read_text(encoding="utf-8")


def test_pages_of_conflicts_that_are_gone_are_removed_and_nothing_else(tmp_path, real):
    (tmp_path / ("a" * 16 + ".html")).write_text("gone", encoding="utf-8")
    for name in ("notes.html", "b" * 16 + ".txt", "C" * 16 + ".html"):
        (tmp_path / name).write_text("kept", encoding="utf-8")
    (tmp_path / ("d" * 16 + ".html")).mkdir()
    assert write_pages(real, tmp_path) == tmp_path / "index.html"
    assert not (tmp_path / ("a" * 16 + ".html")).exists()
    assert (tmp_path / ("d" * 16 + ".html")).is_dir()
    assert sum(path.is_file() and path.read_text(encoding="utf-8") == "kept" for path in tmp_path.iterdir()) == 3
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    write_pages(real, tmp_path)
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}


def test_practice_is_written_on_every_page_and_only_there(folders):
    for name, said in (("real", False), ("hostile", True)):
        assert all((PRACTICE_BANNER in path.read_text(encoding="utf-8")) == said for path in folders[name].iterdir())


def test_nothing_found_and_no_ledger_still_make_an_index(tmp_path):
    index = read(write_pages(Reconciliation(()), tmp_path))
    assert "没有找到矛盾。" in index.heard and index.links == []


def test_a_conflict_without_explanations_or_ledger_has_a_page(tmp_path, real):
    conflict = replace(real.contradictions[0], explanations=())
    write_pages(Reconciliation((conflict,)), tmp_path)
    told = read(tmp_path / f"{conflict.conflict_id}.html")
    assert "须查原始资料" in told.heard and "no_action" in told.heard


@pytest.mark.parametrize("state", ["ruled", "reopened"])
def test_a_ruling_is_shown_and_a_lapsed_one_asks_for_another(tmp_path, real, state):
    conflict = next(one for one in real.contradictions if one.kind == "same_quantity")
    ruling = Ruling(conflict.conflict_id, "hypothesis", "S4-011", "cumulative", "查了年报", "某科", None, conflict.guard)
    reason = None if state == "ruled" else "S4-044 现为 14"
    write_pages(Reconciliation((replace(conflict, state=state, ruling=ruling, state_reason=reason),)), tmp_path)
    told = read(tmp_path / f"{conflict.conflict_id}.html")
    assert "查了年报" in told.heard and "某科" in told.heard and "S4-011“27.9 亿元”是规划期累计数，不是当年数" in told.heard
    assert ("重新裁定：" in told.heard) == ("S4-044 现为 14" in told.heard) == (state == "reopened")


# In the browser.

# Of each drawing: texts that stand out of it, and pairs of texts that lie on one another. A pixel or two is the shape of letters.
LOOK = """() => {
  const wrong = [];
  for (const svg of document.querySelectorAll('svg')) {
    if (svg.ownerSVGElement) continue;
    const frame = svg.getBoundingClientRect(), main = document.querySelector('main').getBoundingClientRect();
    if (frame.left < main.left - 1 || frame.right > main.right + 1) wrong.push(['drawing', svg.outerHTML.slice(0, 200)]);
    const texts = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    for (const [words, box] of texts)
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        wrong.push(['outside', words, box.left - frame.left, box.right - frame.right]);
    for (const shape of svg.querySelectorAll('circle, rect, line, path')) {
      const box = shape.getBoundingClientRect();
      if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2)
        wrong.push(['shape outside', shape.outerHTML]);
    }
    texts.forEach(([words, one], place) => texts.slice(place + 1).forEach(([other, two]) => {
      const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (wide > 2 && high > 4) wrong.push(['overlap', words, other, wide, high]);
    }));
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync"],
        )  # fmt: skip
        yield started
        started.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["real", "hostile"])
def test_pages_are_legible_in_a_browser(browser, folders, name, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, spoken = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: spoken.append(dialog.message))
    SHOTS.mkdir(parents=True, exist_ok=True)
    for path in sorted(folders[name].iterdir()):
        page.goto(path.as_uri())
        assert page.evaluate("window.ran") is None
        assert page.locator("h1").count() == 1 and page.locator("h2").count() >= 3
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(LOOK) == [], path
        drawn = page.evaluate(
            "[...document.querySelectorAll('svg')].every(svg => svg.getBoundingClientRect().width > 0 || svg.ownerSVGElement)"
        )
        assert drawn and page.locator("script, img, iframe").count() == 0
        if name == "real":
            page.screenshot(path=SHOTS / f"conflict-{path.stem}-{width}.png", full_page=True)
    page.close()
    assert spoken == [] and all(url.startswith("file:") for url in asked)


def test_the_index_leads_to_each_page_and_back(browser, folders):
    page = browser.new_page()
    page.goto((folders["real"] / "index.html").as_uri())
    for place in range(page.locator("ol a").count()):
        link = page.locator("ol a").nth(place)
        title = link.inner_text()
        link.click()
        assert page.locator("h1").inner_text() == title
        page.get_by_text("全部矛盾").click()
        assert page.locator("h1").inner_text() == "公布数的矛盾"
    page.close()

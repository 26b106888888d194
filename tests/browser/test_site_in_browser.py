"""The site of a loaded release in a real browser, opened from the disk with every connection refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from conftest import query
from playwright.sync_api import Page, expect, sync_playwright

from pipelines.settings import Settings
from pipelines.site import shown
from pipelines.site.render import PAGES, PRACTICE_BANNER

CHROMIUM = Path("/usr/bin/chromium")
SHOTS = Settings().var / "screenshots"
SHOWN = ("index.html", "site/indicators/tech_contract_turnover.html", "site/conflicts.html")
LONGEST_FIRST_PAINT = 1000  # milliseconds


@pytest.fixture(scope="module")
def site(loaded) -> Path:
    current = json.loads((Settings(loaded.home).published / "current.json").read_text(encoding="utf-8"))
    return Settings(loaded.home).published / "releases" / current["release_id"]


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


@pytest.fixture
def page(browser):
    """A page without network that keeps what it was refused and complained of; a test ends well only if that is nothing."""
    context = browser.new_context(viewport={"width": 1366, "height": 900}, offline=True, accept_downloads=True)
    opened, wrong = context.new_page(), []
    opened.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    yield opened
    context.close()
    assert wrong == []


def has_charts(site: Path) -> bool:
    return (site / "site" / "assets" / "echarts.min.js").exists()


def drawn(page: Page, site: Path) -> None:
    """Wait until the charts in sight are drawn; there are none where ECharts was not installed."""
    if has_charts(site) and page.locator(".chart").count():
        page.wait_for_selector("html[data-charts=ready]")
        for box in page.locator(".chart:visible").all():
            box.scroll_into_view_if_needed()
            box.locator("svg").wait_for()


# Of an opened page: what is wrong with it.
LOOK = """() => {
  const wrong = [], all = (sought, test) => [...document.querySelectorAll(sought)].filter(test);
  if (document.querySelectorAll('h1').length !== 1) wrong.push('headings');
  if (!document.querySelector('.banner')?.offsetHeight) wrong.push('no banner');
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('wider than the screen');
  for (const table of all('table', one => !one.caption)) wrong.push(`no caption: ${table.className}`);
  for (const field of all('select, input', one => !one.labels.length)) wrong.push(`no label: ${field.id}`);
  for (const chart of all('.chart', one => !one.ariaLabel)) wrong.push('a chart without its message');
  return wrong;
}"""


@pytest.mark.parametrize("width", [390, 1366])
def test_pages_open_whole_and_quietly(page, site, width):
    """All on a phone; at a desk, where nothing is tight, those that differ in kind."""
    page.set_viewport_size({"width": width, "height": 844})
    indicators = sorted((site / "site" / "indicators").glob("*.html"))
    assert len(indicators) > 80
    for path in [*(site / name for name in PAGES), *(indicators if width == 390 else indicators[:3])]:
        page.goto(path.as_uri())
        assert page.evaluate(LOOK) == [], path


def test_first_paint_does_not_wait_for_the_charts(page, site):
    page.add_init_script("""new MutationObserver(() => {
        if (!window.asked && document.querySelector('script[src*=echarts]')) window.asked = performance.now();
    }).observe(document, {childList: true, subtree: true})""")
    page.goto((site / "index.html").as_uri())
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted <= LONGEST_FIRST_PAINT
    if has_charts(site):
        drawn(page, site)
        assert page.evaluate("window.asked") > page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")


def test_plan_indicators_are_those_of_the_marts_and_can_be_filtered(page, site, loaded):
    page.goto((site / "index.html").as_uri())
    told = query(
        loaded.home,
        """select indicator_label, latest_value, decimals, class, is_verdict_contested
        from marts.plan_progress join marts.dim_indicator using (indicator_label) where plan_progress.plan_row is not null
        order by plan_progress.plan_row""",
    )
    rows = page.locator("#plan-table tbody tr")
    assert rows.count() == len(told) == 11
    for place, (label, value, decimals, *_) in enumerate(told):
        assert label in rows.nth(place).inner_text()
        assert rows.nth(place).locator(".latest b").inner_text() == shown.number(value, decimals)
    classes = [row[3] for row in told]
    for one in sorted(set(classes)):
        page.select_option("#verdict-filter", f"class:{one}")
        assert page.locator("#plan-table tbody tr:visible").count() == classes.count(one)
    page.select_option("#verdict-filter", "contested:yes")
    assert page.locator("#plan-table tbody tr:visible").count() == sum(row[4] for row in told) > 0


def test_counties_of_the_chosen_indicator_are_those_of_the_marts(page, site, loaded):
    page.goto((site / "index.html").as_uri())
    for indicator in ("tech_contract_turnover", "high_tech_enterprises"):
        page.select_option("#county-choice", indicator)
        panel = page.locator(f".panel[data-group=county][data-panel={indicator}]")
        assert panel.is_visible() and page.locator(".panel[data-group=county]:visible").count() == 1
        told = query(
            loaded.home,
            """select area_name, grown.value, decimals from marts.indicator_growth as grown
            join marts.dim_area using (area_id) join marts.dim_indicator using (indicator_id)
            where indicator_id = ? and hierarchy = 'reported' and period_id = '2022-10' and window_kind in ('ytd', 'point')
                and area_kind = 'county' and area_rank = 1""",
            indicator,
        )
        cells = panel.locator(".ranking tbody").first.locator("tr").nth(1).locator("th, td").all_inner_texts()
        assert ("1", told[0][0], shown.number(told[0][1], told[0][2])) == (cells[0], cells[1], cells[2].rstrip("P"))
    panel = page.locator(".panel[data-panel=tech_contract_turnover][data-group=county]")
    page.select_option("#county-choice", "tech_contract_turnover")
    before = panel.locator(".heat:visible").inner_text()
    panel.get_by_role("button", name="年初累计").click()
    assert panel.locator(".heat:visible").inner_text() != before


def test_a_missing_report_is_marked_in_the_heatmap_and_the_matrix(page, site, loaded):
    page.goto((site / "site" / "indicators" / "science_popularisation_events.html").as_uri())
    missing = query(
        loaded.home,
        """select count(*) from marts.observations where indicator_id = 'science_popularisation_events'
        and hierarchy = 'reported' and window_kind = 'month' and obs_status = 'M'""",
    )[0][0]
    assert page.locator(".heat:visible td.missing").count() == missing > 0
    page.goto((site / "site" / "quality.html").as_uri())
    returned = query(loaded.home, "select count(*) from marts.submission_status where month = '2022-10' and state = 'returned'")[
        0
    ][0]
    assert page.locator(".matrix:visible td.returned").count() == returned > 0
    page.select_option("#month-choice", "2022-03")
    assert page.locator(".matrix:not(.rates):visible caption").inner_text().startswith("2022年3月")


def test_findings_can_be_filtered(page, site, loaded):
    page.goto((site / "site" / "quality.html").as_uri())
    counts = dict(query(loaded.home, "select severity, count(*) from marts.findings group by all"))
    rows = page.locator("#finding-table tbody tr:visible")
    assert rows.count() == sum(counts.values())
    page.select_option("#by-severity", "severity:error")
    assert rows.count() == counts["error"]
    page.select_option("#by-severity", "severity:warning")
    page.select_option("#by-form", "form:technical_contracts")
    both = "select count(*) from marts.findings where severity = 'warning' and form = 'technical_contracts'"
    assert rows.count() == query(loaded.home, both)[0][0] > 0
    assert page.locator("#finding-table-count").inner_text() == f"{rows.count()} / {sum(counts.values())}"


def test_the_series_downloads_as_the_marts_have_it(page, site, loaded, tmp_path):
    page.goto((site / "site" / "indicators.html").as_uri())
    page.fill("#find", "技术合同成交额")
    assert page.locator("tr[data-words]:visible").count() < 5
    page.get_by_role("link", name="技术合同成交额", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("link", name="下载这些数（CSV）").click()
    started.value.save_as(tmp_path / "series.csv")
    with (tmp_path / "series.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    told = query(
        loaded.home,
        """select area_id, period_id, window_kind, value from marts.observations
        where indicator_id = 'tech_contract_turnover' and hierarchy in ('city', 'reported')""",
    )
    windows = {label: window for window, label in shown.WINDOW_LABELS.items()}
    assert {(one["地区编号"], one["时期"], windows[one["时期口径"]], float(one["数值"])) for one in lines} == {
        (area, period, window, float(value)) for area, period, window, value in told
    }


def test_the_chart_shows_the_months_and_the_keyboard_reaches_the_rest(page, site):
    if not has_charts(site):
        pytest.skip("ECharts is not installed")
    page.goto((site / "site" / "indicators" / "tech_contract_turnover.html").as_uri())
    drawn(page, site)
    texts = page.locator(".chart.series:visible svg text").all_text_contents()
    page.get_by_text("看表").first.click()
    values = page.locator(".panel[data-group=series]:visible tbody tr td:nth-child(2)").all_inner_texts()
    assert len(values) == 10 and {value.rstrip("P") for value in values} <= set(texts)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_labels_can_be_english_and_stay_so(page, site):
    page.goto((site / "index.html").as_uri())
    page.get_by_role("button", name="Switch labels to English").click()
    assert page.locator("nav [aria-current]").inner_text() == "Overview"
    assert page.get_by_text("PRACTICE DATA").is_visible()
    page.get_by_role("link", name="Data quality").first.click()
    expect(page.locator("h1")).to_have_text("Data quality")
    page.get_by_role("button", name="界面文字换成中文").click()
    assert page.locator("h1").inner_text() == "数据质量"


def test_without_scripts_everything_is_there(browser, site):
    context = browser.new_context(java_script_enabled=False, offline=True)
    opened = context.new_page()
    opened.goto((site / "index.html").as_uri())
    assert opened.locator(".panel:visible").count() == opened.locator(".panel").count() > 10
    assert not opened.locator("#verdict-filter").is_visible()
    context.close()


def test_pictures_for_a_desk_a_phone_and_paper(page, site):
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name in SHOWN:
        for width, screen in ((1366, "desk"), (390, "phone")):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto((site / name).as_uri())
            drawn(page, site)
            page.screenshot(path=SHOTS / f"site-{Path(name).stem}-{screen}.png", full_page=True)
        page.pdf(path=SHOTS / f"site-{Path(name).stem}-print.pdf", format="A4", print_background=True)
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible() and page.get_by_text(PRACTICE_BANNER).is_visible()
        page.emulate_media(media="screen")

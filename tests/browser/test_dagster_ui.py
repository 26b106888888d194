"""The Dagster UI as the clerk opens it: in a real browser, served by `wanstat ui` on loopback."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from conftest import MONTH
from playwright.sync_api import Page, expect, sync_playwright

from pipelines.settings import Settings

SCREENSHOTS = Settings().var / "screenshots"
BROWSER = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"],
}  # fmt: skip


@pytest.fixture(scope="module")
def address(loaded, tmp_path_factory):
    """A workspace with a finished load, and the UI over it."""
    home = shutil.copytree(loaded.home, tmp_path_factory.mktemp("ui") / "home")
    wanstat = Path(sys.executable).with_name("wanstat")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [wanstat, "ui", "--port", str(port), "--home", home],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{url}/server_info", timeout=2).read()
                break
            except OSError:
                time.sleep(1)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(timeout=60)


@pytest.fixture(scope="module")
def page(address):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**BROWSER)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        # Nothing may be fetched from anywhere but this machine.
        page.route("**/*", lambda route: route.continue_() if "127.0.0.1" in route.request.url else route.abort())
        yield page
        browser.close()


def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_the_finished_run_and_its_steps_are_shown(page, address):
    page.goto(f"{address}/runs")
    expect(page.get_by_text("monthly_load").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Success").first).to_be_visible()
    shot(page, "runs")
    page.locator("a[href^='/runs/']").first.click()
    expect(page.get_by_text("release__release").first).to_be_visible(timeout=60_000)
    shot(page, "run")


def test_the_job_is_shown_with_its_assets(page, address):
    page.goto(f"{address}/locations/pipelines.definitions/jobs/monthly_load")
    expect(page.get_by_role("heading", name="monthly_load")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"View \d{2,3} assets")).first).to_be_visible(timeout=60_000)
    shot(page, "job")
    for asset in ("landing/technical_contracts", "marts/observations", "release/release"):
        page.goto(f"{address}/assets/{asset}")
        expect(page.get_by_text("Latest materialization").first).to_be_visible(timeout=60_000)
    shot(page, "asset")


def test_a_failing_check_can_be_read_to_its_rows(page, address):
    page.goto(f"{address}/assets/landing/popular_science_events?view=checks")
    expect(page.get_by_text("no_returned_submissions").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("尚未重报").first).to_be_visible(timeout=60_000)
    page.get_by_text("Show Markdown").first.click()
    expect(page.get_by_text("科普讲座", exact=False).first).to_be_visible()
    shot(page, "check")
    page.goto(f"{address}/assets/results/conflicts?view=checks")
    expect(page.get_by_text("尚未裁定").first).to_be_visible(timeout=60_000)
    shot(page, "conflicts-check")


def test_a_run_started_in_the_ui_does_the_same(page, address):
    started = graphql(
        address,
        """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
             __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }""",
        params={
            "selector": {
                "repositoryLocationName": "pipelines.definitions",
                "repositoryName": "__repository__",
                "jobName": "monthly_load",
            },
            "runConfigData": {},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": MONTH}]},
        },
    )["launchRun"]
    assert started["__typename"] == "LaunchRunSuccess", started
    run_id = started["run"]["runId"]
    status = "QUEUED"
    deadline = time.monotonic() + 240
    while status not in ("SUCCESS", "FAILURE", "CANCELED") and time.monotonic() < deadline:
        time.sleep(2)
        asked = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
        status = graphql(address, asked, id=run_id)["runOrError"]["status"]
    page.goto(f"{address}/runs/{run_id}")
    expect(page.get_by_text("输入没有变化").first).to_be_visible(timeout=60_000)
    shot(page, "run-from-ui")
    assert status == "SUCCESS"


def graphql(address: str, query: str, **variables: object) -> dict:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.load(answer)
    assert "errors" not in told, told
    return told["data"]

"""A stranger's first five minutes: `up --demo`, real processes, a real browser."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect

from posture.runtime.sample.mistakes import SECRETS
from tests.journeys.installations import Home, Up, eventually
from tests.journeys.test_up import vacant

pytestmark = pytest.mark.timeout(300)
GCP, AZURE = "account=fernhollow-shop", "account=5ca11e50-f04e-4011-8000-0000000000aa"
KEYS = "Microsoft.Web/sites/host/listkeys/action"
PAGES = ["/", "/findings/", "/functions/", "/resources/", "/coverage/", "/scans/", "/accounts/", "/schedules/",
         "/people/", "/checks/", "/access/", "/access/?principal=ci-deploy", "/access/?action=sqs:SendMessage",
         "/access/paths/",
         "/access/changes/", "/access/?principal=ci-deploy&action=s3:GetObject", "/accounts/connect/",
         f"/access/?{GCP}", f"/access/?{GCP}&action=run.routes.invoke&resource=price-feed",
         f"/access/?{GCP}&principal=deployer", f"/access/?{GCP}&principal=deployer&action=run.services.update",
         f"/access/paths/?{GCP}", f"/access/changes/?{GCP}",
         f"/access/?{AZURE}", f"/access/?{AZURE}&action={KEYS}&resource=fernhollow-orders",
         f"/access/?{AZURE}&principal=deploy-pipeline", f"/access/?{AZURE}&principal=deploy-pipeline&action={KEYS}",
         f"/access/paths/?{AZURE}",
         "/accounts/connect/gcp/", "/accounts/connect/azure/", "/checks/gcp.storage.public/"]  # fmt: skip


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[Home, Up]]:
    home = Home()
    up = home.start("--demo", "--port", str(vacant())).ready()
    up.until("first scan")
    yield home, up
    home.remove()


@pytest.fixture
def signed_in(demo: tuple[Home, Up], page: Page) -> Page:
    _, up = demo
    told = re.search(r"Sign in as (\S+) with the password (\S+)", up.said())
    assert told, up.said()
    page.goto(up.address)
    page.get_by_label("Email").fill(told[1])
    page.get_by_label("Password").fill(told[2])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    return page


def visit(page: Page, address: str) -> None:
    """Go there.  The overview reloads itself once when the first scan ends, which may cut in."""
    try:
        page.goto(address)
    except Error as cut_in:
        if "ERR_ABORTED" not in str(cut_in):
            raise
        page.goto(address)


def emulator(demo: tuple[Home, Up], method: str, path: str, said: object = None) -> None:
    home, _ = demo
    endpoint = json.loads((home.path / "sample.json").read_text())["endpoint"]
    body = None if said is None else json.dumps(said).encode()
    urllib.request.urlopen(urllib.request.Request(endpoint + path, data=body, method=method), timeout=10).close()  # noqa: S310


def scans(demo: tuple[Home, Up], cloud: str = "aws") -> list[dict[str, object]]:
    """Every scan of a cloud's sample account, oldest first, by a command that shares the running database."""
    home, _ = demo
    ask = (
        "from posture.models import Scan; "
        f"found = Scan.objects.filter(account__provider={cloud!r}).order_by('id'); "
        "print(list(found.values('id', 'state', 'digest')))"
    )
    told = home.command("shell", "--no-imports", "-c", ask).stdout
    return eval(told.strip().splitlines()[-1])  # noqa: S307  (our own repr)


def test_findings_show_while_the_first_scan_runs_or_right_after(signed_in: Page) -> None:
    failures = signed_in.get_by_text(re.compile("open to|allows|without|unencrypted|anyone", re.I)).first

    expect(failures).to_be_visible(timeout=60_000)


def test_a_finding_is_told_with_its_proof_its_fix_and_its_history(signed_in: Page, demo: tuple[Home, Up]) -> None:
    assert eventually(lambda: scans(demo)[0]["state"] == "complete", 60), scans(demo)
    visit(signed_in, demo[1].address + "findings/?check=aws.lambda.public_policy")
    address = signed_in.locator("a.row").first.get_attribute("href")
    visit(signed_in, demo[1].address.rstrip("/") + str(address))

    expect(signed_in.get_by_text("Principal").first).to_be_visible()
    expect(signed_in.get_by_text("lambda.GetPolicy").first).to_be_visible()
    expect(signed_in.get_by_text("aws lambda remove-permission").first).to_be_attached()
    expect(signed_in.get_by_text(re.compile("opened", re.I)).first).to_be_visible()


def test_the_estate_stands_on_three_clouds(signed_in: Page, demo: tuple[Home, Up]) -> None:
    for cloud in ("gcp", "azure"):
        assert eventually(lambda: scans(demo, cloud)[-1]["state"] == "complete", 60), scans(demo, cloud)  # noqa: B023

    visit(signed_in, demo[1].address + "findings/?check=gcp.storage.public")
    expect(signed_in.get_by_text("fernhollow-product-images").first).to_be_visible()
    visit(signed_in, demo[1].address + "accounts/")
    for name in ("Sample shop", "Sample project", "Sample subscription"):
        expect(signed_in.get_by_role("link", name=name)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_and_has_nothing_axe_would_mend(
    signed_in: Page, demo: tuple[Home, Up], path: str, width: int
) -> None:
    signed_in.set_viewport_size({"width": width, "height": 860})

    visit(signed_in, demo[1].address.rstrip("/") + path)

    assert signed_in.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(signed_in)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_a_function_answers_and_fits(
    signed_in: Page, demo: tuple[Home, Up], width: int, theme: Literal["light", "dark"]
) -> None:
    assert eventually(lambda: scans(demo)[0]["state"] == "complete", 60), scans(demo)
    signed_in.emulate_media(color_scheme=theme)
    visit(signed_in, demo[1].address + "functions/?q=payments-webhook")
    address = signed_in.locator("a.row").first.get_attribute("href")
    signed_in.set_viewport_size({"width": width, "height": 860})

    visit(signed_in, demo[1].address.rstrip("/") + str(address))

    expect(signed_in.get_by_text("Anyone on the internet can invoke it")).to_be_visible()
    for why in signed_in.locator("#invoke summary, #policy summary").all()[:6]:
        why.press("Enter")
    expect(signed_in.get_by_text("FunctionUrlAuthType").first).to_be_visible()
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(signed_in)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    ("cloud", "name", "kind", "sentence"),
    [
        ("gcp", "storefront", "Cloud Run service", "Anyone on the internet can invoke it"),
        ("gcp", "legacy-export", "Cloud Run function", "can invoke it"),
        ("azure", "fernhollow-webhook", "Function App", "Anyone on the internet can invoke it"),
        ("azure", "partner-api", "Container App", "Strangers cannot invoke it"),
    ],
)
def test_the_page_of_a_function_of_another_cloud_answers_and_fits(
    signed_in: Page, demo: tuple[Home, Up], cloud: str, name: str, kind: str, sentence: str, width: int
) -> None:
    assert eventually(lambda: scans(demo, cloud)[-1]["state"] == "complete", 60), scans(demo, cloud)
    visit(signed_in, demo[1].address + f"functions/?q={name}")
    row = signed_in.get_by_role("row").filter(has_text=kind).first
    address = row.locator("a.row").get_attribute("href")
    signed_in.set_viewport_size({"width": width, "height": 860})

    visit(signed_in, demo[1].address.rstrip("/") + str(address))

    expect(signed_in.locator(".answer")).to_contain_text(sentence)
    for why in signed_in.locator("#invoke summary, #reach summary, #policy summary").all()[:6]:
        why.press("Enter")
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(signed_in)
    assert found.violations_count == 0, found.generate_report()


def test_a_killed_worker_is_replaced_and_the_scan_ends_as_if_nothing_had_happened(
    signed_in: Page, demo: tuple[Home, Up]
) -> None:
    home, up = demo
    assert eventually(lambda: scans(demo)[-1]["state"] == "complete", 60)
    before = scans(demo)[-1]
    emulator(demo, "POST", "/_sample/faults", [{"service": "lambda", "operation": "GetPolicy", "latency_ms": 1500}])
    visit(signed_in, up.address + "scans/")
    signed_in.get_by_text("Scan now").click()
    signed_in.get_by_role("button", name="Sample shop").click()
    assert eventually(lambda: len(scans(demo)) > len([before]) and scans(demo)[-1]["state"] == "running", 30)

    for line in home.inhabitants():
        if "celery" in line and "worker" in line:
            os.kill(int(line.split()[0]), signal.SIGKILL)
    emulator(demo, "DELETE", "/_sample/faults")

    assert eventually(lambda: scans(demo)[-1]["state"] == "complete", 75), scans(demo)
    assert scans(demo)[-1]["digest"] == before["digest"]


def test_planted_secrets_are_in_no_file_of_the_installation(demo: tuple[Home, Up]) -> None:
    home, _ = demo
    files = [path for path in home.path.rglob("*") if path.is_file() and path.stat().st_size < 50_000_000]

    leaks = {
        (name, str(path)) for path in files for name, secret in SECRETS.items() if secret.encode() in path.read_bytes()
    }

    assert leaks == set()


def test_the_command_line_tells_the_same_as_the_page(signed_in: Page, demo: tuple[Home, Up]) -> None:
    home, up = demo
    told = json.loads(home.command("findings", "--format", "json").stdout)

    visit(signed_in, up.address + "findings/")

    expect(signed_in.get_by_text(str(len(told["findings"]))).first).to_be_visible()
    assert told["coverage"]["denied"] == 0


def test_the_sample_data_go_with_one_click(signed_in: Page, demo: tuple[Home, Up]) -> None:
    visit(signed_in, demo[1].address)
    signed_in.get_by_role("button", name="Remove it").click()
    signed_in.get_by_role("button", name="Remove sample data").click()

    expect(signed_in.get_by_text(re.compile("connect an aws account", re.I)).first).to_be_visible()

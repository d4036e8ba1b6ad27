"""What every test may ask for: a database, a browser, and ordinary services as other people run them."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

import posture.celery  # noqa: F401 - so that a task rung in a test finds the broker of the tests
from posture.runtime import chromium, services
from posture.runtime.sample.start import SampleCloud, sample_cloud
from tests import ordinary

# Playwright's synchronous calls keep an event loop in this thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """`manage.py test` brings a database; pytest alone borrows the server of this checkout for its test databases."""
    if os.environ.get("POSTURE_TRIAL") or not services.embedded_database():
        yield
        return
    with services.embedded_postgres().in_use():
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: its event loop ends with it, so that another file's `asyncio.run` finds none."""
    if reason := chromium.lacking():
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.found(), args=list(chromium.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about. A test that provokes a complaint looks at it and clears the list."""
    return []


@pytest.fixture
def context(browser: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A fresh browser profile that reaches this machine only, and has nothing to complain about at the end."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    context.route("**/*", lambda route: _keep_inside(route, complaints))
    context.on("console", lambda message: _listen(message, complaints))
    context.on("weberror", lambda failure: complaints.append(f"exception: {failure.error}"))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def _listen(message: ConsoleMessage, complaints: list[str]) -> None:
    """Errors and refusals of the content security policy, which Chromium reports as errors too."""
    if message.type in ("error", "warning"):
        complaints.append(f"{message.type}: {message.text}")


def _keep_inside(route: Route, complaints: list[str]) -> None:
    if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost", None):
        route.continue_()
    else:
        complaints.append(f"asked the internet: {route.request.url}")
        route.abort()


@pytest.fixture(scope="session")
def sample_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleCloud]:
    """The sample AWS account, started once: for those who only read it.  Who writes starts one of their own."""
    with sample_cloud(home=tmp_path_factory.mktemp("sample")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def cloud(sample_account: SampleCloud) -> Iterator[SampleCloud]:
    """Without the faults and the journal of others."""
    sample_account.clear()
    yield sample_account
    sample_account.clear()


@pytest.fixture(scope="session")
def postgres_15() -> Iterator[str]:
    with ordinary.postgres() as server:
        yield server


@pytest.fixture
def ordinary_postgres_empty(postgres_15: str) -> str:
    """The URL of an empty database on a PostgreSQL 15 of this system."""
    return ordinary.new_database(postgres_15)


@pytest.fixture
def ordinary_postgres(ordinary_postgres_empty: str) -> str:
    return ordinary_postgres_empty


@pytest.fixture(scope="session")
def ordinary_redis() -> Iterator[str]:
    with ordinary.redis() as url:
        yield url


@pytest.fixture(scope="session")
def ordinary_rabbitmq() -> Iterator[str]:
    with ordinary.rabbitmq() as url:
        yield url

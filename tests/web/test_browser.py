"""A person at a real browser: signs in, searches, decides about a message in doubt."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from omsmodem.https import HttpsServer, Listener
from omsmodem.https.mount import Mount
from omsmodem.message import State
from tests.chromium import WANTED, chromium
from tests.web.conftest import PASSWORD, Office, reading_all

pytestmark = WANTED


@pytest.fixture
def address(office: Office, keys: Path) -> Iterator[str]:
    """The pages behind our own HTTPS server."""
    pages = Mount({}, reading_all(office).application)
    server = HttpsServer(pages, [Listener(0, "127.0.0.1")], certificate=keys / "server.crt", key=keys / "server.key")
    server.start()
    yield f"https://localhost:{server.port}"
    server.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("chromium"), "1200,900") as driver:
        yield driver


def shows(browser: Any, selector: str, words: str) -> bool:
    """Wait until an element shows these words: a click returns before the next page is there."""

    def there(driver: Any) -> bool:
        return any(words in element.text for element in driver.find_elements(By.CSS_SELECTOR, selector))

    WebDriverWait(browser, 30, ignored_exceptions=[StaleElementReferenceException]).until(there)
    return True


def sign_in(browser: Any, address: str, name: str) -> None:
    browser.get(address)
    browser.find_element(By.ID, "name").send_keys(name)
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "form button").click()


def test_an_operator_signs_in_searches_and_sends_a_doubtful_message_again(
    office: Office, address: str, browser: Any
) -> None:
    """The whole way with mouse and keyboard; the browser complains of nothing on it."""
    doubtful = office.doubt("dana", "+447700900222", "Fish delivery moved to 15:30 🐟")
    other = office.accept("fish", "+447700900333", "Tide at noon")
    sign_in(browser, address, "harbour")
    assert shows(browser, ".verdict", "Something to look at")
    assert browser.title == "Status · omsmodem"

    browser.find_element(By.LINK_TEXT, "Messages").click()
    assert shows(browser, "h1", "Messages")
    browser.find_element(By.NAME, "number").send_keys("07700 900222")
    browser.find_element(By.CSS_SELECTOR, ".search button").click()
    WebDriverWait(browser, 30).until(lambda driver: "number=07700" in driver.current_url)
    assert shows(browser, "table.listing", f"#{doubtful}")
    assert f"#{other}" not in browser.find_element(By.CSS_SELECTOR, "table.listing").text

    browser.find_element(By.LINK_TEXT, f"#{doubtful}").click()
    assert shows(browser, "main", "a person decides")
    browser.find_element(By.XPATH, "//button[text()='Send again']").click()
    assert shows(browser, ".said", "will be sent again; it may arrive twice.")
    message = office.store.history.message(doubtful)
    assert message is not None
    assert message.state is State.QUEUED
    assert message.repeats == 1

    browser.find_element(By.XPATH, "//button[text()='Sign out']").click()
    assert shows(browser, "button", "Sign in")
    browser.get(f"{address}/messages")
    assert browser.title == "Sign in · omsmodem"
    assert [
        entry
        for entry in browser.get_log("browser")
        if entry["level"] == "SEVERE" and "favicon" not in entry["message"]
    ] == []


def test_no_page_is_wider_than_a_phone(office: Office, address: str, browser: Any) -> None:
    """Nothing has to be pushed sideways to be read."""
    message_id = office.doubt("dana", "+447700900222", "Fish delivery moved to 15:30, rear door & ramp. " * 5)
    browser.set_window_size(500, 800)
    sign_in(browser, address, "harbour")
    assert shows(browser, ".verdict", "Something to look at")
    for path in ("status", "messages", f"messages/{message_id}", "incoming", "uncertain", "accounts", "alarms"):
        browser.get(f"{address}/{path}")
        assert not browser.execute_script("return document.documentElement.scrollWidth > innerWidth"), path

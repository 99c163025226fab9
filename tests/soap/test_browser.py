"""A person at a real browser, on a narrow screen: reads how to set up Outlook, asks for an account."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from omsmodem.https import HttpsServer, Listener
from omsmodem.https.mount import Mount
from omsmodem.soap.pages import AUTHORITY_PATH, SIGN_UP_PATH, Site
from omsmodem.soap.signup import Download, SignUpApplication
from tests.chromium import WANTED, chromium
from tests.soap.office import INFO, URI, Office

pytestmark = WANTED


@pytest.fixture
def address(office: Office, keys: Path) -> Iterator[str]:
    site = Site(INFO, authority=keys / "ca.cer", registration=True)
    pages = {
        SIGN_UP_PATH: SignUpApplication(site, office.store.registrations),
        AUTHORITY_PATH: Download(keys / "ca.cer", "ca.cer", "application/x-x509-ca-cert"),
    }
    server = HttpsServer(
        Mount(pages), [Listener(0, "127.0.0.1")], certificate=keys / "server.crt", key=keys / "server.key"
    )
    server.start()
    yield f"https://localhost:{server.port}{SIGN_UP_PATH}"
    server.stop()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    with chromium(tmp_path / "chromium", "500,900") as driver:
        yield driver


def test_a_person_reads_the_page_and_asks_for_an_account(office: Office, address: str, browser: Any) -> None:
    """German for a German Outlook, styled in spite of the policy, nothing wider than the screen; the request is recorded."""
    browser.get(f"{address}?src=O14&lc=1031")
    assert URI in browser.find_element(By.TAG_NAME, "dl").text
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "de"
    assert browser.find_element(By.TAG_NAME, "button").value_of_css_property("cursor") == "pointer"
    width, room = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= room

    for name, value in (("name", "Erin Reed"), ("mail", "erin@harbour.example"), ("phone", "+447700900123")):
        browser.find_element(By.NAME, name).send_keys(value)
    browser.find_element(By.TAG_NAME, "button").click()
    WebDriverWait(browser, 30).until(
        lambda driver: "erin@harbour.example" in driver.find_element(By.TAG_NAME, "main").text
    )
    (request,) = office.store.registrations.open()
    assert (request.name, request.mail, request.phone) == ("Erin Reed", "erin@harbour.example", "+447700900123")
    complaints = [entry for entry in browser.get_log("browser") if "favicon" not in entry["message"]]
    assert complaints == []

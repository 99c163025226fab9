"""A person at Chromium: signs in to the pages and looks at the first one. Needs Debian's chromium, chromium-driver, selenium."""

import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def first_page(address: str, name: str, password: str, size: tuple[int, int], picture: Path | None = None) -> str:
    """The words of the page after signing in, in a window of `size`; `picture` is where it is painted."""
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        options.accept_insecure_certs = True
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        try:
            browser.get(address)
            browser.find_element(By.ID, "name").send_keys(name)
            browser.find_element(By.ID, "password").send_keys(password)
            browser.find_element(By.CSS_SELECTOR, "form button").click()
            WebDriverWait(browser, 30).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".verdict"))
            if picture is not None:
                picture.parent.mkdir(parents=True, exist_ok=True)
                browser.save_screenshot(str(picture))
            return str(browser.find_element(By.TAG_NAME, "main").text)
        finally:
            browser.quit()

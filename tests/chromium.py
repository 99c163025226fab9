"""Debian's Chromium, driven as a person would use it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_DRIVER = shutil.which("chromedriver")
#: Marks of a module that wants it.
WANTED = [
    pytest.mark.skipif(_CHROMIUM is None or _DRIVER is None, reason="needs Debian's chromium and chromium-driver"),
    pytest.mark.timeout(180),
]


@contextmanager
def chromium(profile: Path, size: str) -> Iterator[Any]:
    """A browser with a window of `size` (width,height in pixels) that keeps its data in `profile`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(_CHROMIUM)
    options.accept_insecure_certs = True
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--window-size={size}",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(executable_path=str(_DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()

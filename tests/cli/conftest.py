"""A service that was set up in a directory, and commands run in this process."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from omsmodem.app import Application
from omsmodem.cli import main
from omsmodem.cli.options import read_config
from omsmodem.cli.provision import provision
from omsmodem.config import ServiceValues
from omsmodem.periods import utc_now
from omsmodem.store import Store, open_store

PASSWORD = "a password for dana"


@dataclass
class Home:
    """The directory of a service."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "config.yaml"

    def run(self, *arguments: str | Path, stdin: str | None = None) -> Result:
        """Run a command as a person would, but in this process, with this home's configuration."""
        runner = CliRunner(env={"OMSMODEM_CONFIG": str(self.config), "COLUMNS": "120"})
        result = runner.invoke(main, [str(argument) for argument in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit | click.ClickException):
            raise result.exception
        return result

    def store(self) -> Store:
        return open_store(read_config(self.config).storage.database, utc_now)

    def configure(self, text: str) -> None:
        """Add keys to the configuration."""
        self.config.write_text(self.config.read_text() + text)


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: keys take their time."""
    directory = tmp_path_factory.mktemp("provisioned") / "home"
    provision(directory, ServiceValues("localhost", 0, str(directory / "modem"), "GB"), "dana", PASSWORD)
    accounts = directory / "accounts.json"  # the first account is an operator; here nobody is
    accounts.write_text(accounts.read_text().replace('"operator": true', '"operator": false'))
    return directory


@pytest.fixture
def home(provisioned: Path, tmp_path: Path) -> Home:
    """Set up, not running."""
    shutil.copytree(provisioned, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def serving(home: Home) -> Iterator[Callable[[], Application]]:
    """Start the service of `home` in this process; it ends with the test."""
    started: list[Application] = []

    def start() -> Application:
        application = Application(read_config(home.config))
        application.start()
        started.append(application)
        return application

    yield start
    for application in started:
        application.stop()

"""What several commands share: the configuration option and the words for its mistakes."""

import getpass
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from omsmodem.config import Config, ConfigError, load
from omsmodem.control import ServiceNotRunning, call
from omsmodem.facts import Finding
from omsmodem.numbers import ANY_COUNTRY, canonical, is_country
from omsmodem.store import Store, open_store
from omsmodem.store.errors import StoreError

#: Where the Debian package and `omsmodem system install` keep the configuration.
SYSTEM_CONFIG = Path("/etc/omsmodem/config.yaml")


class ConfigurationFault(click.ClickException):
    """The configuration cannot be used."""

    exit_code = 2


class StoreFault(click.ClickException):
    """The message store cannot be used."""

    exit_code = 2


def read_config(path: Path) -> Config:
    """Load a configuration or end the command with every problem in it, one a line."""
    if not os.access(path, os.R_OK):
        raise ConfigurationFault(_unreadable(path))
    try:
        config = load(path)
    except ConfigError as error:
        raise ConfigurationFault("\n".join(str(problem) for problem in error.problems)) from error
    numbers = config.numbers
    for country in (numbers.country, *numbers.countries_allowed):
        if country not in {None, ANY_COUNTRY} and not is_country(country):
            raise ConfigurationFault(f"{path}: numbers: {country} is no country code; Britain, say, is GB")
    return config


def _unreadable(path: Path) -> str:
    """Why there is no configuration, and what to do about it."""
    try:
        path.stat()
    except FileNotFoundError:
        return f"there is no configuration at {path}: `omsmodem setup` makes one; --config FILE or OMSMODEM_CONFIG names another"
    except OSError:
        pass
    return f"the configuration {path} may not be read by you: run this as root (sudo), or as the user omsmodem"


def running(config: Config) -> dict[str, Any] | None:
    """What the running service says of itself, or None when it does not run."""
    try:
        answer = call(config.storage.control_socket, "status")
    except ServiceNotRunning:
        return None
    return answer if isinstance(answer, dict) else {}


def fitting(findings: Iterable[Finding], config_path: Path) -> list[Finding]:
    """Findings whose remedies fit a service that is none of the machine's, too: it is started by hand."""
    if config_path == SYSTEM_CONFIG:
        return list(findings)
    by_hand = f"omsmodem serve --config {config_path}"
    return [replace(one, remedy=by_hand) if one.rule == "service-down" else one for one in findings]


@contextmanager
def as_owner(directory: Path) -> Iterator[None]:
    """Be the owner of a directory for a while: what root makes in the service's directory must stay the service's."""
    owner = directory.stat() if directory.exists() else None
    if os.geteuid() != 0 or owner is None or owner.st_uid == 0:
        yield
        return
    groups = os.getgroups()
    try:
        os.setgroups([owner.st_gid])
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@contextmanager
def opened(config: Config) -> Iterator[Store]:
    """The store of a configuration, for one command; what is wrong with it ends the command with a sentence."""
    with as_owner(config.storage.database.parent):
        try:
            store = open_store(config.storage.database, lambda: datetime.now(UTC))
            try:
                yield store
            finally:
                store.close()
        except StoreError as error:
            raise StoreFault(str(error)) from error


def number_of(typed: str, config: Config) -> str:
    """A number as the store writes it, or a sender's name as it is."""
    digits = "".join(c for c in typed if c not in " ()-./")
    return canonical(digits, config.numbers.country)


def person() -> str:
    """Who runs this command, also behind sudo."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config FILE`."""
    return click.option(
        "--config",
        "config_path",
        default=SYSTEM_CONFIG,
        type=click.Path(path_type=Path, dir_okay=False, readable=False),
        envvar="OMSMODEM_CONFIG",
        help=f"The configuration file that `omsmodem setup` wrote; else OMSMODEM_CONFIG, else {SYSTEM_CONFIG}.",
    )(function)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
limit_option = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many, newest first."
)

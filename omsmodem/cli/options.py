"""What several commands share: the configuration option and the words for its mistakes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from omsmodem.config import Config, ConfigError, load


class ConfigurationFault(click.ClickException):
    """The configuration cannot be used."""

    exit_code = 2


class StoreFault(click.ClickException):
    """The message store cannot be used."""

    exit_code = 2


def read_config(path: Path) -> Config:
    """Load a configuration or end the command with every problem in it, one a line."""
    try:
        return load(path)
    except ConfigError as error:
        raise ConfigurationFault("\n".join(str(problem) for problem in error.problems)) from error


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config FILE`."""
    return click.option(
        "--config",
        "config_path",
        required=True,
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="OMSMODEM_CONFIG",
        help="The configuration file that `omsmodem setup` wrote.",
    )(function)

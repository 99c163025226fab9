"""YAML → typed configuration; every problem at once, with file, line, key and what would be right."""

from omsmodem.config.credentials import SecretUnreadable, read_secret
from omsmodem.config.loading import ConfigError, Problem, load
from omsmodem.config.schema import Config, ModemConfig, keys
from omsmodem.config.writing import ServiceValues, render

__all__ = [
    "Config",
    "ConfigError",
    "ModemConfig",
    "Problem",
    "SecretUnreadable",
    "ServiceValues",
    "keys",
    "load",
    "read_secret",
    "render",
]

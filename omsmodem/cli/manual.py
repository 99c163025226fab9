"""The manual page, written from the help of the commands: `python -m omsmodem.cli.manual > omsmodem.8`."""

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from omsmodem import __version__
from omsmodem.cli import main

_HEAD = """.TH OMSMODEM 8 "{date}" "omsmodem {version}" "System administration"
.SH NAME
omsmodem \\- texts from Outlook and SharePoint through a USB GSM modem
.SH SYNOPSIS
.B omsmodem
.I COMMAND
.RI [ OPTIONS ]
.SH DESCRIPTION
An Outlook Mobile Service (OMS) provider: Outlook 2007 and 2010 and SharePoint 2010 to 2019 hand it texts over HTTPS, and it
sends them through a GSM modem. A message is on disk before it is promised, and nothing is repeated silently.
.PP
.B omsmodem setup
makes a new service,
.B omsmodem status
says how it is,
.B omsmodem doctor
finds what is wrong with it.
.SH COMMANDS
"""
_TAIL = """.SH EXIT STATUS
0: done. 1: something was refused, or a warning. 2: something is wrong, or the command was mistyped.
.SH ENVIRONMENT
.TP
.B OMSMODEM_CONFIG
The configuration file, in place of \\-\\-config.
.SH FILES
.TP
.I /etc/omsmodem/config.yaml
The configuration.
.TP
.I /etc/omsmodem/tls
The office's own authority and the server's certificate.
.TP
.I /var/lib/omsmodem
The queue, the accounts and the backups.
"""


def page(now: datetime) -> str:
    """The manual page in man(7) macros."""
    commands = "".join(_commands(main, ()))
    return _HEAD.format(date=f"{now:%Y-%m-%d}", version=__version__) + commands + _TAIL


def _commands(group: click.Group, path: tuple[str, ...]) -> Iterator[str]:
    context = click.Context(group, info_name="omsmodem")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield "".join(_command(command, (*path, name)))


def _command(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    context = click.Context(command, info_name=path[-1])
    arguments = " ".join(
        parameter.make_metavar(context) for parameter in command.params if isinstance(parameter, click.Argument)
    )
    yield f".SS omsmodem {' '.join(path)} {_plain(arguments)}\n"
    for number, paragraph in enumerate(re.split(r"\n\s*\n", (command.help or "").strip())):
        yield (".PP\n" if number else "") + _plain(" ".join(paragraph.split())) + "\n"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            record = parameter.get_help_record(context)
            if record is not None:
                yield f".TP\n.B {_plain(record[0])}\n{_plain(record[1])}\n"


def _plain(text: str) -> str:
    """Text that troff takes as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    sys.stdout.write(page(datetime.now(UTC)))

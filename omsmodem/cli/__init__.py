"""The command line. Each command lives in its own module and is imported only when it is run."""

import logging
from collections.abc import Iterable
from importlib import import_module

import click

from omsmodem import __version__
from omsmodem.cli.groups import Group

_COMMANDS = {
    "audit": ("omsmodem.cli.audit", "audit"),
    "backup": ("omsmodem.cli.backup", "backup"),
    "cert": ("omsmodem.cli.cert", "cert"),
    "check-config": ("omsmodem.cli.service", "check_config"),
    "completion": ("omsmodem.cli.completion", "completion"),
    "demo": ("omsmodem.cli.demo", "demo"),
    "doctor": ("omsmodem.cli.doctor", "doctor"),
    "erase": ("omsmodem.cli.retention", "erase"),
    "export": ("omsmodem.cli.retention", "export"),
    "import": ("omsmodem.cli.importing", "import_"),
    "inbox": ("omsmodem.cli.inbox", "inbox"),
    "mail": ("omsmodem.cli.mail", "mail"),
    "messages": ("omsmodem.cli.messages", "messages"),
    "modem": ("omsmodem.cli.modem", "modem"),
    "optout": ("omsmodem.cli.inbox", "optout"),
    "phone": ("omsmodem.cli.simulate", "phone"),
    "purge": ("omsmodem.cli.retention", "purge"),
    "queue": ("omsmodem.cli.queue", "queue"),
    "restore": ("omsmodem.cli.backup", "restore"),
    "send": ("omsmodem.cli.messages", "send"),
    "sent": ("omsmodem.cli.inbox", "sent"),
    "serve": ("omsmodem.cli.service", "serve"),
    "setup": ("omsmodem.cli.setup", "setup"),
    "simulate-modem": ("omsmodem.cli.simulate", "simulate_modem"),
    "simulated": ("omsmodem.cli.simulate", "simulated"),
    "status": ("omsmodem.cli.status", "status"),
    "token": ("omsmodem.cli.token", "token"),
    "system": ("omsmodem.cli.system", "system"),
    "trace": ("omsmodem.cli.trace", "trace"),
    "user": ("omsmodem.cli.user", "user"),
    "users": ("omsmodem.cli.user", "list_accounts"),
}


#: What people look for, in the order in which they need it.
_SECTIONS = {
    "To begin": ("demo", "setup", "doctor", "system", "cert", "serve", "check-config"),
    "Every day": ("status", "trace", "send", "queue", "inbox", "sent", "messages", "mail", "modem"),
    "People": ("user", "users", "optout", "token", "audit"),
    "What is kept": ("backup", "restore", "purge", "export", "erase", "import"),
    "Without a modem": ("simulate-modem", "simulated", "phone"),
    "Shells": ("completion",),
}


class _Commands(Group):
    """A group that imports a command's module when the command is asked for."""

    def sections(self, _ctx: click.Context) -> Iterable[tuple[str, Iterable[str]]]:
        return _SECTIONS.items()

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="omsmodem")
def main() -> None:
    """Texts from Outlook 2007/2010 and SharePoint through a USB GSM modem.

    Try `omsmodem demo` first: it needs no modem.
    """
    logging.getLogger("omsmodem").addHandler(logging.NullHandler())  # a command says in a sentence what went wrong


main.commands.update((name, click.Command(name)) for name in _COMMANDS)  # click offers them where a name is mistyped

"""What can go wrong with a modem, told apart by what happened to the message."""

from typing import Literal

Kind = Literal["cms", "cme"]


class ModemError(Exception):
    """The modem could not be used."""


class PortUnavailable(ModemError):
    """The modem's port cannot be opened."""


class PortLost(ModemError):
    """The modem's port went away; nothing was handed over."""


class Unresponsive(ModemError):
    """The modem does not answer."""


class Blocked(ModemError):
    """The modem answers but cannot send, for a reason a person may have to remove."""


class CommandFailed(ModemError):
    """The modem refused a command."""

    def __init__(self, command: str, result: str) -> None:
        super().__init__(f"{command} was answered with {result}")
        self.command = command
        self.result = result


class _Coded(ModemError):
    def __init__(self, what: str, kind: Kind | None = None, code: int | None = None) -> None:
        super().__init__(what)
        self.kind = kind
        self.code = code


class NotSent(_Coded):
    """The modem refused before Ctrl-Z was written: nothing was sent."""


class Refused(_Coded):
    """The modem or the network answered with an error after Ctrl-Z."""


class InDoubt(_Coded):
    """Ctrl-Z was written and no answer came: the segment may have been sent."""

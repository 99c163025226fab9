"""What can go wrong with a modem, told apart by what happened to the message."""

from enum import StrEnum

from omsmodem.modem.results import Kind, coded

__all__ = ["BlockReason", "Blocked", "CommandFailed", "InDoubt", "Kind", "ModemError", "NotSent", "PortLost"]
__all__ += ["PortUnavailable", "Refused", "Restarted", "Unanswered", "Unresponsive"]

#: The modem is at something else for seconds: a previous send (31, 34, one maker's numbering), the SIM, its start.
_BUSY = {("cms", 31), ("cms", 34), ("cms", 301), ("cms", 314), ("cme", 14), ("cme", 515)}


class BlockReason(StrEnum):
    """Why a modem that answers cannot send."""

    PIN = "pin"  # the SIM asks for a PIN that is missing, was refused or must not be tried
    PUK = "puk"
    NO_SIM = "no_sim"
    SIM_FAILURE = "sim_failure"
    SIM_BUSY = "sim_busy"
    SIM_LOCK = "sim_lock"  # the SIM or the modem is locked to an operator or a phone
    NOT_REGISTERED = "not_registered"
    DENIED = "denied"
    EMERGENCY_ONLY = "emergency_only"
    ROAMING = "roaming"  # registered abroad, and that is not allowed
    NO_SERVICE_CENTRE = "no_service_centre"
    STORAGE_FULL = "storage_full"
    NO_PDU_MODE = "no_pdu_mode"
    OTHER = "other"


class ModemError(Exception):
    """The modem could not be used."""


class PortUnavailable(ModemError):
    """The modem's port cannot be opened."""


class PortLost(ModemError):
    """The modem's port went away; nothing was handed over."""


class Unresponsive(ModemError):
    """The modem does not answer."""


class Restarted(ModemError):
    """The modem restarted by itself, so its settings are gone: bring it up again."""


class Blocked(ModemError):
    """The modem answers but cannot send, for a reason a person may have to remove."""

    def __init__(self, what: str, reason: BlockReason = BlockReason.OTHER) -> None:
        super().__init__(what)
        self.reason = reason


class CommandFailed(ModemError):
    """The modem refused a command; `kind` and `code` as in +CMS ERROR and +CME ERROR."""

    def __init__(self, command: str, result: str) -> None:
        super().__init__(f"{command} was answered with {result}")
        self.command = command
        self.result = result
        self.kind, self.code = coded(result)

    @property
    def busy(self) -> bool:
        """Whether the modem is occupied for some seconds and may well say yes then."""
        return (self.kind, self.code) in _BUSY


class _Coded(ModemError):
    def __init__(self, what: str, kind: Kind | None = None, code: int | None = None) -> None:
        super().__init__(what)
        self.kind = kind
        self.code = code

    @property
    def busy(self) -> bool:
        """Whether the modem is occupied for some seconds: to be tried again soon, and no fault of the message."""
        return (self.kind, self.code) in _BUSY


class NotSent(_Coded):
    """The modem refused before Ctrl-Z was written: nothing was sent."""


class Refused(_Coded):
    """The modem or the network answered with an error after Ctrl-Z."""


class InDoubt(_Coded):
    """Ctrl-Z was written and no answer came: the segment may have been sent."""


class Unanswered(InDoubt):
    """In doubt because the time is over: the answer may still come, also in the midst of a later exchange."""

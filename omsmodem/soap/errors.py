"""SOAP faults, and the gate's reasons as OMS error codes."""

from dataclasses import dataclass

from omsmodem.message import Notice, Reason, Receipt, Refusal


class SoapError(Exception):
    """The request is no OMS call."""


class SoapFault(SoapError):
    """No OMS answer document is possible; `code` is the SOAP 1.1 fault code's local name, `version` the envelope's."""

    def __init__(self, code: str, reason: str, version: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.version = version


class DocumentError(SoapError):
    """The inner document cannot be read."""


FAILURE = "failure"
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class OmsError:
    """One `error` element: code, severity, a line for an office user, the recipients it concerns as received."""

    code: str
    severity: str = FAILURE
    content: str = ""
    recipients: tuple[str, ...] = ()


OK = OmsError("ok", NEUTRAL)

_CODES: dict[Reason, str] = {
    Reason.INVALID_USER: "invalidUser",
    Reason.UNKNOWN_ACCOUNT: "invalidUser",
    Reason.ACCOUNT_DISABLED: "expiredUser",
    Reason.INVALID_RECIPIENT: "invalidRecipient",
    Reason.NO_RECIPIENT: "invalidRecipient",
    Reason.NO_COUNTRY: "invalidRecipient",
    Reason.EMERGENCY_NUMBER: "invalidRecipient",
    Reason.RECIPIENT_NOT_ALLOWED: "crossCarrier",
    Reason.COSTLY_NUMBER: "crossCarrier",
    Reason.COUNTRY_NOT_ALLOWED: "crossCarrier",
    Reason.QUIET_HOURS: "other",
    Reason.SERVICE_NOT_OFFERED: "unregisteredService",
    Reason.SERVICE_CEASED: "ceasedService",
    Reason.UNREADABLE: "other",
    Reason.EMPTY_BATCH: "other",
    Reason.BATCH_TOO_LARGE: "other",
    Reason.FAULT: "other",
    Reason.TOO_MANY_RECIPIENTS: "other",
    Reason.TOO_MANY_TEXTS: "other",
    Reason.EMPTY_TEXT: "other",
    Reason.BAD_SCHEDULE: "other",
    Reason.TEXT_TOO_LONG: "lengthLimit",
    Reason.INVALID_CHARACTER: "invalidChar",
    Reason.BUSY: "serviceNetwork",
    Reason.UNAVAILABLE: "serviceNetwork",
    Reason.NOT_REGISTERED: "unregisteredUser",
    Reason.QUOTA_MINUTE: "other",
    Reason.QUOTA_DAY: "perDayMsgLimit",
    Reason.QUOTA_MONTH: "perMonthMsgLimit",
    Reason.SOURCE_BLOCKED: "other",
    Reason.LOW_BALANCE: "lowBalance",
    Reason.OPTED_OUT: "invalidRecipient",
}


_NOTICES: dict[Notice, str] = {Notice.NOT_SCHEDULED: "noScheduled", Notice.SERVICE_UPDATE: "serviceUpdate"}


def code(refusal: Refusal) -> str:
    """The OMS code of a refusal."""
    return _CODES[refusal.reason]


def errors_of(receipt: Receipt) -> tuple[OmsError, ...]:
    """The `error` elements of a receipt: `ok` alone, or one per code and content with its recipients."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for refusal in receipt.refused:
        recipients = grouped.setdefault((code(refusal), refusal.detail), [])
        if refusal.recipient is not None:
            recipients.append(refusal.recipient)
    notices = tuple(OmsError(_NOTICES[notice], NEUTRAL) for notice in receipt.notices)
    failures = tuple(OmsError(key[0], FAILURE, key[1], tuple(recipients)) for key, recipients in grouped.items())
    return (failures or (OK,)) + notices

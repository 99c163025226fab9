"""SOAP faults, and the error codes of [MS-OMS] with the gate's reasons and notices mapped to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from omsmodem.message import Notice, Reason, Receipt

MAX_CONTENT_CHARACTERS = 200


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
    """A document cannot be read; the sentence is a predicate: "is not well-formed XML"."""


class Code(StrEnum):
    """The error codes of [MS-OMS], spelt as clients compare them."""

    OK = "ok"
    INVALID_USER = "invalidUser"
    UNREGISTERED_USER = "unregisteredUser"
    UNREGISTERED_SERVICE = "unregisteredService"
    EXPIRED_USER = "expiredUser"
    INVALID_RECIPIENT = "invalidRecipient"
    CROSS_CARRIER = "crossCarrier"
    INVALID_CHAR = "invalidChar"
    INVALID_MEDIA = "invalidMedia"
    PER_DAY_MSG_LIMIT = "perDayMsgLimit"
    PER_MONTH_MSG_LIMIT = "perMonthMsgLimit"
    LENGTH_LIMIT = "lengthLimit"
    SIZE_LIMIT = "sizeLimit"
    SLIDES_LIMIT = "slidesLimit"
    SERVICE_NETWORK = "serviceNetwork"
    NO_SCHEDULED = "noScheduled"
    LOW_BALANCE = "lowBalance"
    SERVICE_UPDATE = "serviceUpdate"
    CEASED_SERVICE = "ceasedService"
    OTHER = "other"


class Severity(StrEnum):
    """There are only these two."""

    FAILURE = "failure"
    NEUTRAL = "neutral"


class Listed(Enum):
    """Which recipients an error lists."""

    NONE = "none"
    NAMED = "named"  # those the gate refused by name
    ALL = "all"  # the same, or every recipient when the whole message was refused


@dataclass(frozen=True, slots=True)
class Form:
    """What an `error` element of one code holds."""

    severity: Severity = Severity.FAILURE
    content: bool = True
    recipients: Listed = Listed.NONE


_BARE = Form(content=False)
FORMS: Mapping[Code, Form] = {
    Code.OK: Form(Severity.NEUTRAL, content=False),
    Code.INVALID_USER: _BARE,
    Code.UNREGISTERED_USER: _BARE,
    Code.UNREGISTERED_SERVICE: Form(),
    Code.EXPIRED_USER: _BARE,
    Code.INVALID_RECIPIENT: Form(recipients=Listed.NAMED),
    Code.CROSS_CARRIER: Form(recipients=Listed.NAMED),
    Code.INVALID_CHAR: Form(),
    Code.INVALID_MEDIA: Form(),
    Code.PER_DAY_MSG_LIMIT: Form(recipients=Listed.ALL),
    Code.PER_MONTH_MSG_LIMIT: Form(recipients=Listed.ALL),
    Code.LENGTH_LIMIT: Form(recipients=Listed.ALL),
    Code.SIZE_LIMIT: Form(),
    Code.SLIDES_LIMIT: Form(),
    Code.SERVICE_NETWORK: Form(recipients=Listed.ALL),
    Code.NO_SCHEDULED: Form(Severity.NEUTRAL),
    Code.LOW_BALANCE: Form(recipients=Listed.ALL),
    Code.SERVICE_UPDATE: Form(Severity.NEUTRAL),
    Code.CEASED_SERVICE: Form(),
    Code.OTHER: Form(recipients=Listed.NAMED),
}

CODES: Mapping[Reason | Notice, Code] = {
    Reason.INVALID_USER: Code.INVALID_USER,
    Reason.UNKNOWN_ACCOUNT: Code.INVALID_USER,
    Reason.ACCOUNT_DISABLED: Code.EXPIRED_USER,
    Reason.NOT_REGISTERED: Code.UNREGISTERED_USER,
    Reason.SERVICE_NOT_OFFERED: Code.UNREGISTERED_SERVICE,
    Reason.SERVICE_CEASED: Code.CEASED_SERVICE,
    Reason.INVALID_RECIPIENT: Code.INVALID_RECIPIENT,
    Reason.NO_COUNTRY: Code.INVALID_RECIPIENT,
    Reason.EMERGENCY_NUMBER: Code.INVALID_RECIPIENT,
    Reason.NO_RECIPIENT: Code.INVALID_RECIPIENT,
    Reason.OPTED_OUT: Code.INVALID_RECIPIENT,
    Reason.NOT_MOBILE: Code.INVALID_RECIPIENT,
    Reason.RECIPIENT_NOT_ALLOWED: Code.CROSS_CARRIER,
    Reason.COSTLY_NUMBER: Code.CROSS_CARRIER,
    Reason.COUNTRY_NOT_ALLOWED: Code.CROSS_CARRIER,
    Reason.TEXT_TOO_LONG: Code.LENGTH_LIMIT,
    Reason.INVALID_CHARACTER: Code.INVALID_CHAR,
    Reason.QUOTA_DAY: Code.PER_DAY_MSG_LIMIT,
    Reason.QUOTA_MONTH: Code.PER_MONTH_MSG_LIMIT,
    Reason.BUSY: Code.SERVICE_NETWORK,
    Reason.UNAVAILABLE: Code.SERVICE_NETWORK,
    Reason.NO_NETWORK: Code.SERVICE_NETWORK,
    Reason.QUOTA_MINUTE: Code.OTHER,  # [MS-OMS] knows days and months only
    Reason.TOO_MANY_RECIPIENTS: Code.OTHER,
    Reason.TOO_MANY_TEXTS: Code.OTHER,
    Reason.EMPTY_TEXT: Code.OTHER,
    Reason.BAD_SCHEDULE: Code.OTHER,
    Reason.SOURCE_BLOCKED: Code.OTHER,
    Reason.QUIET_HOURS: Code.OTHER,
    Reason.UNREADABLE: Code.OTHER,
    Reason.EMPTY_BATCH: Code.OTHER,
    Reason.BATCH_TOO_LARGE: Code.OTHER,
    Reason.FAULT: Code.OTHER,
    Notice.NOT_SCHEDULED: Code.NO_SCHEDULED,
    Notice.SERVICE_UPDATE: Code.SERVICE_UPDATE,
}

#: The codes that make sense for a question about a user; the rest becomes `other` there.
_ABOUT_USERS = frozenset(
    {Code.OK, Code.INVALID_USER, Code.UNREGISTERED_USER, Code.EXPIRED_USER, Code.SERVICE_UPDATE, Code.CEASED_SERVICE}
)


@dataclass(frozen=True, slots=True)
class OmsError:
    """One `error` element: code, a line for an office user, the recipients it concerns as received."""

    code: Code
    content: str = ""
    recipients: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """As the code has it."""
        return FORMS[self.code].severity


OK = OmsError(Code.OK)


def user_code(reason: Reason) -> Code:
    """The code of a refusal in a userInfo."""
    code = CODES[reason]
    return code if code in _ABOUT_USERS else Code.OTHER


def errors_of(
    receipt: Receipt, recipients: Sequence[str] = (), words: Callable[[Notice], str] = lambda _: ""
) -> tuple[OmsError, ...]:
    """The `error` elements of a receipt for a message to `recipients`: one a code, failures first, never empty.

    `ok` stands only where nothing was refused: many clients look at the first element alone. `words` are a notice's content.
    """
    failures = _failures(receipt, recipients) or (OK,)
    return failures + tuple(OmsError(CODES[notice], words(notice)) for notice in receipt.notices)


def _failures(receipt: Receipt, recipients: Sequence[str]) -> tuple[OmsError, ...]:
    sentences: dict[Code, dict[str, None]] = {}
    listed: dict[Code, dict[str, None]] = {}
    for refusal in receipt.refused:
        code = CODES[refusal.reason]
        form = FORMS[code]
        said = sentences.setdefault(code, {})
        concerned = listed.setdefault(code, {})
        if form.content and refusal.detail:
            said[refusal.detail] = None
        if form.recipients is not Listed.NONE and refusal.recipient is not None:
            concerned[refusal.recipient] = None
        elif form.recipients is Listed.ALL:
            concerned.update(dict.fromkeys(recipients))
    return tuple(OmsError(code, " ".join(sentences[code]), tuple(listed[code])) for code in sentences)

"""The documents of [MS-OMS]: read leniently, written strictly (element order, required attributes, namespaces)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from omsmodem.message import Profile
from omsmodem.soap.envelope import OMS, clean, local, read_document, text_of
from omsmodem.soap.errors import OmsError

SERVICE_INFO = OMS + "/serviceInfo"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_MAX_CONTENT_CHARACTERS = 200
#: xs:dateTime with any fraction and zone; what Python's parser of 3.11 does not read by itself is cut to microseconds.
_DATE_TIME = re.compile(r"(-?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_CONTROL_TO_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029\x85]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """What GetServiceInfo tells: `service_uri` must equal, character for character, what the user types."""

    service_provider: str
    service_uri: str
    sign_up_page: str
    local_name: str
    english_name: str
    target_locale: int = 0
    max_recipients_per_message: int = 50
    max_messages_per_send: int = 20
    max_sbcs_per_message: int = 160
    max_dbcs_per_message: int = 70


@dataclass(frozen=True, slots=True)
class XmsUser:
    """Who calls. The password is kept out of every repr."""

    user_id: str = ""
    password: str = field(default="", repr=False)
    client: str = ""


@dataclass(frozen=True, slots=True)
class XmsData:
    """One message as a client wants it sent."""

    user: XmsUser
    recipients: tuple[str, ...]
    contents: tuple[str, ...]
    content_ids: tuple[str, ...] = ()
    multimedia: bool = False
    source_type: str = ""
    scheduled: str = ""
    id: str | None = None


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(_children(element, name), None)


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    if element is not None:
        yield from (child for child in element if local(child) == name)


def parse_user(document: str) -> XmsUser:
    """Read an xmsUser. Raises DocumentError."""
    root = read_document(document, "xmsUser")
    return _user(root, root.get("client") or "")


def _user(element: etree._Element | None, client: str) -> XmsUser:
    return XmsUser(text_of(_child(element, "userId")).strip(), text_of(_child(element, "password")), client)


def parse_data(document: str) -> XmsData:
    """Read an xmsData. Raises DocumentError."""
    return _data(read_document(document, "xmsData"), "")


def parse_batch(document: str) -> list[XmsData]:
    """Read the xmsData of an xmsBatch, in order. Raises DocumentError."""
    root = read_document(document, "xmsBatch")
    return [_data(element, root.get("client") or "") for element in _children(root, "xmsData")]


def _data(element: etree._Element, client: str) -> XmsData:
    head, body = _child(element, "xmsHead"), _child(element, "xmsBody")
    contents = [
        c for c in _children(body, "content") if (c.get("contentType") or "text/plain").lower().startswith("text/")
    ]
    return XmsData(
        user=_user(_child(element, "user"), element.get("client") or client),
        recipients=tuple(text_of(recipient) for recipient in _children(_child(head, "to"), "recipient")),
        contents=tuple(sanitise(text_of(content)) for content in contents),
        content_ids=tuple(content.get("contentId") or "" for content in contents),
        multimedia=_is_multimedia(head, body),
        source_type=text_of(_child(head, "sourceType")).strip(),
        scheduled=text_of(_child(head, "scheduled")).strip(),
        id=element.get("id"),
    )


def _is_multimedia(head: etree._Element | None, body: etree._Element | None) -> bool:
    service = text_of(_child(head, "requiredService")).strip().upper()
    form = (body.get("format") or "").upper() if body is not None else ""
    return service == "MMS_SENDER" or form == "MMS"


def sanitise(text: str) -> str:
    """One line end, no control characters, no trailing blanks; nothing else of the text is touched."""
    return _CONTROL.sub("", _CONTROL_TO_NEWLINE.sub("\n", text)).rstrip()


def parse_scheduled(value: str, now: datetime) -> datetime | None:
    """When to send; None for now (no value, past, or within two minutes: some clients always send the present).

    A value without a zone is UTC. Raises ValueError for what is no moment within a year.
    """
    if not value:
        return None
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        raise ValueError(value)
    fraction = (match[2] or ".0")[:7]
    moment = datetime.fromisoformat(match[1] + fraction.ljust(7, "0") + (match[3] or "Z")).astimezone(UTC)
    if moment > now + timedelta(days=366):
        raise ValueError(value)
    return moment if moment > now + timedelta(minutes=2) else None


def write_service_info(info: ServiceInfo) -> str:
    """The answer to GetServiceInfo. The root's namespace is what clients expect, not what the published schema says."""
    elements = (
        ("serviceProvider", info.service_provider),
        ("serviceUri", info.service_uri),
        ("signUpPage", info.sign_up_page),
        ("targetLocale", str(info.target_locale)),
        ("localName", info.local_name),
        ("englishName", info.english_name),
        ("authenticationType", "Other"),
    )
    lines = "".join(f"  <{name}>{_text(value)}</{name}>\n" for name, value in elements)
    sender = (
        f'<SMS_SENDER maxRecipientsPerMessage="{info.max_recipients_per_message}"'
        f' maxMessagesPerSend="{info.max_messages_per_send}" maxSbcsPerMessage="{info.max_sbcs_per_message}"'
        f' maxDbcsPerMessage="{info.max_dbcs_per_message}"/>'
    )
    service = f"  <supportedService>\n    {sender}\n  </supportedService>\n"
    return f'{_DECLARATION}<serviceInfo xmlns="{SERVICE_INFO}">\n{lines}{service}</serviceInfo>\n'


def write_user_info(profile: Profile | None, code: str = "ok") -> str:
    """The answer to GetUserInfo: a profile and `ok`, or only an error, which has no content here."""
    lines = ""
    if profile is not None:
        facts = (("replyPhone", profile.reply_phone), ("smtpAddress", profile.smtp_address))
        lines = "".join(f"  <{name}>{_text(value)}</{name}>\n" for name, value in facts if value)
    severity = "neutral" if profile is not None else "failure"
    error = f'  <error code={quoteattr(code)} severity="{severity}"/>\n'
    return f'{_DECLARATION}<userInfo xmlns="{OMS}">\n{lines}{error}</userInfo>\n'


def write_response(errors: Sequence[OmsError]) -> str:
    """The answer to DeliverXms and SendXms."""
    return f'{_DECLARATION}<xmsResponse xmlns="{OMS}">\n{_errors(errors)}</xmsResponse>\n'


def write_responses(answers: Sequence[tuple[str | None, Sequence[OmsError]]]) -> str:
    """The answer to DeliverXmsBatch: an xmsResponse per xmsData in order, with its id where it had one."""
    items = "".join(
        f"<xmsResponse{'' if id_ is None else f' id={quoteattr(clean(id_))}'}>\n{_errors(errors)}</xmsResponse>\n"
        for id_, errors in answers
    )
    return f'{_DECLARATION}<xmsResponses xmlns="{OMS}">\n{items}</xmsResponses>\n'


def _errors(errors: Sequence[OmsError]) -> str:
    return "".join(_error(error) for error in errors)


def _error(error: OmsError) -> str:
    start = f'  <error code="{error.code}" severity="{error.severity}"'
    content = f"<content>{_text(error.content[:_MAX_CONTENT_CHARACTERS])}</content>" if error.content else ""
    recipients = f"<recipientList>{_text(';'.join(error.recipients))}</recipientList>" if error.recipients else ""
    return f"{start}>{content}{recipients}</error>\n" if content or recipients else f"{start}/>\n"


def _text(value: str) -> str:
    return escape(clean(value))

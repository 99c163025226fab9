"""The documents of [MS-OMS]: read leniently, written strictly (element order, required attributes, namespaces)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from omsmodem.message import Profile
from omsmodem.soap.envelope import OMS
from omsmodem.soap.errors import MAX_CONTENT_CHARACTERS, OK, Code, OmsError
from omsmodem.soap.outline import outline
from omsmodem.soap.reading import child, children, read_document, text_of
from omsmodem.soap.repair import clean, one_line, sanitised

_log = logging.getLogger(__name__)

#: The root of serviceInfo is in a namespace of its own wherever it was seen, though the published schema says otherwise.
SERVICE_INFO = OMS + "/serviceInfo"
MAX_NAME_CHARACTERS = 100
SMS = "SMS"
MMS = "MMS"

DeclarationStyle = Literal["utf-8", "utf-16", "none"]
#: What an inner document says of its encoding. It travels as text, so this is a matter of taste, and clients have theirs.
DECLARATIONS: Mapping[DeclarationStyle, str] = {
    "utf-8": '<?xml version="1.0" encoding="utf-8"?>\n',
    "utf-16": '<?xml version="1.0" encoding="utf-16"?>\n',
    "none": "",
}


@dataclass(frozen=True, slots=True)
class Splitting:
    """How Outlook is told to split: characters of a plain and of any other text, and texts of one send."""

    max_sbcs_per_message: int
    max_dbcs_per_message: int
    max_messages_per_send: int


PROFILES: Mapping[str, Splitting] = {
    "plain": Splitting(160, 70, 20),  # a text is a segment, and Outlook shows how many they are
    "long": Splitting(4 * 153, 4 * 67, 5),  # phones join the segments, Outlook shows fewer pages
    "tight": Splitting(153, 67, 10),  # leaves room where every text is a concatenation of its own
}


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
    splitting: Splitting = PROFILES["plain"]
    authentication_type: str = "Other"
    namespace: str = SERVICE_INFO


@dataclass(frozen=True, slots=True)
class XmsUser:
    """Who calls. The password is kept out of every repr."""

    user_id: str = ""
    password: str = field(default="", repr=False)
    client: str = ""


@dataclass(frozen=True, slots=True)
class XmsData:
    """One message as a client wants it sent. Contents other than texts are not even looked at."""

    user: XmsUser
    recipients: tuple[str, ...]
    contents: tuple[str, ...]
    content_ids: tuple[str, ...] = ()
    service: str = SMS  # SMS, MMS, or whatever else was asked for
    source_type: str = ""
    scheduled: str = ""
    id: str | None = None


def _read(document: str, expected: str) -> etree._Element:
    root = read_document(document, expected)
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug("document %s", outline(root))
    return root


def parse_user(document: str) -> XmsUser:
    """Read an xmsUser. Raises DocumentError."""
    root = _read(document, "xmsUser")
    return _user(root, root.get("client") or "")


def _user(element: etree._Element | None, client: str) -> XmsUser:
    name = text_of(child(element, "userId")).strip()[:MAX_NAME_CHARACTERS]
    return XmsUser(name, text_of(child(element, "password")), client[:MAX_NAME_CHARACTERS])


def parse_data(document: str) -> XmsData:
    """Read an xmsData. Raises DocumentError."""
    return _data(_read(document, "xmsData"), "")


def parse_batch(document: str) -> list[XmsData]:
    """Read the xmsData of an xmsBatch, in order. Raises DocumentError."""
    root = _read(document, "xmsBatch")
    return [_data(element, root.get("client") or "") for element in children(root, "xmsData")]


def _data(element: etree._Element, client: str) -> XmsData:
    head, body = child(element, "xmsHead"), child(element, "xmsBody")
    service = _service(head, body)
    contents = [each for each in children(body, "content") if service == SMS and _is_text(each)]
    recipients = map(text_of, children(child(head, "to"), "recipient"))
    return XmsData(
        user=_user(child(element, "user"), element.get("client") or client),
        recipients=tuple(recipient for recipient in recipients if recipient.strip()),
        contents=tuple(sanitised(text_of(content)) for content in contents),
        content_ids=tuple(content.get("contentId") or "" for content in contents),
        service=service,
        source_type=text_of(child(head, "sourceType")).strip()[:MAX_NAME_CHARACTERS],
        scheduled=text_of(child(head, "scheduled")).strip(),
        id=element.get("id"),
    )


def _is_text(content: etree._Element) -> bool:
    return (content.get("contentType") or "text/plain").strip().lower().startswith("text/")


def _service(head: etree._Element | None, body: etree._Element | None) -> str:
    """SMS, MMS, or what else the client names; a multimedia body is MMS whatever the head says."""
    form = (body.get("format") or "").strip().upper() if body is not None else ""
    if form == MMS:
        return MMS
    required = text_of(child(head, "requiredService")).strip()
    return required.upper().removesuffix("_SENDER") or form or SMS


def write_service_info(info: ServiceInfo) -> str:
    """The answer to GetServiceInfo, without declaration like every document here."""
    elements = (
        ("serviceProvider", info.service_provider),
        ("serviceUri", info.service_uri),
        ("signUpPage", info.sign_up_page),
        ("targetLocale", str(info.target_locale)),
        ("localName", info.local_name),
        ("englishName", info.english_name),
        ("authenticationType", info.authentication_type),
    )
    lines = "".join(f"  <{name}>{_text(value)}</{name}>\n" for name, value in elements)
    split = info.splitting
    sender = (
        f'<SMS_SENDER maxRecipientsPerMessage="{info.max_recipients_per_message}"'
        f' maxMessagesPerSend="{split.max_messages_per_send}" maxSbcsPerMessage="{split.max_sbcs_per_message}"'
        f' maxDbcsPerMessage="{split.max_dbcs_per_message}"/>'
    )
    service = f"  <supportedService>\n    {sender}\n  </supportedService>\n"
    return f"<serviceInfo xmlns={quoteattr(info.namespace)}>\n{lines}{service}</serviceInfo>\n"


def write_user_info(profile: Profile) -> str:
    """The answer to GetUserInfo for a user who may."""
    facts = (("replyPhone", profile.reply_phone), ("smtpAddress", profile.smtp_address))
    return _user_info("".join(f"  <{name}>{_text(value)}</{name}>\n" for name, value in facts if value), OK)


def write_user_error(code: Code) -> str:
    """The answer to GetUserInfo for anybody else. An error has no content here, unlike that of an xmsResponse."""
    return _user_info("", OmsError(code))


def _user_info(facts: str, error: OmsError) -> str:
    return f'<userInfo xmlns="{OMS}">\n{facts}  <error code="{error.code}" severity="{error.severity}"/>\n</userInfo>\n'


def write_response(errors: Sequence[OmsError]) -> str:
    """The answer to DeliverXms and SendXms."""
    return f'<xmsResponse xmlns="{OMS}">\n{_errors(errors)}</xmsResponse>\n'


def write_responses(answers: Sequence[tuple[str | None, Sequence[OmsError]]]) -> str:
    """The answer to DeliverXmsBatch: an xmsResponse per xmsData in order, with its id where it had one."""
    items = "".join(
        f"<xmsResponse{'' if id_ is None else f' id={quoteattr(clean(id_))}'}>\n{_errors(errors)}</xmsResponse>\n"
        for id_, errors in answers
    )
    return f'<xmsResponses xmlns="{OMS}">\n{items}</xmsResponses>\n'


def _errors(errors: Sequence[OmsError]) -> str:
    return "".join(map(_error, errors))


def _error(error: OmsError) -> str:
    start = f'  <error code="{error.code}" severity="{error.severity}"'
    line = one_line(error.content, MAX_CONTENT_CHARACTERS)
    content = f"<content>{_text(line)}</content>" if line else ""
    recipients = f"<recipientList>{_text(';'.join(error.recipients))}</recipientList>" if error.recipients else ""
    return f"{start}>{content}{recipients}</error>\n" if content or recipients else f"{start}/>\n"


def _text(value: str) -> str:
    return escape(clean(value), {"\r": "&#13;"})

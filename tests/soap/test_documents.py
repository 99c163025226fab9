"""The documents of [MS-OMS]: lenient in reading, strict in writing."""

from dataclasses import replace

import pytest

from omsmodem.message import Profile
from omsmodem.soap import oms
from omsmodem.soap.errors import Code, DocumentError, OmsError
from tests.soap.office import INFO, xms_batch, xms_data, xms_user
from tests.soap.schemas import OMS, validate

BARE_DATA = """
  <xmsData>
    <xmsBody><content>(1/2)one</content><content contentType="TEXT/Plain; charset=x">two </content>
      <content contentType="image/gif">R0lGODlh</content></xmsBody>
    <xmsHead><to><recipient> 447700900222</recipient><recipient/><recipient>12</recipient></to><new/></xmsHead>
    <user><password> tide&amp;74</password><userId> dana
    </userId></user>
  </xmsData>"""


def test_a_document_is_read_whatever_its_order_namespaces_and_extras() -> None:
    """Clients of others leave out declarations, namespaces and attributes and have orders of their own."""
    data = oms.parse_data(BARE_DATA)
    assert data.user == oms.XmsUser("dana", " tide&74")
    assert data.recipients == (" 447700900222", "12")
    assert data.contents == ("(1/2)one", "two")
    assert data.content_ids == ("", "")
    assert data.service == "SMS"
    assert data.id is None
    prefixed = xms_data().replace("<", "<o:").replace("<o:/", "</o:").replace("xmlns=", "xmlns:o=")
    assert oms.parse_data(prefixed) == oms.parse_data(xms_data())


def test_the_password_is_in_no_repr() -> None:
    """What is logged or raised by accident holds no password."""
    assert "tide" not in repr(oms.parse_user(xms_user()))
    assert "tide" not in repr(oms.parse_data(xms_data()))


@pytest.mark.parametrize(
    ("head", "form", "service"),
    [
        ("", "SMS", "SMS"),
        ("", "sms", "SMS"),
        ("", "MMS", "MMS"),
        ("SMS_SENDER", "mms", "MMS"),
        ("MMS_SENDER", "SMS", "MMS"),
        ("sms_sender", "", "SMS"),
        ("FAX_SENDER", "SMS", "FAX"),
    ],
)
def test_the_service_is_what_head_or_body_ask_for(head: str, form: str, service: str) -> None:
    """A multimedia message is one whichever half says so, and its contents are not even read."""
    data = oms.parse_data(xms_data(requiredService=head, format=form) if head else xms_data(format=form))
    assert data.service == service
    assert bool(data.contents) == (service == "SMS")


def test_a_batch_hands_its_client_to_its_messages() -> None:
    """Messages come in order, each with its own user; an xmsData's own client wins."""
    bare = xms_data(id="7").replace(' client="Microsoft Office Outlook 14.0"', "")
    batch = oms.parse_batch(xms_batch(bare, xms_data(user="erin")))
    assert [(data.user.user_id, data.user.client, data.id) for data in batch] == [
        ("dana", "Microsoft SharePoint", "7"),
        ("erin", "Microsoft Office Outlook 14.0", None),
    ]


@pytest.mark.parametrize("document", ["", "dana", "<xmsUser>", "<html/>", "<!DOCTYPE xmsUser><xmsUser/>"])
def test_what_is_no_xms_user_is_a_document_error(document: str) -> None:
    """Nothing else comes out of reading."""
    with pytest.raises(DocumentError):
        oms.parse_user(document)


def test_missing_parts_are_empty() -> None:
    """An xmsData with nothing in it is read; the gate says what is missing."""
    assert oms.parse_data("<xmsData/>") == oms.XmsData(oms.XmsUser(), (), ())


@pytest.mark.parametrize("profile", oms.PROFILES)
def test_service_info_in_its_three_profiles(profile: str) -> None:
    """Element order, attributes and namespace are those of the schema, and no MMS_SENDER is in it."""
    info = replace(INFO, splitting=oms.PROFILES[profile], local_name="Tide & <Sons>")
    root = validate("serviceInfo", oms.write_service_info(info))
    assert root.findtext("{*}serviceUri") == INFO.service_uri
    assert root.findtext("{*}localName") == "Tide & <Sons>"
    sender = root.find("{*}supportedService/{*}SMS_SENDER")
    assert sender is not None
    numbers = {
        "plain": ("160", "70", "20"),
        "long": ("612", "268", "5"),
        "tight": ("153", "67", "10"),
    }[profile]
    names = ("maxSbcsPerMessage", "maxDbcsPerMessage", "maxMessagesPerSend")
    assert tuple(sender.get(name) for name in names) == numbers


def test_service_info_may_be_in_the_published_schemas_namespace() -> None:
    """The setting changes the namespace and the spelling of the authentication type, and nothing else."""
    info = replace(INFO, namespace=OMS, authentication_type="other")
    document = oms.write_service_info(info)
    assert f'<serviceInfo xmlns="{OMS}">' in document
    assert validate("serviceInfo", document).findtext("{*}authenticationType") == "other"


def test_user_info_leaves_out_what_is_not_known() -> None:
    """Number and address come before the error, and empty ones not at all."""
    full = validate("userInfo", oms.write_user_info(Profile("dana", "+447700900111", "dana@harbour.example")))
    assert [child.tag.rpartition("}")[2] for child in full] == ["replyPhone", "smtpAddress", "error"]
    bare = validate("userInfo", oms.write_user_info(Profile("dana")))
    assert [(child.get("code"), child.get("severity")) for child in bare] == [("ok", "neutral")]
    failed = validate("userInfo", oms.write_user_error(Code.INVALID_USER))
    assert [(child.get("code"), child.get("severity")) for child in failed] == [("invalidUser", "failure")]


def test_answers_hold_nothing_that_xml_forbids() -> None:
    """What came from a client, however broken, is written back so that every parser takes it."""
    error = OmsError(Code.INVALID_RECIPIENT, "two\nlines\x00 &" + "long " * 60, ("1\x0b2\ud800", "\ufffe<a>", "a\rb"))
    root = validate("xmsResponse", oms.write_response((error,)))
    content = root.findtext("{*}error/{*}content")
    assert content is not None
    assert content.startswith("two lines &long")
    assert content.endswith("…")
    assert root.findtext("{*}error/{*}recipientList") == "1\n2�;<a>;a\rb"


def test_batch_answers_carry_an_id_only_where_one_came() -> None:
    """The published schema knows no id, SharePoint does: it is echoed, never invented."""
    ok = (OmsError(Code.OK),)
    document = oms.write_responses([("0", ok), (None, (OmsError(Code.OTHER, "No."),)), ('"<\n', ok)])
    root = validate("xmsResponses", document)
    assert [answer.get("id") for answer in root] == ["0", None, '"<\n']

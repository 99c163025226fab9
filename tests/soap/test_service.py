"""The five operations over a real gate and store."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from omsmodem.accounts import Account
from omsmodem.intake import Intake, Limits
from omsmodem.message import Profile, Receipt, Refusal, Submission
from tests.soap.office import NOW, PASSWORD, Office, errors, xms_batch, xms_data, xms_user
from tests.soap.schemas import SOAP_11, SOAP_12, validate

OK = [("ok", "", "")]
TO = "+447700900222"


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12])
@pytest.mark.parametrize("rpc", [False, True])
def test_every_operation_in_every_shape_and_version(office: Office, version: str, rpc: bool) -> None:
    """The five answer in kind; `call` checks each against the schemas."""
    office.call("GetServiceInfo", version=version, rpc=rpc)
    office.call("GetUserInfo", xms_user(), version, rpc=rpc)
    for n, operation in enumerate(("DeliverXms", "SendXms")):
        assert errors(office.call(operation, xms_data(texts=(f"{n}",)), version, rpc=rpc).document) == OK
    assert errors(office.call("DeliverXmsBatch", xms_batch(xms_data()), version, rpc=rpc).document) == OK
    assert [message.text for message in office.messages()] == ["0", "1", "Fish at 15:30"]


def test_an_unknown_operation_is_a_fault(office: Office) -> None:
    """No OMS document could answer it."""
    answer = office.call("PingXms", "<x/>")
    assert (answer.fault, answer.reason) == ("Client", "Unknown operation: PingXms")


def test_user_info_tells_number_and_address(office: Office) -> None:
    """Whatever the case of the name."""
    root = validate("userInfo", office.call("GetUserInfo", xms_user("DANA")).document)
    assert root.findtext("{*}replyPhone") == "+447700900111"
    assert root.findtext("{*}smtpAddress") == "dana@harbour.example"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (xms_user(password="wrong"), "invalidUser"),
        (xms_user("nobody"), "invalidUser"),
        ("<xmsUser/>", "invalidUser"),
        (xms_user("off"), "expiredUser"),
        (xms_user("reader"), "unregisteredUser"),
        (None, "other"),
        ("", "other"),
        ("dana", "other"),
        ("<!DOCTYPE xmsUser [<!ENTITY a 'b'>]><xmsUser/>", "other"),
        (xms_data(), "other"),
    ],
)
def test_user_info_for_anybody_else_is_a_code(office: Office, document: str | None, code: str) -> None:
    """A wrong password is never a fault, and an error of a userInfo has nothing in it."""
    office.accounts.add(Account("off", enabled=False), PASSWORD)
    office.accounts.add(Account("reader", sms=False), PASSWORD)
    assert errors(office.call("GetUserInfo", document).document) == [(code, "", "")]
    if code != "other":
        told = office.deliver(xms_data(user="off" if code == "expiredUser" else "reader" if "unreg" in code else "x"))
        assert told == [(code, "", "")]


def test_good_recipients_are_queued_beside_bad_ones(office: Office) -> None:
    """One error a code, recipients as received, no ok; the rest goes out."""
    told = office.deliver(xms_data("12", "07700 900333", "(07700) 900-444 x12", "+15550100123", "112"))
    assert told == [
        (
            "invalidRecipient",
            "Not a dialable mobile number. Emergency numbers cannot be texted from here.",
            "12;(07700) 900-444 x12;112",
        ),
        ("crossCarrier", "This service sends only to numbers in GB.", "+15550100123"),
    ]
    assert [message.recipient for message in office.messages()] == ["+447700900333"]


def test_the_service_speaks_its_language(office: Office) -> None:
    """Gate and service say their refusals in German."""
    assert office.deliver(xms_data("12"), language="de") == [("invalidRecipient", "Keine wählbare Mobilnummer.", "12")]
    assert office.deliver(xms_data(scheduled="morgen"), language="de") == [
        ("other", "Kein Zeitpunkt innerhalb eines Jahres: morgen", "")
    ]


@pytest.mark.parametrize(
    ("more", "code", "content"),
    [
        ({"format": "MMS"}, "unregisteredService", "MMS"),
        ({"requiredService": "MMS_SENDER"}, "unregisteredService", "MMS"),
        ({"requiredService": "FAX_SENDER"}, "unregisteredService", "FAX"),
        ({"scheduled": "tomorrow"}, "other", "Not a time within a year: tomorrow"),
        ({"scheduled": "2028-01-01T00:00:00Z"}, "other", "Not a time within a year: 2028-01-01T00:00:00Z"),
        ({"texts": ("", " \r\n")}, "other", "The message is empty."),
        ({"texts": ("long " * 400,)}, "lengthLimit", "1530 single-byte or 670 double-byte characters"),
        (
            {"texts": tuple("abcdefghijklmnopqrstu")},
            "other",
            "At most 20 texts are allowed in one send; 21 were given.",
        ),
    ],
)
def test_a_message_that_cannot_be_taken_says_why(office: Office, more: dict[str, str], code: str, content: str) -> None:
    """Each refusal has its code and a line, and nothing is queued."""
    listed = TO if code == "lengthLimit" else ""
    assert office.deliver(xms_data(**more)) == [(code, content, listed)]
    assert office.messages() == []


def test_without_recipients_the_client_is_told_so(office: Office) -> None:
    """Blank recipients are none."""
    assert office.deliver(xms_data(" ", "")) == [("invalidRecipient", "The message names no recipient.", "")]
    assert office.deliver("<xmsData/>") == [("invalidUser", "", "")]


def test_multimedia_of_a_stranger_is_a_matter_of_the_password(office: Office) -> None:
    """What the service offers is told to its users only."""
    assert office.deliver(xms_data(format="MMS", password="wrong")) == [("invalidUser", "", "")]


def test_a_scheduled_message_waits_in_the_queue(office: Office) -> None:
    """Its moment is on disk; one that is as good as now does not wait."""
    assert office.deliver(xms_data(scheduled="2026-03-02T08:45:00+02:00")) == OK
    assert office.deliver(xms_data(scheduled="2026-03-02T06:01:00Z", texts=("now",))) == OK
    assert [m.not_before for m in office.messages()] == [datetime(2026, 3, 2, 6, 45, tzinfo=UTC), NOW]


def test_notices_follow_ok_and_tell_a_moment(office: Office) -> None:
    """Scheduling off and a change of the service are neutral; the change names when it came."""
    assert office.deliver(xms_data(), gate=office.gate(properties=b"old")) == OK
    gate = office.gate(limits=Limits(scheduling=False), properties=b"new")
    told = office.deliver(xms_data(scheduled="2026-03-02T08:00:00Z"), gate=gate)
    assert told == [
        ("ok", "", ""),
        ("noScheduled", "Sent at once; this service does not delay messages.", ""),
        ("serviceUpdate", "2026-03-02T06:00:00Z", ""),
    ]


def test_a_quota_names_the_limit_and_whom_it_hit(office: Office) -> None:
    """perDayMsgLimit has the limit as its content."""
    gate = office.gate(limits=Limits(segments_per_day=1))
    assert office.deliver(xms_data(TO, "07700 900333"), gate=gate) == [("perDayMsgLimit", "1 SMS", "07700 900333")]


def test_a_ceased_service_tells_everybody(office: Office) -> None:
    """Service info still answers, everything else says the service has ended."""
    assert office.deliver(xms_data(), ceased=True) == [("ceasedService", "This service has ended.", "")]
    assert errors(office.call("GetUserInfo", xms_user(), ceased=True).document) == [("ceasedService", "", "")]
    office.call("GetServiceInfo", ceased=True)
    assert office.messages() == []


def test_a_store_that_fails_is_service_network(office: Office) -> None:
    """The client hears that it is us, and nothing of what broke."""
    office.store.close()
    told = office.deliver(xms_data())
    assert told == [("serviceNetwork", "The service cannot store messages now; try again later.", TO)]


# -- batches --------------------------------------------------------------------------------------------------------------


def test_a_batch_is_answered_in_order_and_one_bad_message_harms_no_other(office: Office) -> None:
    """Per-message users, ids echoed only where they came, the good ones queued in order."""
    batch = xms_batch(
        xms_data(texts=("first",)),
        xms_data(id="1", password="wrong"),
        xms_data("12", TO, id="x&quot;y", texts=("third",)),
        "<xmsData/>",
        "<surprise/>",
        xms_data(texts=("last",)),
    )
    document = office.call("DeliverXmsBatch", batch).document
    root = validate("xmsResponses", document)
    assert [answer.get("id") for answer in root] == [None, "1", 'x"y', None, None]
    assert [code for code, _, _ in errors(document)] == ["ok", "invalidUser", "invalidRecipient", "invalidUser", "ok"]
    assert [message.text for message in office.messages()] == ["first", "third", "last"]


def test_what_is_beyond_the_most_is_refused_in_its_place(office: Office) -> None:
    """The first are taken, the surplus is `other`."""
    batch = xms_batch(*(xms_data(texts=(f"{n}",)) for n in range(4)))
    told = errors(office.call("DeliverXmsBatch", batch, max_batch=2).document)
    surplus = ("other", "At most 2 messages are allowed in one batch.", "")
    assert told == [("ok", "", ""), ("ok", "", ""), surplus, surplus]
    assert len(office.messages()) == 2


@pytest.mark.parametrize(
    ("document", "content"),
    [
        (xms_batch(), "The batch holds no message."),
        ("<xmsBatch>", "The request could not be read (is not well-formed XML)."),
        (xms_data(), "The request could not be read (is no xmsBatch but xmsData)."),
    ],
)
def test_a_batch_that_cannot_be_read_is_one_answer(office: Office, document: str, content: str) -> None:
    """An empty xmsResponses would be taken for success."""
    assert errors(office.call("DeliverXmsBatch", document).document) == [("other", content, "")]


class _Stumbling:
    """A gate that breaks at one recipient, and counts whom it was asked for."""

    def __init__(self, gate: Intake) -> None:
        self.gate = gate
        self.asked: list[str] = []

    def identify(self, user: str, password: str, source: str) -> Profile | Refusal:
        self.asked.append(user)
        if user == "broken":
            raise RuntimeError("the account file burns")
        return self.gate.identify(user, password, source)

    def submit(self, submission: Submission, password: str) -> Receipt:
        if "666" in submission.recipients:
            raise RuntimeError("no such number in hell")
        return self.gate.submit(submission, password)

    def submit_all(self, claims: Sequence[tuple[Submission, str]]) -> list[Receipt]:
        return [self.submit(*claim) for claim in claims]


def test_a_fault_of_ours_is_other_for_its_message_alone(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The reason is in the log, not in the answer; the messages around it go out."""
    batch = xms_batch(xms_data(texts=("1",)), xms_data("666"), xms_data(user="broken"), xms_data(texts=("4",)))
    gate = _Stumbling(office.gate())
    failed = ("other", "The service failed at this message; its operator finds the reason in the log.", "")
    assert errors(office.call("DeliverXmsBatch", batch, gate=gate).document) == [OK[0], failed, failed, OK[0]]
    assert [message.text for message in office.messages()] == ["1", "4"]
    assert "no such number in hell" in caplog.text
    assert errors(office.call("GetUserInfo", xms_user("broken"), gate=gate).document) == [("other", "", "")]


def test_a_batch_is_one_commit(office: Office) -> None:
    """Two hundred alerts wait for the disk once, not two hundred times; each is still its own message."""
    batch = xms_batch(*(xms_data(texts=(f"alert {n}",)) for n in range(7)), xms_data(texts=("alert 0",)))
    office.call("GetServiceInfo")
    statements: list[str] = []
    with office.store.database.reading() as connection:
        connection.set_trace_callback(statements.append)
    told = errors(office.call("DeliverXmsBatch", batch).document)
    with office.store.database.reading() as connection:
        connection.set_trace_callback(None)
    assert told == OK * 8
    assert statements.count("COMMIT") == 1
    assert [message.text for message in office.messages()] == [f"alert {n}" for n in range(7)], "the last came before"


def test_each_user_of_a_batch_is_verified_once(office: Office) -> None:
    """Two hundred messages with a wrong password cost one hash."""
    gate = _Stumbling(office.gate())
    wrong = xms_data(password="wrong")
    office.call("DeliverXmsBatch", xms_batch(xms_data(), xms_data(texts=("2",)), wrong, wrong), gate=gate)
    assert gate.asked == ["dana", "dana"]


# -- settings and privacy -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "start"),
    [
        ("utf-8", '<?xml version="1.0" encoding="utf-8"?>\n<'),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>\n<'),
        ("none", "<"),
    ],
)
def test_the_inner_declaration_is_a_setting(office: Office, style: str, start: str) -> None:
    """Every answer document begins as configured."""
    for operation, document in (("GetServiceInfo", None), ("GetUserInfo", xms_user()), ("DeliverXms", xms_data())):
        answer = office.call(operation, document, declaration=style).document
        assert answer.startswith(start)
        assert answer[len(start)] != "?"


def test_no_password_text_or_number_is_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """The log says who, with what client, how many and what came of it."""
    caplog.set_level(logging.DEBUG)
    office.deliver(xms_data(TO, "12", texts=("a secret meeting",)))
    office.deliver(xms_data(password="another secret")[:-9])
    office.call("DeliverXmsBatch", xms_batch(xms_data("666", texts=("a secret too",))), gate=_Stumbling(office.gate()))
    office.call("GetUserInfo", xms_user(password="wrong secret"))
    assert "account='dana' client='Microsoft Office Outlook 14.0'" in caplog.text
    assert "recipients=2 texts=1: invalidRecipient" in caplog.text
    assert "user{ userId[4] password[7] } xmsHead{ to{ recipient[13] recipient[2] } }" in caplog.text
    for secret in ("secret", PASSWORD, TO, TO[1:]):
        assert secret not in caplog.text


def test_a_long_schedule_may_be_allowed(office: Office) -> None:
    """The horizon is a setting."""
    assert office.deliver(xms_data(scheduled="2027-06-01T00:00:00Z"), horizon=timedelta(days=800)) == OK

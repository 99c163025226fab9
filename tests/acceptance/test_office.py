"""What an office does with the real process: clients of others, kills, mistakes."""

import json
import signal
from collections.abc import Iterator
from xml.sax.saxutils import escape

import pytest
import requests
import zeep
from zeep.transports import Transport

from tests.acceptance.conftest import PASSWORD, Office, omsmodem, wait_until

N = "http://schemas.microsoft.com/office/Outlook/2006/OMS"


def xms_data(*recipients: str, text: str = "Fish at 15:30", content_id: str = "", password: str = PASSWORD) -> str:
    to = "".join(f"<recipient>{r}</recipient>" for r in recipients)
    secret = password.replace("&", "&amp;")
    return (
        f'<?xml version="1.0" encoding="utf-16"?><xmsData client="Microsoft Office Outlook 14.0" xmlns="{N}">'
        f"<user><userId>dana</userId><password>{secret}</password></user>"
        f"<xmsHead><requiredService>SMS_SENDER</requiredService><to>{to}</to></xmsHead>"
        f'<xmsBody format="SMS"><content contentType="text/plain" contentId="{content_id}">{text}</content></xmsBody></xmsData>'
    )


@pytest.fixture
def session(office: Office) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False  # the environment may name a bundle of its own
        made.verify = str(office.authority)
        yield made


def test_zeep_calls_every_operation_on_both_ports(office: Office, session: requests.Session) -> None:
    """A SOAP client of others loads the WSDL over TLS and calls all five methods with SOAP 1.1 and 1.2."""
    office.plug_in("--air-time", "0")
    office.serve()
    client = zeep.Client(office.uri + "?wsdl", transport=Transport(session=session))
    user = f'<xmsUser xmlns="{N}"><userId>DANA</userId><password>{PASSWORD.replace("&", "&amp;")}</password></xmsUser>'
    for number, port in enumerate(("OMSServiceSoap", "OMSServiceSoap12")):
        bound = client.bind("OMSService", port)
        assert f"<serviceUri>{office.uri}</serviceUri>" in bound.GetServiceInfo()
        assert 'code="ok"' in bound.GetUserInfo(user)
        assert 'code="ok"' in bound.DeliverXms(xms_data("+447700900222", text=f"deliver {number}"))
        assert 'code="ok"' in bound.SendXms(xms_data("07700 900333", text=f"send {number}"))
        item = xms_data("+447700900444", text=f"batch {number}").partition("?>")[2]
        bad = xms_data("12", text="never").partition("?>")[2].replace("<xmsData ", '<xmsData id="7" ')
        answer = bound.DeliverXmsBatch(f'<xmsBatch xmlns="{N}">{item}{bad}</xmsBatch>')
        assert answer.index('code="ok"') < answer.index('<xmsResponse id="7">') < answer.index("invalidRecipient")
    assert wait_until(lambda: len(office.phones()) == 6)
    expected = {
        (p, f"{w} {n}")
        for n in (0, 1)
        for p, w in (("+447700900222", "deliver"), ("+447700900333", "send"), ("+447700900444", "batch"))
    }
    assert {(got["phone"], got["text"]) for got in office.phones()} == expected
    assert wait_until(lambda: office.ledger()["delivered"] == 6)


def test_a_bad_number_refuses_itself_only(office: Office) -> None:
    """The bad recipient comes back exactly as received, without an ok beside it; the good one is queued."""
    office.serve()
    body = _envelope("DeliverXms", "xmsData", xms_data("12", "07700 900222", "+44 20 (x12)"))
    status, kind, answer = office.post(body, {"Content-Type": "text/xml; charset=utf-8"})
    assert (status, kind) == (200, "text/xml; charset=utf-8")
    assert "invalidRecipient" in answer
    assert "12;+44 20 (x12)" in answer
    assert 'code="ok"' not in answer
    assert [message["to"] for message in office.messages()] == ["+447700900222"]
    status, _, answer = office.post(
        _envelope("DeliverXms", "xmsData", xms_data("12", password="wrong")), {"Content-Type": "text/xml"}
    )
    assert "invalidUser" in answer


def _envelope(operation: str, parameter: str, document: str) -> bytes:
    inner = document.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><{operation} xmlns="{N}">'
        f"<{parameter}>{inner}</{parameter}></{operation}></soap:Body></soap:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"<not xml", "text/xml", 500),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "text/xml", 500),
        (_envelope("PingXms", "x", "y"), "text/xml", 500),
        (_envelope("PingXms", "x", "y"), "image/png", 415),
        (b"x" * 400_000, "text/xml", 413),
    ],
)
def test_bad_input_gets_one_clear_answer(serving: Office, body: bytes, content_type: str, status: int) -> None:
    """A fault or a plain status with one line, never a traceback or an HTML error page."""
    try:
        got, kind, answer = serving.post(body, {"Content-Type": content_type})
    except OSError:
        assert status == 413  # the server stopped reading while we were still sending
        return
    assert got == status
    assert "Traceback" not in answer
    assert "html" not in kind
    assert ("faultstring" in answer) == (status == 500)


def test_the_largest_request_is_what_the_configuration_says(office: Office) -> None:
    """A multimedia message or a long batch is refused by its answer, and not by 413, where the operator makes room for it."""
    office.config.write_text(office.config.read_text() + "https:\n  max_body_kib: 1024\n")
    office.serve()
    xms = f'<xmsData xmlns="{N}"><user><userId>dana</userId><password>{escape(PASSWORD)}</password></user><xmsHead/>'
    picture = f'<xmsBody format="MMS"><content contentType="image/gif">{"R0lG" * 100_000}</content></xmsBody></xmsData>'
    status, _, answer = office.post(_envelope("DeliverXms", "xmsData", xms + picture), {"Content-Type": "text/xml"})
    assert status == 200
    assert "unregisteredService" in answer


def test_the_service_starts_without_a_modem_queues_and_sends_when_it_comes(office: Office) -> None:
    """A missing stick is said in words; what was queued goes out once it is plugged in."""
    office.serve()
    ids = office.told("send", "--account", "dana", "--to", "+447700900222", "later 🐟").split()
    assert office.ledger()["queued"] == 1
    modem = office.status()["modems"][0]
    assert modem["state"] == "absent"
    office.plug_in("--air-time", "0")
    assert wait_until(lambda: [p["text"] for p in office.phones()] == ["later 🐟"])
    assert str(office.messages()[0]["id"]) == ids[0]


def test_messages_queued_while_the_service_is_down_go_out_when_it_starts(office: Office) -> None:
    """`send --batch` needs no running service; every line is a message of its own."""
    lines = "\n".join(json.dumps({"to": "+447700900222", "text": f"line {n}"}) for n in range(5))
    result = omsmodem("send", "--config", office.config, "--account", "dana", "--batch", "-", stdin=lines)
    assert len(result.stdout.split()) == 5
    office.plug_in("--air-time", "0")
    office.serve()
    assert wait_until(lambda: office.ledger()["delivered"] == 5)
    assert [p["text"] for p in office.phones()] == [f"line {n}" for n in range(5)]


def test_a_kill_in_the_radio_window_leaves_the_ledger_balanced(office: Office) -> None:
    """kill -9 while a segment is on the air: it is uncertain, never lost; the queued message goes out."""
    office.plug_in("--air-time", "4")
    office.serve()
    lines = "\n".join(json.dumps({"to": "+447700900222", "text": text}) for text in ("on the air", "still queued"))
    omsmodem("send", "--config", office.config, "--account", "dana", "--batch", "-", stdin=lines)
    assert wait_until(office.phones)
    office.end(signal.SIGKILL)
    office.serve()
    ledger = office.ledger()
    assert sum(ledger.values()) == 2
    assert wait_until(lambda: {"on the air", "still queued"} == {p["text"] for p in office.phones()})
    assert wait_until(lambda: office.ledger()["queued"] == 0)
    ledger = office.ledger()
    assert sum(ledger.values()) == 2
    assert ledger["uncertain"] + ledger["delivered"] + ledger["submitted"] + ledger["submitting"] == 2


def test_configuration_mistakes_come_all_at_once_with_lines(office: Office) -> None:
    """Each mistake has file, line, key and what would be right; exit code 2."""
    office.config.write_text("service:\n  uri: http://x/\n  providr: y\nlisten:\n  port: many\nlisten:\n  port: 1\n")
    result = omsmodem("check-config", office.config, check=False)
    assert result.returncode == 2
    assert f"{office.config}:2: service.uri: must be an https://" in result.stderr
    assert f"{office.config}:3: service.providr: is no key of omsmodem; did you mean provider?" in result.stderr
    assert "listen: is given twice" in result.stderr


def test_demo_once_delivers_every_character() -> None:
    """The newcomer's command shows every phone with every character and exits 0."""
    result = omsmodem("demo", "--once")
    assert result.returncode == 0
    assert "every phone got every character" in result.stdout

"""What people write, whom they write to and what they sign in with is in no log, however much is logged."""

import json
import re
import signal
from pathlib import Path

from tests.acceptance.conftest import PASSWORD, Office, omsmodem, wait_until
from tests.acceptance.test_office import _envelope, xms_data

PIN = "7391"
TEXT = "The herring boat Möwe lands at quarter past three"
WRONG = "a wrong password that nobody guesses"


def _operate(office: Office) -> None:
    """A day in an office: texts, refusals, wrong passwords, broken requests, an incoming text, a reload."""
    headers = {"Content-Type": "text/xml; charset=utf-8"}

    def call(document: str) -> str:
        return office.post(_envelope("DeliverXms", "xmsData", document), headers)[2]

    assert 'code="ok"' in call(xms_data("+447700900222", "07700 900333", text=TEXT))
    assert "invalidRecipient" in call(xms_data("07700 900 33x", text=TEXT))
    assert "invalidUser" in call(xms_data("+447700900222", text=TEXT, password=WRONG))
    office.post(
        b"<xmsData><password>" + PASSWORD.replace("&", "&amp;").encode() + b"</password>" + TEXT.encode(), headers
    )
    office.post(_envelope("DeliverXms", "xmsData", xms_data("+447700900222", text=TEXT)[:-20]), headers)
    office.told("send", "--account", "dana", "--to", "+447700900444", TEXT * 4)
    assert office.process is not None
    office.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: len(office.phones()) >= 3)
    assert wait_until(lambda: office.ledger()["delivered"] == 3)


def test_no_secret_no_text_and_no_whole_number_is_logged(office: Office) -> None:
    """At level debug, in all that the service wrote: neither as typed, nor as octets of a TPDU, nor as JSON or XML."""
    (office.home / "pin").write_text(PIN)
    config = office.config.read_text().replace("    device:", "    pin_file: pin\n    device:", 1)
    office.config.write_text(config + "\nlogging:\n  level: debug\n")
    office.plug_in("--air-time", "0")
    office.serve(JOURNAL_STREAM="1:1")
    _operate(office)
    office.end(signal.SIGTERM)
    written = office.log.read_text()
    assert len(written.splitlines()) > 10
    assert all(re.match(r"<[3-7]>\S+ ", line) for line in written.splitlines()), "each record is one line"
    for secret in (PASSWORD, PASSWORD.replace("&", "&amp;"), WRONG, PIN):
        assert secret not in written
    for words in ("herring", "quarter past", TEXT.encode("utf-16-be").hex(), json.dumps("Möwe")[1:-1]):
        assert words.lower() not in written.lower()
    assert re.search(r"\+?(44|0)7700 ?900 ?\d{3}", written) is None
    for tpdu in re.findall(r"\b[0-9A-Fa-f]{30,}\b", written):
        assert "4477009002" not in _swapped(tpdu)


def _swapped(octets: str) -> str:
    """Semi-octets in the order of digits."""
    return "".join(octets[at + 1 : at + 2] + octets[at] for at in range(0, len(octets), 2))


def test_what_is_kept_belongs_to_the_service_alone(office: Office) -> None:
    """Queue, accounts, keys, configuration and control socket may be read by nobody else."""
    office.serve()
    office.told("send", "--account", "dana", "--to", "+447700900222", TEXT)
    public = {"ca.crt", "ca.cer", "server.crt", "windows-kit.zip"}
    for path in office.home.rglob("*"):
        if path.is_file() or path.is_socket():
            assert path.name in public or path.stat().st_mode & 0o077 == 0, path
    assert office.home.stat().st_mode & 0o077 == 0


def test_a_service_may_keep_its_state_apart_from_its_configuration(tmp_path: Path) -> None:
    """As a system service does: nothing changes beside the configuration."""
    home, state, run = tmp_path / "etc", tmp_path / "state", tmp_path / "run"
    password = tmp_path / "password"
    password.write_text("a tide table by heart\n")
    omsmodem(
        *("setup", "--directory", home, "--host", "localhost", "--port", "8443", "--modem", home / "modem"),
        *("--account", "dana", "--password-file", password, "--country", "GB", "--yes"),
        *("--state-directory", state, "--runtime-directory", run),
    )
    omsmodem("send", "--config", home / "config.yaml", "--account", "dana", "--to", "+447700900222", "apart")
    assert sorted(path.name for path in home.iterdir()) == ["config.yaml", "tls"]
    assert {"accounts.json", "omsmodem.db"} <= {path.name for path in state.iterdir()}
    assert f"{run}/control.sock" in (home / "config.yaml").read_text()

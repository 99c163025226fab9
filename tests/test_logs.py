"""One safe line a record: nothing a terminal or the journal would obey, no whole phone number."""

import io
import logging

import pytest

from omsmodem.logs import LineFormatter, masked


def logged(journal: bool, message: str, *arguments: object, error: bool = False) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(journal=journal))
    logger = logging.getLogger("omsmodem.test")
    logger.handlers, logger.propagate = [handler], False
    try:
        if error:
            raise ValueError("broken\nin two")
        logger.warning(message, *arguments)
    except ValueError:
        logger.exception(message, *arguments)
    return stream.getvalue()


@pytest.mark.parametrize(
    "forged",
    [
        "a\nMAIN <0> forged",
        "a\r\nforged",
        "a\x1b[31mred",
        "a\u2028b",
        "a\u2029b",
        "a\x00b",
        "a\x85b",
        "a\x9bb",
        "\ud800",
    ],
)
@pytest.mark.parametrize("journal", [True, False])
def test_what_comes_from_outside_stays_in_its_line(journal: bool, forged: str) -> None:
    """Line ends of every kind, escapes of terminals and half characters are written out."""
    line = logged(journal, "client=%s", forged)
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert len(line.splitlines()) == 1


def test_a_traceback_is_one_line_too() -> None:
    """The journal keeps it with its record and its priority."""
    line = logged(True, "request failed", error=True)
    assert line.startswith("<3>omsmodem.test request failed\\nTraceback")
    assert len(line.splitlines()) == 1


def test_the_journal_gets_priorities_and_people_the_time() -> None:
    """`<4>` is a warning for systemd; the journal adds the time itself."""
    assert logged(True, "words") == "<4>omsmodem.test words\n"
    assert logged(False, "words").split()[2:] == ["WARNING", "omsmodem.test", "words"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("to=+447700900222 ok", "to=+44770*****22 ok"),
        ("07700 900222, 07700900333", "07700 ****22, 077009***33"),
        ("(+447700900222)", "(+44770*****22)"),
        ("recipient:+447700900222;+447700900333", "recipient:+44770*****22;+44770*****33"),
        ("+447700900222ext7", "+44770*****22ext7"),
        ("+44 7700 900222", "+44 77*******22"),
        ("+44 (0)7700-900 222", "+44 (0***********22"),
        ("00447700900222", "004477******22"),
        ("numbers ['+491711234567']", "numbers ['+49171*****67']"),
        ("2026-03-02 09:00:01,123 INFO", "2026-03-02 09:00:01,123 INFO"),
        ("from=192.168.10.31 port 8443", "from=192.168.10.31 port 8443"),
        ("imei 356938035643809", "imei 356938035643809"),
        ("message=1873 segment=1/3 reference=07", "message=1873 segment=1/3 reference=07"),
        ("from=2001:db8::4401:2345:6789", "from=2001:db8::4401:2345:6789"),
        ("12.5 ms", "12.5 ms"),
    ],
)
def test_phone_numbers_are_masked_and_nothing_else(line: str, shown: str) -> None:
    """Times, addresses and identities stay readable."""
    assert masked(line) == shown


def test_a_number_before_a_colon_is_masked_too() -> None:
    """Refusals begin with the recipient and a colon."""
    assert masked("552 5.2.2 +447700900333: At most 4 SMS") == "552 5.2.2 +44770*****33: At most 4 SMS"

"""Files of gammu-smsd and smstools are read as those programs read them."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from omsmodem.doors.files import FORMATS, FileMessage, Unreadable

GAMMU, SMSTOOLS = FORMATS["gammu"], FORMATS["smstools"]


def write(directory: Path, name: str, octets: bytes) -> Path:
    path = directory / name
    path.write_bytes(octets)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "OUT+447700900222.txt",
        "OUT+447700900222_note.txtd",
        "OUTA_+447700900222_00.txt",
        "OUTC20261125_220752_00_+447700900222_sms0.txt",
        "OUT20261125_220752_00_+447700900222_any_thing.txtf",
    ],
)
def test_gammu_names_tell_the_number(tmp_path: Path, name: str) -> None:
    """In each of the three forms, with the options behind the extension."""
    assert GAMMU.is_message(name)
    message = GAMMU.read(write(tmp_path, name, "Grüße aus dem Hafen\n".encode()))
    assert message == FileMessage("+447700900222", "Grüße aus dem Hafen")


@pytest.mark.parametrize(
    "name", ["IN20261125_220752_00_+447700900222_00.txt", "OUT.txt", "notes.txt", "OUT+44.bin", ".OUT1.txt"]
)
def test_other_files_are_no_messages_of_gammu(name: str) -> None:
    """They are left alone."""
    assert not GAMMU.is_message(name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-15"])
def test_texts_of_gammu_are_read_in_their_encoding(tmp_path: Path, encoding: str) -> None:
    """By byte order mark, as UTF-8, or as Western European."""
    message = GAMMU.read(write(tmp_path, "OUT+447700900222.txt", "12 € für Käse".encode(encoding)))
    assert message.text == "12 € für Käse"


def test_a_long_gammu_backup_is_one_text(tmp_path: Path) -> None:
    """Each section is a segment; pieces and sections are joined, the comments are ignored."""
    text = "Fish 🐟 " * 30
    pieces = [text[:60], text[60:100], text[100:]]
    sections = (
        '; saved by gammu\n[SMSBackup000]\n; not this\nNumber = "+447700900222"\nUDH = 050003E80201\n'
        f"Text00 = {pieces[0].encode('utf-16-be').hex()}\nText01 = {pieces[1].encode('utf-16-be').hex()}\n\n"
        f'[SMSBackup001]\nNumber = "+447700900222"\nText00 = {pieces[2].encode("utf-16-be").hex().upper()}\n'
    )
    name = "OUTC20261125_220752_00_0000_sms0.smsbackup"
    assert GAMMU.read(write(tmp_path, name, sections.encode())) == FileMessage("+447700900222", text)


@pytest.mark.skipif(shutil.which("gammu-smsd-inject") is None, reason="needs Debian's gammu-smsd")
@pytest.mark.parametrize("text", ["Hello Ärztin € [x]", "Fish 🐟 moved to the rear door, ring the bell and wait. " * 4])
def test_what_gammus_own_program_writes_is_read(tmp_path: Path, text: str) -> None:
    """The file of gammu-smsd-inject, whatever its release."""
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    config = tmp_path / "rc"
    config.write_text(
        f"[gammu]\ndevice=/dev/null\nconnection=at\n[smsd]\nservice=files\ninboxpath={tmp_path}/\noutboxpath={outbox}/\n"
        f"sentsmspath={tmp_path}/\nerrorsmspath={tmp_path}/\n"
    )
    command = [
        "gammu-smsd-inject",
        "-c",
        str(config),
        "TEXT",
        "+447700900222",
        "-unicode",
        "-autolen",
        "500",
        "-text",
        text,
    ]
    subprocess.run(
        command, check=True, capture_output=True, timeout=30, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    )
    (path,) = outbox.iterdir()
    assert GAMMU.is_message(path.name)
    assert GAMMU.read(path) == FileMessage("+447700900222", text)


@pytest.mark.parametrize(
    ("headers", "body", "recipient", "text"),
    [
        ("To: 447700900222", "plain\n", "+447700900222", "plain"),
        ("To: +447700900222\nFlash: yes", "with plus", "+447700900222", "with plus"),
        ("To: 00447700900222", "zeros", "+447700900222", "zeros"),
        ("To: 44 7700 900222", "grouped", "+44 7700 900222", "grouped"),
        ("To: s12345", "short", "12345", "short"),
        ("From: x\nTo: 447700900222\nAlphabet: ISO-8859-15", "12 €".encode("iso-8859-15"), "+447700900222", "12 €"),
        ("To: 447700900222\nAlphabet: UTF-8", "12 € 🐟".encode(), "+447700900222", "12 € 🐟"),
        ("To: 447700900222\nAlphabet: UCS2", "12 € 🐟".encode("utf-16-be"), "+447700900222", "12 € 🐟"),
        (
            "To: 447700900222",
            "12 € in UTF-8 without saying so".encode(),
            "+447700900222",
            "12 € in UTF-8 without saying so",
        ),
        ("To: 447700900222\r\nX: y\r", "two\n\nparagraphs", "+447700900222", "two\n\nparagraphs"),
    ],
)
def test_smstools_files(tmp_path: Path, headers: str, body: str | bytes, recipient: str, text: str) -> None:
    """Headers, an empty line, the text in its alphabet; numbers are international without their plus."""
    octets = headers.encode() + b"\n\n" + (body.encode() if isinstance(body, str) else body)
    assert SMSTOOLS.read(write(tmp_path, "send_abc", octets)) == FileMessage(recipient, text)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"To: 447700900222",
        b"Flash: yes\n\ntext",
        b"To: 1\nAlphabet: binary\n\n\x00",
        b"To: 1\nAlphabet: UTF-8\n\n\xff",
    ],
)
def test_what_is_no_message_of_smstools_is_told(tmp_path: Path, octets: bytes) -> None:
    """With a sentence."""
    with pytest.raises(Unreadable):
        SMSTOOLS.read(write(tmp_path, "x", octets))


@settings(max_examples=100)
@given(some.binary(max_size=300))
def test_any_octets_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """No file stops the others."""
    directory = tmp_path_factory.mktemp("x")
    for form, name in ((GAMMU, "OUT+447700900222.txt"), (GAMMU, "OUT+447700900222.smsbackup"), (SMSTOOLS, "x")):
        with suppress(Unreadable):
            assert isinstance(form.read(write(directory, name, octets)).text, str)

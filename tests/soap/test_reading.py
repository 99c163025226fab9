"""Documents as clients really send them."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsmodem.soap.errors import DocumentError
from omsmodem.soap.outline import outline
from omsmodem.soap.reading import decode, local, max_body_octets, parse, text_of
from omsmodem.soap.repair import clean, one_line, repaired, sanitised

TEXT = "<a>Café ☂ 🐟</a>"


@pytest.mark.parametrize(
    "document",
    [
        TEXT,
        f'<?xml version="1.0"?>{TEXT}',
        f'<?xml version="1.0" encoding="utf-8"?>{TEXT}',
        f'<?xml version="1.0" encoding="utf-16"?>\r\n{TEXT}',
        f"<?xml version='1.0' encoding='gb2312' standalone='yes'?>{TEXT}",
        f'\ufeff<?xml version="1.0" encoding="iso-8859-1"?>{TEXT}',
        f' \r\n\t<?xml version="1.0" encoding="UCS-7"?>\n\n{TEXT}',
        f"\n\ufeff{TEXT}",
        f"<!-- a note --><?work in?>{TEXT}<!-- another -->",
    ],
)
def test_an_inner_document_is_text_whatever_it_declares(document: str) -> None:
    """Declarations lie, BOMs and newlines stand before them; the text is read all the same."""
    assert text_of(parse(document)) == "Café ☂ 🐟"


@pytest.mark.parametrize(
    ("octets", "charset"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "utf-8"),
        (TEXT.encode(), "UTF8"),
        (TEXT.encode(), "us-ascii"),
        (TEXT.encode(), "no-such-encoding"),
        (TEXT.encode(), "unicode_escape"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("utf-16"), None),
        (TEXT.encode("utf-16"), "utf-8"),
        (TEXT.encode("utf-16-le"), None),
        (TEXT.encode("utf-16-be"), "utf-8"),
        (f'<?xml version="1.0" encoding="utf-16"?>{TEXT}'.encode(), None),
        (f'<?xml version="1.0" encoding="gb18030"?>{TEXT}'.encode("gb18030"), None),
        (f'<?xml version="1.0" encoding="gb18030"?>{TEXT}'.encode("gb18030"), "utf-8"),
    ],
)
def test_octets_are_decoded_by_what_fits(octets: bytes, charset: str | None) -> None:
    """First octets, then the Content-Type, then the declaration, then UTF-8: a lie costs nobody a message."""
    assert text_of(parse(decode(octets, charset))) == "Café ☂ 🐟"


def test_latin_1_is_read_where_it_is_named() -> None:
    """An encoding in which every octet is a character is believed only when it is named."""
    assert text_of(parse(decode("<a>é</a>".encode("latin-1"), "iso-8859-1"))) == "é"
    with pytest.raises(DocumentError):
        decode("<a>é</a>".encode("latin-1"), "utf-8")


def test_encodings_that_are_no_text_or_hide_markup_are_not_looked_up() -> None:
    """UTF-7 would let `+ADw-` be a bracket, and Python remembers every unknown name it is asked for."""
    with pytest.raises(DocumentError):
        parse(decode(b'<?xml version="1.0" encoding="utf-7"?>+ADw-a/+AD4-', "utf-7"))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("<a>one&#xB;two&#12;three</a>", "one\ntwo\nthree"),
        ("<a>one\x0btwo\x0cthree</a>", "one\ntwo\nthree"),
        ("<a>&#0;&#x1;&#x1A;&#xFFFE;\x02x\ufffe</a>", "x"),
        ("<a>&#xD83D;&#xDC1F;</a>", "🐟"),
        ("<a>&#55357;&#56351;&#xB;</a>", "🐟\n"),
        ("<a>\ud83d\udc1f</a>", "🐟"),
        ("<a>&#xD83D;</a>", "�"),
        ("<a>\udc1f</a>", "�"),
        ("<a>&#x110000;&#99999999;x</a>", "x"),
        ("<a>&#x0000000B;&#65;&#x20AC;</a>", "\nA€"),
    ],
)
def test_forbidden_characters_do_not_cost_the_message(document: str, text: str) -> None:
    """VT and FF become line ends, surrogate halves are joined, the rest is dropped."""
    assert text_of(parse(document)) == text


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM 'http://192.0.2.1/x.dtd'><a/>",
        "<!DOCTYPE a PUBLIC '-//x' 'x.dtd'><a>&#xB;</a>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY a0 'ha'>"
        + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
        + "]><a>&a9;</a>",
        "<a>" * 300 + "</a>" * 300,
        "<a>&nbsp;</a>",
        "<a",
        "a",
        "",
    ],
)
def test_what_is_hostile_or_broken_is_a_document_error_at_once(document: str) -> None:
    """No document type declaration, no entity, no depth; and never slow."""
    started = time.monotonic()
    with pytest.raises(DocumentError):
        parse(document)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "document",
    [
        "<a " + " ".join(f'b{n}="c"' for n in range(20_000)) + "/>",
        "<a>" + "<b/>" * 60_000 + "</a>",
        "<a " + " ".join(f'xmlns:b{n}="c"' for n in range(12_000)) + "/>",
        "<a>" + "&#11;" * 50_000 + "</a>",
        "<a>" + "x" * 250_000 + "</a>",
    ],
)
def test_floods_within_the_limit_are_read_in_a_moment(document: str) -> None:
    """The size limit bounds the work: attributes, elements, namespaces, references."""
    document = document.encode()[: max_body_octets()].decode()
    started = time.monotonic()
    with contextlib.suppress(DocumentError):  # some are cut in the middle
        parse(document)
    assert time.monotonic() - started < 2


def test_an_old_libxml2_gets_smaller_requests() -> None:
    """Before 2.14 many attributes on one element cost quadratic time."""
    assert max_body_octets(libxml_version=(2, 9, 14)) == 128 * 1024
    assert max_body_octets(libxml_version=(2, 14, 6)) == 256 * 1024
    assert max_body_octets(1024 * 1024, libxml_version=(2, 9, 14)) == 128 * 1024
    assert max_body_octets(1024 * 1024, libxml_version=(2, 14, 6)) == 1024 * 1024


def test_an_outline_shows_the_form_and_no_text() -> None:
    """What people wrote is there as lengths, what the protocol defines as it came, and all of it bounded."""
    document = (
        '<xmsData client="Outlook"><user><userId>dana</userId><password>tide</password></user><xmsHead>'
        '<scheduled>tomorrow</scheduled></xmsHead><xmsBody format="SMS"><content/></xmsBody></xmsData>'
    )
    assert outline(parse(document)) == (
        "xmsData client='Outlook'{ user{ userId[4] password[4] } xmsHead{ scheduled='tomorrow' }"
        " xmsBody format='SMS'{ content } }"
    )
    assert outline(parse("<a>" + "<b/>" * 100 + "</a>")).count("b") == 59


def test_a_name_is_local_whatever_its_prefix() -> None:
    """Requests are matched by local names."""
    assert local(parse("<o:xmsUser xmlns:o='urn:x'/>")) == "xmsUser"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\r\nb\rc\vd\fe\u2028f\u2029g\x85h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\x00b\x1bc\x7fd\x9fe\ufefff", "abcdef"),
        ("  (1/2)a\tb \n ", "  (1/2)a\tb"),
        ("“smart” – \u202dx\u202c é 🐟", "“smart” – \u202dx\u202c é 🐟"),
    ],
)
def test_a_text_keeps_everything_but_controls_and_line_ends(text: str, kept: str) -> None:
    """Line ends become LF, control characters go, trailing blanks are trimmed; the rest is the sender's."""
    assert sanitised(text) == kept


def test_a_line_is_cut_visibly() -> None:
    """Contents of errors are one line of bounded length."""
    assert one_line(" a\n b\t c ", 10) == "a b c"
    assert one_line("abcdef", 5) == "abcd…"


@given(st.text(st.characters(), max_size=200))
def test_what_is_cleaned_can_be_written_and_read(text: str) -> None:
    """Any text, surrogates included, becomes something XML carries unchanged; cleaning twice changes nothing."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert text_of(parse(f"<a><![CDATA[{cleaned.replace(']]>', '').replace(chr(13), '')}]]></a>")) == cleaned.replace(
        "]]>", ""
    ).replace("\r", "")


@given(st.text("<a/>&#xB;D83C&#10;1\x00\x0b\ud83d\udc1f!-[]CDATA?", max_size=60))
def test_any_document_is_read_or_a_document_error(document: str) -> None:
    """Nothing but DocumentError comes out of parsing, and repairing is safe on anything."""
    repaired(document)
    try:
        parse(document)
    except DocumentError:
        return


@given(st.binary(max_size=60), st.sampled_from([None, "utf-8", "utf-16", "gbk", "x" * 300, "iso-8859-77"]))
def test_any_octets_are_text_or_a_document_error(octets: bytes, charset: str | None) -> None:
    """The same of decoding."""
    try:
        decode(octets, charset)
    except DocumentError:
        return

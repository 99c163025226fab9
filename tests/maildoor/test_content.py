"""From a mail to a text."""

import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.maildoor.answers import Rejected
from omsmodem.maildoor.content import parse, read, require_person
from tests.maildoor.conftest import Office, answer_to, letter

QUOTED = """Yes, at four.

On Mon, 2 Mar 2026 at 09:00, +447700900222 <+447700900222@sms.harbour.example> wrote:
> Can you come?
"""
OUTLOOK = """Ja, um vier.

Von: +447700900222 <+447700900222@sms.harbour.example>
Gesendet: Montag, 2. März 2026 09:00
An: dana@harbour.example
Betreff: Fish

Kannst du kommen?
"""


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Fish at 15:30", "Fish at 15:30"),
        (QUOTED, "Yes, at four."),
        (OUTLOOK, "Ja, um vier."),
        ("Yes\n\n-- \nDana Quay\nHarbour Street", "Yes"),
        ("Yes\n\nSent from my iPhone", "Yes"),
        ("Bring\n- fish\n- ice", "Bring\n- fish\n- ice"),
        ("> Can you come?\nYes", "Yes"),
        ("two\n\nparagraphs", "two\n\nparagraphs"),
    ],
)
def test_a_text_is_what_a_person_wrote(written: str, text: str) -> None:
    """Quotations and signatures stay behind; lists and paragraphs do not."""
    found = read(letter(written))
    assert found.text == text
    assert (found.cut > 0) == (text != written)


def test_the_history_says_what_was_cut(office: Office) -> None:
    """Whoever wonders where the rest is finds it in the trace."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter(QUOTED))[0] == 250
    detail = office.store.history.events(1)[0].detail
    assert "signature and quotation were left out" in detail


def test_html_becomes_text() -> None:
    """A mail without a plain part is read as a browser would show it."""
    mail = letter("")
    mail.set_content("<html><body><p>Fish &amp; ice</p><p>15:30</p></body></html>", subtype="html")
    assert read(mail).text.split() == ["Fish", "&", "ice", "15:30"]


OWA = """<div>Ja, om vier uur.</div><div><br></div><div id="Signature"><div>Dana Quay</div><div>Havenkantoor</div></div>
<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Van:</b> +447700900222<br><b>Onderwerp:</b> Vis</div><div>Kun je?</div>"""
GMAIL = """<div dir="ltr">Oui, à quatre heures.<div><br></div><div>Apporte de la glace.</div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">Le lun. 2 mars 2026 à 09:00, +447700900222 a écrit :<br></div>
<blockquote class="gmail_quote">Tu viens ?</blockquote></div><div class="gmail_signature">Dana</div>"""
APPLE = """<body dir="auto">Sí, a las cuatro<br id="lineBreakAtBeginningOfSignature"><div dir="ltr"><br>
<blockquote type="cite">El 2 mar 2026, a las 9:00, +447700900222 escribió:<br></blockquote></div>
<blockquote type="cite"><div dir="ltr">&#xfeff;¿Vienes?</div></blockquote></body>"""
BETWEEN = "<div>On both:</div><blockquote type=cite>Fish?</blockquote><div>Yes</div><blockquote type=cite>Ice?</blockquote><div>No</div>"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (OWA, "Ja, om vier uur."),
        (GMAIL, "Oui, à quatre heures.\n\nApporte de la glace."),
        (APPLE, "Sí, a las cuatro"),
        (BETWEEN, "On both:\nYes\nNo"),
    ],
)
@pytest.mark.parametrize("plain", ["", "what the program made of it\n\nDana Quay\nHavenkantoor\n"])
def test_what_programs_mark_is_left_out_in_any_language(html: str, text: str, plain: str) -> None:
    """Outlook, Gmail and Apple Mail mark signature and quotation in the HTML part; what was written between stays."""
    mail = letter(plain)
    if plain:
        mail.add_alternative(html, subtype="html")
    else:
        mail.set_content(html, subtype="html")
    found = read(mail)
    assert (found.text, found.cut > 0) == (text, True)


def test_without_marks_the_plain_part_is_what_was_written() -> None:
    """Only the HTML part's looks are left out."""
    mail = letter("Fish *now*")
    mail.add_alternative("<p>Fish <b>now</b></p><blockquote>a saying</blockquote>", subtype="html")
    assert read(mail).text == "Fish *now*"


def test_html_that_takes_for_ever_is_not_read() -> None:
    """The plain part is, or the mail is refused: nobody keeps the door busy with one mail, or fills the memory."""
    html = "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x"
    mail = letter("Fish")
    mail.add_alternative(html, subtype="html")
    assert read(mail).text == "Fish"
    mail = letter()
    mail.set_content(html, subtype="html")
    with pytest.raises(Rejected, match="HTML"):
        read(mail)
    wide = letter()
    wide.set_content('<p style="padding-left: 99999em; margin-top: 99999em">x</p>' * 2000, subtype="html")
    assert len(read(wide).text) < 100_000


@pytest.mark.parametrize("part", ["On ", "\n", "\t\n", "On x wrote ", "_", ">", "From: a\n"])
def test_no_text_takes_for_ever(part: str) -> None:
    """What searches for quotations is not given more than it can search."""
    began = time.monotonic()
    read(letter(part * 100_000))
    assert time.monotonic() - began < 40


NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3000))


@pytest.mark.parametrize(
    "octets",
    [
        b"Content-Type: text/plain; " + b"a=b;\r\n " * 5000 + b"\r\n\r\nx",
        b"From: " + b"@a,\r\n " * 5000 + b"\r\n\r\nx",
        b"".join(b"X-A%d: b\r\n" % n for n in range(60_000)) + b"\r\nx",
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 60_000,
        b"Content-Type: message/rfc822\r\n\r\n" * 3000 + b"x",
        NESTED,
    ],
    ids=["parameters", "authors", "headers", "parts", "mails in mails", "parts in parts"],
)
def test_no_structure_takes_for_ever(octets: bytes) -> None:
    """Mails that are made of very much are refused before the parser has them."""
    began = time.monotonic()
    with pytest.raises(Rejected, match=r"too many parts|cannot be read"):
        read(parse(octets))
    assert time.monotonic() - began < 40


def test_a_mail_to_many_is_read() -> None:
    """What people do send is far below the bounds."""
    mail = letter(Cc=", ".join(f"Person {n} <person{n}@harbour.example>" for n in range(500)))
    assert read(parse(mail.as_bytes())).text == "Fish at 15:30"


def test_what_is_quoted_below_a_long_mail_is_found_or_all_of_it_stays() -> None:
    """A cut near the top drops the rest, however long; without one nothing is lost, and the gate says that it is too long."""
    quoted = "".join(f"> line {n}\n" for n in range(5000))
    assert (
        read(letter(f"Yes.\n\nOn Mon, 2 Mar 2026 at 09:00, Erik <e@harbour.example> wrote:\n{quoted}")).text == "Yes."
    )
    long = " ".join(f"word{n}" for n in range(5000))
    assert read(letter(long)).text.split() == long.split()


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "no-such-charset", "iso-8859-1"])
def test_charsets_that_lie_are_repaired(charset: str) -> None:
    """The octets say more than what the program declared."""
    octets = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
    body = "Größe".encode("latin-1" if charset == "iso-8859-1" else "utf-8")
    assert read(parse(octets + body)).text == "Größe"
    assert read(parse(octets.replace(b"iso-8859-1", b"utf-8") + b"Gr\xf6\xdfe")).text.startswith("Gr")


def test_the_subject_may_be_the_first_line() -> None:
    """Where it is wanted, and never that of an answer."""
    assert read(letter(), with_subject=True).text == "Fish\nFish at 15:30"
    assert read(letter(Subject="Re: Fish"), with_subject=True).text == "Fish at 15:30"


def test_attachments_are_refused_by_name_and_pictures_of_a_signature_are_not() -> None:
    """The sender hears which one; what only belongs to the mail's looks is left out."""
    mail = letter()
    mail.add_attachment(b"x", maintype="image", subtype="jpeg", filename="boat.jpg")
    with pytest.raises(Rejected, match=r"boat\.jpg"):
        read(mail)
    pretty = letter("Fish")
    pretty.add_alternative('<p>Fish</p><img src="cid:logo">', subtype="html")
    html = pretty.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(b"x", "image", "png", cid="<logo>")
    assert read(pretty).text == "Fish"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (rejected)"},
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"List_Id": "<news.harbour.example>"},
        {"X_Autoreply": "yes"},
        {"X_Loop": "SMS@harbour.example"},
    ],
)
def test_machines_are_not_listened_to(office: Office, headers: dict[str, str]) -> None:
    """Automatic and bulk mail never becomes a text, and the answer says why."""
    office.open()
    with office.program() as smtp:
        code, words = answer_to(smtp, letter(**headers))
    assert code in {550, 554}
    assert words
    assert not office.texts()


def test_a_mail_that_goes_round_is_stopped() -> None:
    """So many servers do not lie between an office and its modem."""
    mail = parse(b"Received: by x\r\n" * 40 + b"\r\nhello")
    with pytest.raises(Rejected, match="circles"):
        require_person(mail, "sms@harbour.example")


def test_an_empty_mail_is_refused(office: Office) -> None:
    """There is nothing to send, also where only a quotation is left."""
    office.open()
    with office.program() as smtp:
        assert answer_to(smtp, letter("\n"))[0] == 550
        assert answer_to(smtp, letter("> only this\n"))[0] == 550


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(lambda t: f"Subject: {t}\nFrom: {t}\n\n{t}".encode("utf-8", "replace"))
)
def test_no_octets_break_it(octets: bytes) -> None:
    """Whatever comes is read or refused."""
    try:
        mail = parse(octets)
        require_person(mail, "sms@harbour.example")
        found = read(mail)
    except Rejected:
        return
    assert all("\n" not in one for one in (found.message_id, found.subject, *found.references))

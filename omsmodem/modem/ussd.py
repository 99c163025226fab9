"""One question by USSD, such as for the balance of a prepaid card (TS 27.007 §7.15). The answer's text is left to the caller's codec."""

import re
from dataclasses import dataclass

from omsmodem.modem import ask
from omsmodem.modem.chat import Indication
from omsmodem.modem.errors import CommandFailed
from omsmodem.modem.session import Session

#: The network may ask the home network of a roaming SIM first.
ANSWER_TIMEOUT_S = 60.0
_CODE = re.compile(r"[0-9*#+]{1,100}")
_ANSWER = re.compile(r'\+CUSD:\s*(\d)\s*(?:,\s*"(.*)"\s*(?:,\s*(\d{1,3}))?[^"]*)?', re.DOTALL)
_MORE_WANTED = 1
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
#: The data coding of plain septets without a language (TS 23.038 §5).
_DEFAULT_CODING = 15
_WORDS = {2: "the network ended it", 4: "the network does not offer it", 5: "the network did not answer"}


class UssdFailed(Exception):
    """The question was not answered."""


@dataclass(frozen=True, slots=True)
class UssdAnswer:
    """What the network said: `text` as the modem wrote it and, where that is hexadecimal, its `octets`.

    `data_coding` is the CBS data coding scheme (TS 23.038 §5): 15 the default alphabet, 72 UCS-2; None when it was not told.
    `packed`: the modem is one that gives septets packed.
    """

    text: str
    octets: bytes | None
    data_coding: int | None
    packed: bool = False


def ask_ussd(session: Session, code: str, *, packed: bool, timeout_s: float = ANSWER_TIMEOUT_S) -> UssdAnswer:
    """Send a code such as `*100#` and wait for the answer; a menu that wants more is closed.

    `packed` is for modems that take the code as packed septets in hexadecimal. Raises UssdFailed, ValueError, Unresponsive,
    PortLost.
    """
    if _CODE.fullmatch(code) is None:
        raise ValueError("a USSD code consists of digits, * and #")
    ucs2 = not packed and _at_ucs2(session)
    sent = _ucs2(code) if ucs2 else pack_septets(code).hex().upper() if packed else code
    try:
        session.execute(f'AT+CUSD=1,"{sent}",{_DEFAULT_CODING}', timeout_s=timeout_s)
        indication = session.expect(("+CUSD:",), timeout_s)
    except CommandFailed as error:
        raise UssdFailed(f"the modem answered {error.result}") from error
    if indication is None:
        raise UssdFailed(f"no answer within {timeout_s:g} s")
    text, coding = _answer(session, indication)
    octets = bytes.fromhex(text) if _HEX.fullmatch(text) else None
    if ucs2 and octets is not None:
        return UssdAnswer(octets.decode("utf-16-be", "replace"), None, coding)
    return UssdAnswer(text, octets, coding, packed)


def _at_ucs2(session: Session) -> bool:
    """Whether another program left the terminal's character set at UCS2 (TS 27.007 §5.5)."""
    return any("UCS2" in value for value in ask.information(session, "AT+CSCS?", "+CSCS:"))


def _ucs2(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _answer(session: Session, indication: Indication) -> tuple[str, int | None]:
    """The text of an answer and its data coding. Raises UssdFailed."""
    match = _ANSWER.fullmatch(indication.lines[0])
    if match is None:
        raise UssdFailed("the answer cannot be read")
    status, text = int(match[1]), match[2]
    if status == _MORE_WANTED:
        _close_menu(session)
    if not text:
        raise UssdFailed(_WORDS.get(status, "the answer is empty"))
    return text, int(match[3]) if match[3] else None


def _close_menu(session: Session) -> None:
    try:
        session.execute("AT+CUSD=2")
    except CommandFailed:
        return


def pack_septets(text: str) -> bytes:
    """Septets of digits, `*`, `#` and `+`, whose codes are those of ASCII, packed as for USSD (TS 23.038 §6.1.2.3)."""
    septets = text.encode("ascii")
    if len(septets) % 8 == 7:
        septets += b"\r"  # else the last seven bits would read as one more character
    bits = sum(septet << 7 * place for place, septet in enumerate(septets))
    return bits.to_bytes((7 * len(septets) + 7) // 8, "little")

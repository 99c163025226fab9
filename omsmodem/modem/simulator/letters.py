"""What a phone on the network writes: texts as SMS-DELIVER TPDUs (TS 23.040 §9.2.2.1)."""

import re
from datetime import datetime

from omsmodem.sms import segment
from omsmodem.sms.address import ALPHANUMERIC, Address
from omsmodem.sms.tpdu import Deliver, decode_submit

_NUMBER = re.compile(r"\+?[0-9*#]{1,20}")
_ANYBODY = "1"


def originator_of(sender: str) -> Address:
    """The address of a number, or of a name, which cannot be answered."""
    return Address.of(sender) if _NUMBER.fullmatch(sender) else Address(sender, ALPHANUMERIC)


def segments(
    sender: str, text: str, sent_at: datetime, *, reference: int = 1, wide: bool = False, flash: bool = False
) -> list[bytes]:
    """The TPDUs of one text, in order; `wide` numbers it with 16 bits. Raises EncodeError."""
    originator = originator_of(sender)
    cut = [decode_submit(tpdu) for tpdu in segment.cut(text, _ANYBODY, reference, wide=wide, flash=flash)]
    return [
        Deliver(originator, submit.user_data, sent_at, more_messages=number < len(cut)).encode()
        for number, submit in enumerate(cut, 1)
    ]

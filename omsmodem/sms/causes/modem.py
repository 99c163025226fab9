"""+CMS ERROR from 300 on and +CME ERROR: the modem itself refused (TS 27.005 §3.2.5, TS 27.007 §9.2)."""

from dataclasses import replace

from omsmodem.sms.causes.cause import Cause, Reaction, each, table

_R = Reaction
_CENTRE = "Ask the operator for its service centre number and set it in the modem."
_PIN = "Enter the SIM's PIN in the configuration."
_PUK = "Put the SIM into a phone and unlock it there; the operator knows the PUK."
_LOCK = "The modem or the SIM is locked: ask whoever sold them for the unlock code."
_SIM = "Switch the gateway off, take the SIM out and put it in again; if that does not help, try another SIM."
_SWAP = "If this stays, plug the modem out and in again."
_REPORT = "Report this with the log: the modem was told something it does not take."
_NETWORK = "Check the antenna and whether phones of this operator have a network here."
_ANY = "If this stays, check the SIM's credit, and whether the operator offers SMS on the network the modem uses."

CMS = table(
    Cause(300, "modem failure", _R.MODEM, advice=_SWAP),
    Cause(
        301,
        "SMS service of the modem is reserved: another program uses it",
        _R.RETRY,
        tries=3,
        then=_R.MODEM,
        advice="See that no other program (ModemManager, gammu) uses this modem.",
    ),
    Cause(302, "operation not allowed: not registered, SIM not ready or radio off", _R.STOP, advice=_NETWORK),
    Cause(303, "operation not supported", _R.STOP, advice="This modem, or its firmware, cannot send SMS."),
    Cause(304, "invalid PDU", _R.BUG, advice=_REPORT),
    Cause(305, "invalid text mode parameter: the modem left PDU mode", _R.MODEM),
    Cause(310, "no SIM inserted", _R.SIM, advice="Put a SIM into the modem."),
    Cause(311, "SIM PIN needed", _R.SIM, advice=_PIN),
    Cause(312, "phone lock PIN needed", _R.SIM, advice=_LOCK),
    Cause(313, "SIM failure", _R.SIM, tries=3, then=_R.MODEM, advice=_SIM),
    Cause(314, "SIM busy", _R.BUSY),
    Cause(315, "wrong SIM", _R.SIM, advice=_LOCK),
    Cause(316, "SIM PUK needed", _R.SIM, advice=_PUK),
    Cause(317, "SIM PIN2 needed", _R.IGNORE),
    Cause(318, "SIM PUK2 needed", _R.IGNORE),
    Cause(320, "memory failure", _R.MODEM, advice=_SWAP),
    Cause(321, "invalid memory index", _R.IGNORE),
    Cause(322, "memory full", _R.PURGE),
    Cause(330, "service centre address unknown", _R.STOP, advice=_CENTRE),
    Cause(331, "no network service", _R.REGISTRATION, advice=_NETWORK),
    Cause(
        332,
        "network time-out: it may have been sent",
        _R.UNKNOWN,
        advice="Ask the recipient whether the message came before it is sent again by hand.",
    ),
    Cause(340, "no acknowledgement expected", _R.IGNORE),
    Cause(500, "unknown error", _R.RETRY, tries=3, then=_R.SLOW, for_all=_R.STOP, advice=_ANY),
)
#: What is not in the table says no more than 500; and so does a plain ERROR to the TPDU. Before the prompt it is about the
#: modem: nothing was sent.
OTHER_CMS = replace(CMS[500], meaning="error of the modem's own")
NO_CODE = replace(CMS[500], code=None, meaning="refused without a reason")
NO_PROMPT = Cause(None, "the modem did not let a message be sent", _R.MODEM, advice=_SWAP)


def _vendor(code: int, meaning: str, reaction: Reaction = _R.RETRY, then: Reaction = _R.FAIL) -> Cause:
    return Cause(code, meaning, reaction, tries=3, then=then)


#: Siemens and Cinterion numbers, met elsewhere too. The same number means other things on other devices, so none is worth
#: more than a few tries, and none fails a message at once.
VENDOR = table(
    _vendor(256, "temporarily not allowed"),
    _vendor(257, "barred"),
    _vendor(258, "phone busy"),
    _vendor(259, "aborted by the user"),
    _vendor(512, "aborted by the user"),
    _vendor(513, "unable to store, or failure of a lower layer"),
    _vendor(514, "invalid status"),
    _vendor(515, "bad character in the address", then=_R.BUG),
    _vendor(516, "invalid length", then=_R.BUG),
    _vendor(517, "bad character in the PDU", then=_R.BUG),
    _vendor(518, "bad PDU", then=_R.BUG),
    _vendor(519, "bad length or character", then=_R.BUG),
    _vendor(520, "bad character in the text", then=_R.BUG),
    _vendor(521, "timer expired"),
    _vendor(522, "temporarily not allowed"),
    _vendor(532, "SIM not ready", _R.SIM, then=_R.RETRY),
    _vendor(535, "packet service busy"),
    _vendor(538, "bad parameter", then=_R.BUG),
    _vendor(549, "wrong PDU length", then=_R.BUG),
    _vendor(550, "bad message type", then=_R.BUG),
    _vendor(551, "no hexadecimal digit in the address", then=_R.BUG),
    _vendor(552, "bad PDU", then=_R.BUG),
    _vendor(553, "wrong user data length", then=_R.BUG),
    _vendor(554, "wrong length of the service centre address", then=_R.BUG),
    _vendor(615, "network failure"),
    _vendor(616, "network down"),
    _vendor(771, "call in progress"),
    _vendor(772, "SIM powered down", _R.SIM, then=_R.RETRY),
)

CME = table(
    Cause(0, "phone failure", _R.MODEM, advice=_SWAP),
    Cause(1, "no connection to the phone", _R.MODEM, advice=_SWAP),
    Cause(2, "phone link reserved", _R.MODEM, advice=_SWAP),
    Cause(3, "operation not allowed", _R.IGNORE),
    Cause(4, "operation not supported", _R.IGNORE),
    Cause(5, "phone lock PIN needed", _R.SIM, advice=_LOCK),
    Cause(6, "lock to the first SIM: PIN needed", _R.SIM, advice=_LOCK),
    Cause(7, "lock to the first SIM: PUK needed", _R.SIM, advice=_LOCK),
    Cause(10, "no SIM inserted", _R.SIM, advice="Put a SIM into the modem."),
    Cause(11, "SIM PIN needed", _R.SIM, advice=_PIN),
    Cause(12, "SIM PUK needed", _R.SIM, advice=_PUK),
    Cause(13, "SIM failure", _R.SIM, advice=_SIM),
    Cause(14, "SIM busy", _R.BUSY),
    Cause(15, "wrong SIM", _R.SIM, advice=_LOCK),
    Cause(
        16, "incorrect password", _R.SIM, advice="The PIN is wrong and is not tried again: correct the configuration."
    ),
    Cause(17, "SIM PIN2 needed", _R.IGNORE),
    Cause(18, "SIM PUK2 needed", _R.IGNORE),
    Cause(20, "memory full", _R.PURGE),
    Cause(21, "invalid memory index", _R.IGNORE),
    Cause(22, "not found", _R.IGNORE),
    Cause(23, "memory failure", _R.MODEM, advice=_SWAP),
    Cause(24, "text too long", _R.BUG, advice=_REPORT),
    Cause(25, "bad characters", _R.BUG, advice=_REPORT),
    Cause(26, "dial string too long", _R.BUG, advice=_REPORT),
    Cause(27, "bad characters in the dial string", _R.BUG, advice=_REPORT),
    Cause(30, "no network service", _R.REGISTRATION, advice=_NETWORK),
    Cause(31, "network time-out", _R.RETRY),
    Cause(32, "emergency calls only", _R.STOP, advice=_NETWORK),
    *each((40, 42, 44, 46), Cause(None, "lock to an operator: PIN needed", _R.SIM, advice=_LOCK)),
    *each((41, 43, 45, 47), Cause(None, "lock to an operator: PUK needed", _R.SIM, advice=_LOCK)),
    Cause(48, "hidden key needed", _R.IGNORE),
    Cause(49, "EAP method not supported", _R.IGNORE),
    Cause(50, "incorrect parameters", _R.BUG, advice=_REPORT),
    Cause(51, "command disabled for now", _R.IGNORE),
    Cause(52, "command aborted", _R.IGNORE),
    *each((53, 54, 55), Cause(None, "restricted to some functions", _R.STOP, advice=_LOCK)),
    Cause(56, "fixed dialling numbers only", _R.FAIL, advice="Switch the SIM's list of fixed numbers off in a phone."),
    Cause(57, "temporarily out of service", _R.RETRY),
    Cause(58, "alphabet not supported", _R.BUG, advice=_REPORT),
    Cause(59, "unexpected value", _R.BUG, advice=_REPORT),
    Cause(60, "system failure", _R.RETRY),
    Cause(61, "data missing", _R.BUG, advice=_REPORT),
    Cause(62, "call barred", _R.STOP, advice="Ask the operator whether this SIM may send SMS."),
    Cause(63, "message waiting subscription failure", _R.IGNORE),
    Cause(100, "unknown error", _R.RETRY, tries=3),
    Cause(103, "illegal subscriber: the network does not know this SIM", _R.STOP, advice="Try another SIM."),
    Cause(106, "illegal equipment: the network does not take this modem", _R.STOP, advice="Try another modem."),
    Cause(107, "packet services not allowed", _R.STOP, advice=_NETWORK),
    Cause(108, "no services allowed", _R.STOP, advice=_NETWORK),
    Cause(111, "operator not allowed", _R.STOP, advice=_NETWORK),
    Cause(112, "location area not allowed", _R.STOP, advice=_NETWORK),
    Cause(113, "roaming not allowed", _R.STOP, advice="Ask the operator whether this SIM may be used in this network."),
    Cause(116, "network unreachable", _R.RETRY),
    Cause(117, "network failure", _R.RETRY),
    Cause(122, "congestion", _R.RETRY),
    Cause(126, "insufficient resources", _R.RETRY),
    Cause(515, "still initialising", _R.BUSY),
)
#: Attach, packet, EPS and 5GS causes, which say nothing about SMS, and whatever else there is.
OTHER_CME = Cause(None, "error of the modem's own", _R.RETRY, tries=3)

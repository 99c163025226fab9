"""+CMS ERROR 0 to 255: the network answered, and did not take the message.

0 to 127 are RP-causes (TS 24.011 §E; what service centres mean by them: TS 23.040 §11, TS 23.540), 128 to 255 TP-FCS
(TS 23.040 §9.2.3.22).
"""

from omsmodem.sms.causes.cause import Cause, Reaction, each, table

_R = Reaction
_OPERATOR = "Ask the operator whether this SIM may send SMS; an unpaid bill or an empty account is a common reason."
_CENTRE = "Ask the operator for its service centre number and compare it with the one the modem uses."
_NUMBER = "Check the recipient's number."
_NUMBER_OR_CENTRE = (
    "Check the recipient's number; if no number works, ask the operator for its service centre number and compare it with "
    "the one the modem uses."
)
_NUMBER_OR_OPERATOR = (
    "Check the recipient's number; if no number works, ask the operator whether this SIM may send SMS and has credit."
)
_REPORT = "Report this with the log: the message was written in a form the network does not take."

RP_CAUSES = table(
    Cause(0, "phone failure", _R.MODEM),
    Cause(1, "unassigned number", _R.FAIL, for_all=_R.STOP, advice=_NUMBER_OR_CENTRE),
    Cause(8, "operator determined barring", _R.STOP, advice=_OPERATOR),
    Cause(10, "call barred", _R.STOP, advice=_OPERATOR),
    Cause(11, "reserved", _R.RETRY),
    Cause(17, "network failure", _R.RETRY),
    Cause(21, "transfer rejected", _R.FAIL, for_all=_R.STOP, advice=_NUMBER_OR_OPERATOR),
    Cause(22, "congestion", _R.RETRY),
    Cause(27, "destination out of order", _R.SLOW),
    Cause(28, "unidentified subscriber: the SIM is no customer of this service centre", _R.STOP, advice=_CENTRE),
    Cause(29, "facility rejected", _R.STOP, advice=_OPERATOR),
    Cause(30, "unknown subscriber", _R.STOP, advice=_OPERATOR),
    # Not of the standard: one maker's manual.
    *each((31, 34), Cause(None, "refused: the previous message is still being sent", _R.RETRY)),
    Cause(38, "network out of order", _R.SLOW, for_all=_R.STOP, advice=_CENTRE),
    Cause(41, "temporary failure", _R.RETRY),
    Cause(42, "congestion", _R.RETRY),
    Cause(47, "resources unavailable", _R.RETRY),
    Cause(50, "facility not subscribed", _R.STOP, advice=_OPERATOR),
    Cause(69, "facility not implemented", _R.STOP, advice=_OPERATOR),
    Cause(81, "invalid transfer reference", _R.RETRY),
    Cause(95, "semantically incorrect message", _R.BUG, advice=_REPORT),
    Cause(96, "invalid mandatory information", _R.BUG, advice=_CENTRE),
    Cause(97, "message type not implemented", _R.BUG, advice=_REPORT),
    Cause(98, "message not compatible with the protocol state", _R.MODEM),
    Cause(99, "information element not implemented", _R.BUG, advice=_REPORT),
    Cause(111, "protocol error", _R.RETRY, tries=3),
    Cause(127, "interworking", _R.RETRY, tries=3),
)
#: Any other RP-cause is to be read as 41.
OTHER_RP_CAUSE = Cause(None, "temporary failure (a code that is not assigned)", _R.RETRY)

TP_FCS = table(
    Cause(128, "telematic interworking not supported", _R.BUG, advice=_REPORT),
    Cause(129, "short message type 0 not supported", _R.BUG, advice=_REPORT),
    Cause(130, "cannot replace the message", _R.FAIL),
    Cause(143, "protocol identifier error", _R.BUG, advice=_REPORT),
    Cause(
        144,
        "alphabet not supported",
        _R.FAIL,
        advice="Send the text without letters of other scripts, symbols and emoji.",
    ),
    Cause(145, "message class not supported", _R.WITHOUT_CLASS),
    Cause(159, "data coding error", _R.BUG, advice=_REPORT),
    Cause(160, "command cannot be actioned", _R.BUG, advice=_REPORT),
    Cause(161, "command not supported", _R.BUG, advice=_REPORT),
    Cause(175, "command error", _R.BUG, advice=_REPORT),
    Cause(176, "TPDU not supported", _R.BUG, advice=_REPORT),
    Cause(192, "service centre busy", _R.RETRY),
    Cause(193, "no subscription at the service centre", _R.STOP, advice=_OPERATOR),
    Cause(194, "service centre system failure", _R.RETRY),
    Cause(195, "invalid address", _R.FAIL, advice=_NUMBER),
    Cause(196, "destination barred", _R.FAIL, advice="Ask the operator whether this SIM may send to such numbers."),
    Cause(197, "duplicate rejected: the service centre has this message", _R.SENT),
    Cause(198, "validity period format not supported", _R.WITHOUT_VALIDITY),
    Cause(199, "validity period not supported", _R.WITHOUT_VALIDITY),
    Cause(208, "SIM storage full", _R.PURGE),
    Cause(209, "no SMS storage on the SIM", _R.PURGE),
    Cause(210, "error in the modem", _R.MODEM),
    Cause(211, "memory capacity exceeded", _R.PURGE),
    Cause(212, "SIM toolkit busy", _R.RETRY),
    Cause(213, "data download error", _R.RETRY),
    *each(range(224, 255), Cause(None, "error of the service centre's own", _R.RETRY, tries=3)),
    Cause(255, "unspecified error of the service centre", _R.RETRY, tries=3),
)
OTHER_TP_FCS = Cause(None, "reserved failure cause of the service centre", _R.RETRY, tries=3)

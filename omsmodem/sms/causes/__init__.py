"""What the codes of refusals and reports mean, and what to do about each."""

from dataclasses import replace

from omsmodem.sms.causes import modem, network
from omsmodem.sms.causes.cause import Cause, Reaction
from omsmodem.sms.causes.status import Status, StatusClass, report, status

__all__ = ["Cause", "Reaction", "Status", "StatusClass", "cme", "cms", "report", "status"]

_CMS = network.RP_CAUSES | network.TP_FCS | modem.CMS | modem.VENDOR


def cms(code: int | None, *, prompted: bool = True) -> Cause:
    """The cause of `+CMS ERROR: code`; None is a plain ERROR, read as 500 to a TPDU and as the modem's fault before it.

    `prompted`: the modem had asked for the TPDU.
    """
    if code is None:
        return modem.NO_CODE if prompted else modem.NO_PROMPT
    return _CMS.get(code) or replace(_other_cms(code), code=code)


def _other_cms(code: int) -> Cause:
    if code < 128:
        return network.OTHER_RP_CAUSE
    return network.OTHER_TP_FCS if code < 256 else modem.OTHER_CMS


def cme(code: int | None, *, prompted: bool = True) -> Cause:
    """The cause of `+CME ERROR: code`; None as in `cms`."""
    if code is None:
        return cms(None, prompted=prompted)
    return modem.CME.get(code) or replace(modem.OTHER_CME, code=code)

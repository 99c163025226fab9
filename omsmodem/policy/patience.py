"""How long a blocked modem is left alone before it is looked at again."""

from enum import StrEnum

#: Seconds before the first, second, … look; the last one repeats. By `modem.errors.BlockReason`.
_NETWORK = (5.0, 10.0, 20.0, 30.0, 60.0)
_SIM = (15.0, 30.0, 60.0)
_OTHER = (30.0, 60.0, 120.0, 300.0)
_PAUSES_S = {
    **dict.fromkeys(("not_registered", "emergency_only", "roaming"), _NETWORK),
    "denied": (30.0, 60.0, 120.0, 300.0),
    "sim_busy": (5.0,),
    **dict.fromkeys(("pin", "puk", "no_sim", "sim_failure", "sim_lock"), _SIM),
    "storage_full": _SIM,
}
#: Without a network for so long, the radio is switched off and on; at every second time the modem is reset instead.
SILENT_NETWORK_S = 300.0
#: A SIM that failed so often in a row is worth a reset.
SIM_FAILURES = 3


class Push(StrEnum):
    """What may help a blocked modem."""

    NONE = "none"
    REGISTER = "register"
    RESET = "reset"


def pause_s(reason: str, looks: int) -> float:
    """Seconds until the next look at a modem blocked for `reason`, after `looks` vain ones."""
    pauses = _PAUSES_S.get(reason, _OTHER)
    return pauses[min(looks, len(pauses) - 1)]


def push(reason: str, looks: int, blocked_s: float, pushed: int) -> Push:
    """What to do about a modem blocked for `blocked_s` seconds that was pushed `pushed` times since."""
    if reason == "sim_failure" and looks >= SIM_FAILURES and not pushed:
        return Push.RESET
    if reason == "not_registered" and blocked_s >= SILENT_NETWORK_S * (pushed + 1):
        return Push.RESET if pushed % 2 else Push.REGISTER
    return Push.NONE

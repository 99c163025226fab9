"""Whether a network serves a modem, as +CREG says it (TS 27.007 §7.2)."""

from enum import IntEnum


class Registration(IntEnum):
    """`<stat>`."""

    OFF = 0
    HOME = 1
    SEARCHING = 2
    DENIED = 3
    UNKNOWN = 4
    ROAMING = 5
    SMS_ONLY = 6
    SMS_ONLY_ROAMING = 7
    EMERGENCY = 8
    NOT_PREFERRED = 9
    NOT_PREFERRED_ROAMING = 10

    @property
    def serves(self) -> bool:
        """Whether messages can be sent and received."""
        return self in _SERVING


_SERVING = frozenset(
    {
        Registration.HOME,
        Registration.ROAMING,
        Registration.SMS_ONLY,
        Registration.SMS_ONLY_ROAMING,
        Registration.NOT_PREFERRED,
        Registration.NOT_PREFERRED_ROAMING,
    }
)

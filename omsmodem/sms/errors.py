"""What can go wrong between text and octets."""


class SmsError(ValueError):
    """The message cannot be translated."""


class EncodeError(SmsError):
    """The text or number has no form in an SMS."""


class DecodeError(SmsError):
    """The octets are no well-formed TPDU: `field` (nested with dots) and `octet` (from 0) say where."""

    def __init__(self, field: str, octet: int, what: str) -> None:
        super().__init__(f"{field} at octet {octet}: {what}")
        self.field = field
        self.octet = octet
        self.what = what

    def inside(self, field: str, octet: int) -> "DecodeError":
        """The same fault seen from the structure that holds this one at `octet`."""
        return DecodeError(f"{field}.{self.field}", octet + self.octet, self.what)

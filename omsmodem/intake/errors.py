"""What the gate raises inside its own room; its callers get a Receipt."""

from omsmodem.message import Reason, Refusal


class Refused(Exception):
    """The whole submission is refused."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.refusal = Refusal(reason, detail=detail)

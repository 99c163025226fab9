"""What the gate raises inside its own room; its callers get a Receipt."""

from omsmodem.message import Reason


class Refused(Exception):
    """The whole submission is refused; `facts` are what the sentence for people names."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts

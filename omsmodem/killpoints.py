"""Named points at which a test may end the process at once, as a power cut would.

Off unless OMSMODEM_KILL_AT names one of POINTS; `name:3` means the third time it is reached.
"""

import itertools
import os
import signal

#: Every point, in the order of a message's way, and what is on disk when it is reached.
POINTS = {
    "accept.begun": "nothing of the submission",
    "accept.kept": "the submission; the client has no answer yet",
    "submit.intended": "the segment is in flight; the modem knows nothing of it",
    "submit.prompted": "the same; the modem has the octets without Ctrl-Z",
    "submit.handed_over": "the same; Ctrl-Z is written",
    "submit.answered": "the same; the modem has named its reference",
    "submit.recorded": "the segment is submitted, the next one in flight",
    "doubt.recorded": "the segment is uncertain, the modem not yet in step again",
    "refusal.recorded": "the segment is pending or refused, the modem not yet looked at",
    "incoming.read": "nothing of the TPDU; it lies in the modem",
    "incoming.kept": "the TPDU; it still lies in the modem",
    "incoming.acknowledged": "the TPDU; the modem has let it go",
    "mail.begun": "the notice waits; nothing was said to the mail server",
    "mail.sent": "the same; the mail server took it",
    "mail.marked": "the notice is sent",
}

_NAME, _, _NTH = os.environ.get("OMSMODEM_KILL_AT", "").partition(":")
_times = itertools.count(1)


def reach(name: str) -> None:
    """End the process here, without any clean-up, when `name` was asked for."""
    if name == _NAME and next(_times) == int(_NTH or 1):
        os.kill(os.getpid(), signal.SIGKILL)

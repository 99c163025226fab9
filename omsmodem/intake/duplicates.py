"""What makes two requests the same one: OMS has no message id, and a client that lost our answer sends again."""

import hashlib
import json
from datetime import timedelta

from omsmodem.intake.limits import Limits
from omsmodem.message import Door, Submission

#: Doors whose users mean it when they ask twice.
_DELIBERATE = frozenset({Door.COMMAND_LINE, Door.REST})
#: A mail server that lost our answer sends the same mail again for so long (RFC 5321 §4.5.4.1).
_QUEUE_LIFE = timedelta(days=5)


def fingerprint(submission: Submission) -> bytes:
    """Everything of a request but the moment it came: 32 octets."""
    moment = submission.not_before.isoformat() if submission.not_before else ""
    parts = (
        submission.account,
        submission.door,
        submission.recipients,
        submission.texts,
        submission.content_ids,
        moment,
    )
    return hashlib.blake2b(json.dumps(parts).encode("utf-8", "surrogatepass"), digest_size=32).digest()


def window(submission: Submission, limits: Limits) -> timedelta:
    """How long the same request is the same message: longer when content ids name the item, never at a shell or
    of a script, which name a request themselves where they want that.
    """
    if submission.door is Door.MAIL and any(submission.content_ids):
        return max(limits.duplicate_window_with_ids, _QUEUE_LIFE)
    if any(submission.content_ids):
        return limits.duplicate_window_with_ids
    return timedelta(0) if submission.door in _DELIBERATE else limits.duplicate_window

"""What comes from the network, into the store: commit first, acknowledge after (law 3)."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from omsmodem import killpoints
from omsmodem.message import Answer, Arrival, Correspondent, Route, SegmentState
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.routing import DEFAULT_RULE
from omsmodem.sms import causes, tpdu
from omsmodem.sms.causes import StatusClass
from omsmodem.sms.errors import DecodeError
from omsmodem.sms.tpdu import Deliver, StatusReport
from omsmodem.store import Sorting, Store
from omsmodem.store.errors import StoreError
from omsmodem.worker import reading

_log = logging.getLogger(__name__)

#: Modems lose indications: the storage is looked into this often all the same.
POLL_S = 900.0

_OUTCOME: Mapping[StatusClass, SegmentState | None] = {
    StatusClass.DELIVERED: SegmentState.DELIVERED,
    StatusClass.PENDING: None,
    StatusClass.FAILED: SegmentState.UNDELIVERED,
}


def to_default_mailbox(_arrival: Arrival, _correspondents: Sequence[Correspondent]) -> Route:
    """Every message to the default mailbox."""
    return Route("", DEFAULT_RULE)


def _no_answer(_number: str, _answer: Answer) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Reception:
    """How incoming messages are handled.

    `canonical` writes an originator's number as it is written to, `answer` sends a text back by itself.
    """

    sorting: Sorting = field(default_factory=lambda: Sorting(reading.assemble, to_default_mailbox))
    canonical: Callable[[str], str] = str
    answer: Callable[[str, Answer], None] = _no_answer
    poll_s: float = POLL_S


class Receiver:
    """Takes what one modem received. What the store could not take is kept in hand until it can."""

    def __init__(
        self,
        modem: str,
        store: Store,
        reception: Reception | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._modem = modem
        self._sim = modem
        self._evidence = store.evidence
        self._inbox = store.inbox
        self._alarms = store.alarms
        self._reception = reception or Reception()
        self._monotonic = monotonic
        self._gsm: Gsm | None = None
        self._looked_at = 0.0
        self._in_hand: deque[Incoming] = deque()

    def receive(self, gsm: Gsm) -> None:
        """Keep everything that came since the last call; also, on a new connection and now and then, what lies in storage.

        Raises PortLost, Unresponsive, and StoreError when something could not be kept: it is not acknowledged then.
        """
        found = self._look(gsm)
        self._in_hand.extend(found + gsm.incoming())
        while self._in_hand:
            incoming = self._in_hand[0]
            killpoints.reach("incoming.read")
            self.keep(incoming)
            killpoints.reach("incoming.kept")
            gsm.acknowledge(incoming)  # law 3: after the commit in keep
            killpoints.reach("incoming.acknowledged")
            self._in_hand.popleft()

    def receive_routed(self, gsm: Gsm) -> bool:
        """Keep what came since, if that takes no command; False when `receive` is wanted. May be part of a transaction."""
        came = None if self._in_hand else gsm.routed()
        if came is None:
            return False
        self._in_hand.extend(came)
        while self._in_hand:
            self.keep(self._in_hand[0])
            self._in_hand.popleft()
        return True

    def _look(self, gsm: Gsm) -> list[Incoming]:
        """What lies in storage unannounced."""
        now = self._monotonic()
        if gsm is not self._gsm:
            self._gsm, self._looked_at = gsm, now
            self._sim = (gsm.ready.identity.iccid if gsm.ready is not None else "") or self._modem
            self._in_hand = deque(one for one in self._in_hand if one.index is None)  # the others still lie there
            return gsm.stored()
        if now - self._looked_at < self._reception.poll_s:
            return []
        self._looked_at = now
        return gsm.poll()

    def keep(self, incoming: Incoming) -> None:
        """Put one TPDU into the store: as what it is, or as octets that nobody can read. Raises StoreError."""
        try:
            decoded = tpdu.decode_incoming(incoming.tpdu)
            if isinstance(decoded, StatusReport):
                self._report(decoded)
            else:
                self._message(incoming.tpdu, decoded)
        except DecodeError as error:
            self._unreadable(incoming.tpdu, str(error))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - our fault, which must not become a message that is read for ever
            _log.exception("modem=%s a TPDU could not be handled", self._modem)
            self._unreadable(incoming.tpdu, f"fault of this program: {error!r}")

    def _report(self, report: StatusReport) -> None:
        meaning, reference = causes.report(report.status), report.message_reference
        outcome = _OUTCOME[meaning.status_class]
        known = self._evidence.add_report(
            self._modem, reference, report.recipient.number, report.status, outcome, meaning.meaning
        )
        _log.info("report reference=%d status=0x%02X (%s) known=%s", reference, report.status, meaning.meaning, known)

    def _message(self, octets: bytes, deliver: Deliver) -> None:
        dropped = reading.dropped(deliver)
        if dropped is not None:
            _log.info("modem=%s %s was dropped, as the standard wants", self._modem, dropped)
            return
        segment = reading.segment_of(octets, deliver, self._modem, self._sim, self._reception.canonical)
        added = self._inbox.add(segment, self._reception.sorting)
        message = added.message
        number = f"{segment.key.number}/{segment.key.total}" if segment.key is not None else "1/1"
        _log.info(
            *("modem=%s incoming segment=%s %s message=%s", self._modem, number, added.taken),
            message.id if message is not None else "-",
        )
        if message is None:
            return
        if added.flooded:
            self._alarms.report(
                f"flood {message.originator}",
                f"Too many messages from {message.originator}",
                "They are kept and not mailed; `omsmodem inbox` shows them, `omsmodem mail retry` mails them, and the key"
                " incoming.blocked keeps its sender away.",
            )
        if added.answer is not None:
            self._answer(message.originator, added.answer)

    def _answer(self, number: str, answer: Answer) -> None:
        try:
            self._reception.answer(number, answer)
        except Exception:  # noqa: BLE001 - an answer that cannot be sent must not make its message come again
            _log.exception("modem=%s the automatic answer was not sent", self._modem)

    def _unreadable(self, octets: bytes, why: str) -> None:
        if not self._inbox.keep_undecodable(octets, self._modem, why):
            return
        _log.warning("modem=%s %d octets from the network cannot be read: %s", self._modem, len(octets), why)
        self._alarms.report(
            "undecodable",
            f"Modem {self._modem} received something that cannot be read",
            f"The octets are kept; `omsmodem inbox --unreadable` shows them.\n\n{why}\n{octets.hex().upper()}",
        )

"""What comes from the network, into the store: commit first, acknowledge after (law 3)."""

import logging
from collections.abc import Mapping

from omsmodem.message import SegmentState
from omsmodem.modem.gsm import Gsm, Incoming
from omsmodem.sms import causes, tpdu
from omsmodem.sms.causes import StatusClass
from omsmodem.sms.errors import DecodeError
from omsmodem.store import Store

_log = logging.getLogger(__name__)

_OUTCOME: Mapping[StatusClass, SegmentState | None] = {
    StatusClass.DELIVERED: SegmentState.DELIVERED,
    StatusClass.PENDING: None,
    StatusClass.FAILED: SegmentState.UNDELIVERED,
}


class Receiver:
    """Takes what one modem received."""

    def __init__(self, modem: str, store: Store) -> None:
        self._modem = modem
        self._evidence = store.evidence

    def receive(self, gsm: Gsm) -> None:
        """Keep everything that came since the last call. Raises PortLost, Unresponsive."""
        for incoming in gsm.incoming():
            if self.keep(incoming):
                gsm.acknowledge(incoming)  # law 3: after the commit in keep

    def keep(self, incoming: Incoming) -> bool:
        """Put one TPDU into the store; False when it is not kept and has to stay where it is."""
        if incoming.kind == "status_report":
            self._report(incoming)
            return True
        _log.info("modem=%s an incoming message stays in its storage", self._modem)
        return False

    def _report(self, incoming: Incoming) -> None:
        try:
            report = tpdu.decode_status_report(incoming.tpdu)
        except DecodeError as error:
            _log.warning("modem=%s unreadable status report: %s", self._modem, error)
            return
        outcome = _OUTCOME[causes.status(report.status)]
        known = self._evidence.add_report(
            self._modem, report.message_reference, report.recipient.number, report.status, outcome
        )
        _log.info("report reference=%d status=0x%02X known=%s", report.message_reference, report.status, known)

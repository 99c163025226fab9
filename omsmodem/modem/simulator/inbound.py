"""What a modem does with a TPDU from the network: keep, show, buffer or refuse it (TS 27.005 §3.4.1)."""

from enum import Enum

from omsmodem.modem.simulator import textmode
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import cms
from omsmodem.modem.simulator.network import Verdict
from omsmodem.modem.simulator.storage import Storage, Stored
from omsmodem.sms import fields

#: How long a modem waits for +CNMA before it takes the host for gone (TS 27.005 §3.4.1; the network's own timer).
ACKNOWLEDGEMENT_S = 15.0
_NO_ACKNOWLEDGEMENT_EXPECTED = 340
_STATUS_REPORT = 0x02
_MTI = 0x03


class Way(Enum):
    """Where a TPDU goes."""

    DROP = "drop"
    STORE = "store"
    STORE_AND_TELL = "store and tell"
    ROUTE = "route"


class Inbound:
    """Receives for one device."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def receive(self, tpdu: bytes) -> Verdict:
        """Take what the service centre offers, as +CNMI and +CSMS want it."""
        if self._device.acknowledgement_due:
            return Verdict.PENDING
        report = bool(tpdu) and tpdu[0] & _MTI == _STATUS_REPORT
        way = self._way_of_report() if report else self._way_of_delivery(tpdu)
        if way is Way.DROP:
            return Verdict.ACCEPTED
        if way is Way.ROUTE:
            return self._route("+CDS" if report else "+CMT", tpdu)
        storage = self._storage_for(report, tpdu)
        if storage.full:
            self._say_full(storage)
            return Verdict.REFUSED
        index = storage.put(Stored(tpdu))
        if way is Way.STORE_AND_TELL:
            self._tell(f'{"+CDSI" if report else "+CMTI"}: "{storage.name}",{index}')
        return Verdict.ACCEPTED

    # -- which way --------------------------------------------------------------------------------------------------

    def _indications(self) -> list[str]:
        return self._device.settings["+CNMI"].split(",")

    def _way_of_report(self) -> Way:
        return {"1": Way.ROUTE, "2": Way.STORE_AND_TELL}.get(self._indications()[3], Way.DROP)

    def _way_of_delivery(self, tpdu: bytes) -> Way:
        setting = self._indications()[1]
        coding = _coding(tpdu)
        kept = coding.message_class == 2 or (coding.waiting is not None and coding.waiting.store)
        if setting == "0":
            return Way.STORE
        if (setting == "2" and not kept) or (setting == "3" and coding.message_class == 3):
            return Way.ROUTE
        return Way.STORE_AND_TELL

    def _storage_for(self, report: bool, tpdu: bytes) -> Storage:
        device = self._device
        if report and "SR" in device.profile.storages:
            return device.report_storage
        if not report and _coding(tpdu).message_class == 2:
            return device.sim.messages
        return device.selected_storage(2)

    # -- telling ----------------------------------------------------------------------------------------------------

    def _route(self, name: str, tpdu: bytes) -> Verdict:
        device = self._device
        if device.settings["+CMGF"] == "1":
            self._tell(*textmode.routed(device, name, tpdu))
        else:
            alpha = "" if name == "+CDS" else ","
            self._tell(f"{name}: {alpha}{len(tpdu)}", textmode.pdu_line(device, tpdu))
        if device.settings["+CSMS"] == "0":
            return Verdict.ACCEPTED
        device.acknowledgement_due = device.network.now() + ACKNOWLEDGEMENT_S
        due = device.acknowledgement_due
        device.network.agenda.after(ACKNOWLEDGEMENT_S, lambda: self._give_up(due))
        return Verdict.PENDING

    def acknowledge(self, accepted: bool = True) -> None:
        """+CNMA. Raises the refusal 340 when none is awaited."""
        if not self._device.acknowledgement_due:
            raise cms(_NO_ACKNOWLEDGEMENT_EXPECTED)
        self._device.acknowledgement_due = 0.0
        self._device.network.acknowledged(self._device, accepted)

    def _give_up(self, due: float) -> None:
        """The host did not acknowledge: nothing is routed any more until +CNMI is set anew."""
        if self._device.acknowledgement_due != due:
            return
        mode, _, broadcast, _, buffer = self._indications()
        self._device.settings["+CNMI"] = f"{mode},0,{broadcast},0,{buffer}"
        self._device.acknowledgement_due = 0.0
        self._device.network.acknowledged(self._device, accepted=False)

    def _tell(self, *lines: str) -> None:
        device = self._device
        if self._indications()[0] == "0":
            device.indications.buffer(lines)
        else:
            device.indicate(*lines)

    def _say_full(self, storage: Storage) -> None:
        if self._device.profile.memory_full:
            self._device.indicate(self._device.profile.memory_full.format(storage=storage.name))


def _coding(tpdu: bytes) -> fields.DataCoding:
    """The TP-DCS of an SMS-DELIVER, whatever else is wrong with it."""
    if len(tpdu) < 2:
        return fields.data_coding(0)
    at = 1 + 2 + (tpdu[1] + 1) // 2 + 1
    return fields.data_coding(tpdu[at] if at < len(tpdu) else 0)

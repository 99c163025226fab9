"""Sending, and how messages come in: +CMGS, +CMSS, +CNMI, +CSMS, +CNMA, +CMMS (TS 27.005 §3.2, §3.4, §3.5)."""

import re
from collections.abc import Callable

from omsmodem.modem.simulator import textmode
from omsmodem.modem.simulator.commands.handler import NOT_SUPPORTED, Handler, accepted, setting
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import cme, cms
from omsmodem.modem.simulator.faults import Moment
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.inbound import Inbound
from omsmodem.modem.simulator.network import INVALID_PDU
from omsmodem.modem.simulator.reply import Reply, information
from omsmodem.modem.simulator.storage import Status, Stored

_INVALID_TEXT = 305
_NO_SERVICE_CENTRE = 330
_NOT_SUPPORTED = 303
_INVALID_INDEX = 321
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_TPDU_OCTETS = range(7, 177)
#: +CMMS=1 and 2 keep the link so long after a message (TS 27.005 §3.5.6: 1 to 5 s).
LINGER_S = 3.0


def _send(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_messages()
    prepare = expect_tpdu(device, command)

    def entered(octets: bytes, reply: Reply) -> None:
        submit(device, prepare(octets), reply, "+CMGS")

    return Reply(prompt=entered)


def expect_tpdu(device: Device, command: Command) -> Callable[[bytes], bytes]:
    """How to read what will be typed behind +CMGS or +CMGW. Raises the refusals 304 and 305."""
    if device.settings["+CMGF"] == "1":
        number = command.argument(0)
        if not number:
            raise cms(_INVALID_TEXT)
        return lambda octets: textmode.submit_tpdu(device, number, octets)
    length = command.argument(0)
    if not (length.isascii() and length.isdigit() and int(length) in _TPDU_OCTETS):
        raise cms(INVALID_PDU)
    return lambda octets: _tpdu(device, octets, int(length))


def _tpdu(device: Device, entered: bytes, length: int) -> bytes:
    """The TPDU behind the service centre's address. Raises the refusals 304 and 330."""
    line = entered.decode("latin-1").strip().upper()
    octets = bytes.fromhex(line) if _HEX.fullmatch(line) else b""
    if not octets or len(octets) - 1 - octets[0] != length or octets[0] == 1:
        raise cms(INVALID_PDU)
    if octets[0] == 0 and not device.sim.service_centre:
        raise cms(_NO_SERVICE_CENTRE)
    return octets[1 + octets[0] :]


def submit(device: Device, tpdu: bytes, reply: Reply, name: str) -> bool:
    """Hand a TPDU to the network and fill in the answer; whether the network took it."""
    device.faults.fire(Moment.SUBMIT, device, reply)
    if reply.refusal is not None or reply.lost or not device.alive:
        return False
    device.require_network()
    air_time_s = _air_time_s(device)
    reply.delay_s = air_time_s
    outcome = device.network.submit(device, tpdu)
    if outcome.reference is None:
        raise cms(outcome.code or 500)
    device.link_until = device.network.now() + air_time_s + LINGER_S
    reply.lines.append(f"{name}: {outcome.reference}")
    device.faults.fire(Moment.TAKEN, device, reply)
    device.network.take(device, tpdu, outcome.reference, reply.fate if device.alive else "cut off", air_time_s)
    return True


def _air_time_s(device: Device) -> float:
    """A link kept by +CMMS saves its set-up; mode 1 falls back to 0 when it was not used in time."""
    network = device.network
    kept = network.now() < device.link_until
    if device.settings["+CMMS"] == "1" and device.link_until and not kept:
        device.settings["+CMMS"] = "0"
    saved = network.link_setup_s if kept and device.settings["+CMMS"] != "0" else 0.0
    return max(0.0, network.air_time_s - saved)


def _send_stored(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_messages()
    storage = device.selected_storage(1)
    stored = storage.get(number_of(command.argument(0)))
    if stored is None or stored.status not in {Status.UNSENT, Status.SENT}:
        raise cms(_INVALID_INDEX)
    reply = Reply()
    if submit(device, stored.tpdu, reply, "+CMSS"):
        storage.mark(int(command.argument(0)), Status.SENT)
    return reply


def _write(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_messages()
    prepare = expect_tpdu(device, command)
    status = _written_status(device, command)

    def entered(octets: bytes, reply: Reply) -> None:
        index = device.selected_storage(1).put(Stored(prepare(octets), status))
        reply.lines.append(f"+CMGW: {index}")

    return Reply(prompt=entered)


def _written_status(device: Device, command: Command) -> Status:
    if device.settings["+CMGF"] == "1":
        status = textmode.status_of(command.argument(2, "STO UNSENT"))
    else:
        named = command.argument(1, "2")
        status = Status(int(named)) if named in {"0", "1", "2", "3"} else None
    if status is None or status is Status.ALL:
        raise cms(_INVALID_TEXT if device.settings["+CMGF"] == "1" else INVALID_PDU)
    return status


def number_of(text: str) -> int:
    """An index. Raises the refusal 321."""
    if not (text.isascii() and text.isdigit()):
        raise cms(_INVALID_INDEX)
    return int(text)


def _indications(device: Device, command: Command) -> Reply:
    profile = device.profile
    if command.form is Form.READ:
        return information(f"+CNMI: {device.settings['+CNMI']}")
    if command.form is Form.TEST:
        modes, reports = ",".join(sorted(profile.indication_modes)), profile.report_modes_listed or profile.report_modes
        return information(f"+CNMI: ({modes}),(0-3),(0,2,3),({','.join(sorted(reports))}),(0,1)")
    device.require_messages()
    fields = ([*command.arguments, "", "", "", "", ""])[:5]
    values = [value or "0" for value in fields]
    allowed = (profile.indication_modes, frozenset("0123"), frozenset("023"), profile.report_modes, frozenset("01"))
    if len(command.arguments) > 5 or not all(value in some for value, some in zip(values, allowed, strict=True)):
        raise cms(_NOT_SUPPORTED)
    device.settings["+CNMI"] = ",".join(values)
    if values[0] != "0":
        device.indications.empty_buffer(flush=values[4] == "0")
    device.network.offer(device)
    return Reply()


def _service(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information("+CSMS: (0,1)")
    if command.form is Form.READ:
        return information(f"+CSMS: {device.settings['+CSMS']},1,1,1")
    if command.argument(0) not in {"0", "1"}:
        raise cms(_NOT_SUPPORTED)
    device.settings["+CSMS"] = command.argument(0)
    return information("+CSMS: 1,1,1")


def _acknowledge(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information("+CNMA: (0-2)")
    if device.settings["+CSMS"] == "0" or command.argument(0, "0") not in {"0", "1", "2"}:
        raise cms(_NOT_SUPPORTED)
    Inbound(device).acknowledge(accepted=command.argument(0, "0") != "2")
    return Reply()


_MORE_MESSAGES = setting("+CMMS", "[012]", "(0-2)", refusal=cms(_NOT_SUPPORTED))


def _more_messages(device: Device, command: Command) -> Reply:
    if not device.profile.more_messages:
        raise cme(NOT_SUPPORTED)
    if command.form is Form.SET and command.argument(0) not in device.profile.more_messages:
        raise cms(_NOT_SUPPORTED)
    device.link_until = 0.0 if command.form is Form.SET else device.link_until
    return _MORE_MESSAGES(device, command)


def _cell_broadcast(_device: Device, command: Command) -> Reply:
    if command.form is Form.READ:
        return information('+CSCB: 0,"",""')
    return information("+CSCB: (0,1)") if command.form is Form.TEST else Reply()


COMMANDS: dict[str, Handler] = {
    "+CMGS": _send,
    "+CMSS": _send_stored,
    "+CMGW": _write,
    "+CNMI": _indications,
    "+CSMS": _service,
    "+CNMA": _acknowledge,
    "+CMMS": _more_messages,
    "+CMGF": setting("+CMGF", "[01]", "(0,1)", refusal=cms(_INVALID_TEXT)),
    "+CSMP": setting("+CSMP", r"\d{1,3},\d{0,3},\d{0,3},\d{0,3}", "(0-255),(0-255),(0-255),(0-255)"),
    "+CSDH": setting("+CSDH", "[01]", "(0,1)"),
    "+CGSMS": setting("+CGSMS", "[0-3]", "(0-3)"),
    "+CSCB": _cell_broadcast,
    **dict.fromkeys(("+CSAS", "+CRES"), accepted),
}

"""What can be done to a simulated modem and its network, by name. docs/simulator.md says what each does."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omsmodem.modem.simulator import letters
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.faults import Moment
from omsmodem.modem.simulator.network import ReportFate
from omsmodem.modem.simulator.registration import Registration
from omsmodem.modem.simulator.reply import Reply
from omsmodem.modem.simulator.sim import PIN_TRIES, PUK_TRIES
from omsmodem.modem.simulator.storage import Status, Stored

#: What a request says besides an act's own arguments.
TIMING = frozenset({"do", "on", "nth", "times", "matching", "at_s", "modem"})
_NOISE = bytes(octet for octet in range(0x80, 0x100)) + b"\x00\x01\x07\r\n"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do; `moment` is the one it needs when the request names none."""

    perform: Callable[..., object]
    moment: Moment | None = None


ACTS: dict[str, Act] = {}
Performance = Callable[..., object]


def _act(name: str, moment: Moment | None = None) -> Callable[[Performance], Performance]:
    def register(perform: Performance) -> Performance:
        assert not TIMING & set(inspect.signature(perform).parameters), f"{name} names an argument like a moment"
        ACTS[name] = Act(perform, moment)
        return perform

    return register


# -- the answer ---------------------------------------------------------------------------------------------------------


@_act("lost", Moment.TAKEN)
def _lost(_device: Device, reply: Reply) -> None:
    """No answer ever."""
    reply.lost = True


@_act("late", Moment.TAKEN)
def _late(_device: Device, reply: Reply, by_s: float = 100.0) -> None:
    """The answer comes so much later."""
    reply.late_s = by_s


@_act("bare_ok", Moment.TAKEN)
def _bare(_device: Device, reply: Reply) -> None:
    """OK without the reference."""
    reply.bare = True


@_act("refuse", Moment.SUBMIT)
def _refuse(_device: Device, reply: Reply, code: int = 500) -> None:
    """+CMS ERROR: on submit nothing was sent, on taken it was."""
    reply.refusal = code


@_act("garble", Moment.TAKEN)
def _garble(_device: Device, reply: Reply, octets: int = 200) -> None:
    """Noise within the answer."""
    reply.garbage = _noise(octets)


@_act("interleave", Moment.TAKEN)
def _interleave(_device: Device, reply: Reply, count: int = 3, line: str = "^RSSI:18") -> None:
    """Indications within the answer."""
    reply.interleaved = (line,) * count


# -- the line -----------------------------------------------------------------------------------------------------------


@_act("noise")
def _say_noise(device: Device, _reply: Reply, octets: int = 200) -> None:
    """Noise now."""
    device.voice.say(_noise(octets))


@_act("indicate")
def _indicate(device: Device, _reply: Reply, line: str, count: int = 1) -> None:
    """Say a line unasked."""
    for _ in range(count):
        device.indicate(line)


@_act("split")
def _split(device: Device, _reply: Reply, gap_s: float = 0.001) -> None:
    """Say everything octet by octet from now on; a gap of 0 ends it."""
    device.voice.gap_s = gap_s


@_act("silence")
def _silence(device: Device, _reply: Reply, for_s: float = 30.0) -> None:
    """Hear and act, but what is said is lost."""
    device.voice.silent_until = device.network.now() + for_s


@_act("hold")
def _hold(device: Device, _reply: Reply, for_s: float = 30.0) -> None:
    """Hear and act, but say it all afterwards."""
    device.voice.held_until = device.network.now() + for_s


@_act("hang")
def _hang(device: Device, _reply: Reply, for_s: float = float("inf")) -> None:
    """Hear nothing, say nothing."""
    device.hang(for_s)


@_act("prompt")
def _prompt(device: Device, _reply: Reply) -> None:
    """A prompt stands open, as when the host died at one."""
    device.ear.open_prompt()


# -- power --------------------------------------------------------------------------------------------------------------


@_act("unplug")
def _unplug(device: Device, _reply: Reply, for_s: float = 0.0, tty: str = "") -> None:
    """Take the stick out; with for_s put it in again after that, perhaps under another tty name."""
    device.unplug(for_s or None, tty)


@_act("plug")
def _plug(device: Device, _reply: Reply, tty: str = "") -> None:
    """Put the stick in again."""
    device.plug(tty)


@_act("reboot")
def _reboot(device: Device, _reply: Reply) -> None:
    """The modem starts anew: echo on, settings gone, a USB stick's tty too for a while."""
    device.reboot()


# -- the SIM ------------------------------------------------------------------------------------------------------------


@_act("sim")
def _sim(device: Device, _reply: Reply, state: str, pin: str = "", tries: int = -1) -> None:
    """READY, SIM PIN, SIM PUK or absent, as after a power-up."""
    sim = device.sim
    device.sim_inserted = state != "absent"
    sim.pin = pin or sim.pin
    sim.pin_required = state == "SIM PIN"
    sim.pin_tries = 0 if state == "SIM PUK" else PIN_TRIES
    sim.puk_tries = PUK_TRIES
    if tries >= 0 and state == "SIM PIN":
        sim.pin_tries = tries
    if tries >= 0 and state == "SIM PUK":
        sim.puk_tries = tries
    sim.power_up()
    device.registration_changed()


@_act("service_centre")
def _service_centre(device: Device, _reply: Reply, number: str = "") -> None:
    """What the SIM says of its service centre; empty: nothing."""
    device.sim.service_centre = number


@_act("fill")
def _fill(device: Device, _reply: Reply, storage: str = "SM", leave: int = 0) -> None:
    """Fill a storage with read messages up to so many free slots."""
    chosen = device.storage(storage)
    if chosen is None:
        raise ValueError(f"there is no storage {storage}")
    (tpdu,) = letters.segments("+447700900999", "an old message", device.network.clock())
    while len(chosen) < chosen.capacity - leave:
        chosen.put(Stored(tpdu, Status.READ))


@_act("empty")
def _empty(device: Device, _reply: Reply, storage: str = "SM") -> None:
    """Delete everything in a storage."""
    chosen = device.storage(storage)
    if chosen is None:
        raise ValueError(f"there is no storage {storage}")
    chosen.delete_where(frozenset(Status))
    device.network.offer(device)


# -- the network --------------------------------------------------------------------------------------------------------


@_act("network")
def _network(device: Device, _reply: Reply, state: str = "searching", for_s: float = 0.0, eps: str = "") -> None:
    """home, roaming, searching, denied, sms_only …; eps where LTE differs; with for_s as before after that."""
    network = device.network
    before = network.registration, network.eps_registration
    network.register(Registration[state.upper()], Registration[eps.upper()] if eps else None)
    if for_s:
        network.agenda.after(for_s, lambda: network.register(*before))


@_act("signal")
def _signal(device: Device, _reply: Reply, level: int) -> None:
    """What +CSQ says."""
    device.network.signal = level


@_act("refuse_number")
def _refuse_number(device: Device, _reply: Reply, number: str, code: int = 500) -> None:
    """Refuse everything to a number; code 0 ends it."""
    if code:
        device.network.refuse_numbers[number] = code
    else:
        device.network.refuse_numbers.pop(number, None)


@_act("air")
def _air(device: Device, _reply: Reply, time_s: float) -> None:
    """How long a segment is on the air."""
    device.network.air_time_s = time_s


@_act("reports")
def _reports(device: Device, _reply: Reply, copies: int = 1, delay_s: float = 0.0, count: int = 1) -> None:
    """The reports of the next submissions: how many copies (0: missing), how much later."""
    device.network.reports.extend([ReportFate(copies, delay_s)] * count)


@_act("report_status")
def _report_status(device: Device, _reply: Reply, status: Sequence[int], number: str = "") -> None:
    """TP-ST of the reports of a number, one report each, or of all numbers."""
    if number:
        device.network.status_of[number] = tuple(status)
    else:
        device.network.status = status[0]


@_act("send")
def _send(
    device: Device,
    _reply: Reply,
    from_: str,
    text: str,
    reference: int | None = None,
    wide: bool = False,
    flash: bool = False,
    order: Sequence[int] = (),
) -> object:
    """A phone sends a text to the modem; `order` names segments from 1, to reorder, repeat or leave out."""
    sent = device.network.send_text(from_, text, device, reference=reference, wide=wide, flash=flash, order=order)
    return {"segments": len(sent)}


@_act("inject")
def _inject(device: Device, _reply: Reply, tpdu: str) -> None:
    """The service centre sends these octets, in hexadecimal."""
    device.network.inject(bytes.fromhex(tpdu), device)


@_act("disarm")
def _disarm(device: Device, _reply: Reply) -> None:
    """Forget every armed fault."""
    device.faults.armed.clear()


@_act("state")
def _state(device: Device, _reply: Reply) -> object:
    """How things stand."""
    network = device.network
    return {
        "modem": device.name,
        "number": device.sim.number,
        "plugged": device.plugged,
        "alive": device.alive,
        "registration": network.registration.name.lower(),
        "taken": len(network.submissions),
        "waiting": network.waiting(device),
        "stored": {name: len(storage) for name in device.profile.storages if (storage := device.storage(name))},
        "armed": len(device.faults.armed),
        "mishaps": list(network.mishaps),
    }


def _noise(octets: int) -> bytes:
    return (_NOISE * (octets // len(_NOISE) + 1))[:octets]

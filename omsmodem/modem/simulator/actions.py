"""What can be done to a simulated modem and its network: one table for fault scripts, the control socket and tests.

A request is a JSON object: `do` names the action, `on`, `nth`, `times`, `matching` or `at_s` say when (else: now), `modem`
which modem, the rest are the action's own arguments. docs/simulator.md lists them.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omsmodem.modem.simulator import letters
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.faults import Moment
from omsmodem.modem.simulator.network import Network, ReportFate
from omsmodem.modem.simulator.registration import Registration
from omsmodem.modem.simulator.reply import Reply
from omsmodem.modem.simulator.sim import PIN_TRIES, PUK_TRIES
from omsmodem.modem.simulator.storage import Status, Stored
from omsmodem.sms.errors import EncodeError

_TIMING = frozenset({"do", "on", "nth", "times", "matching", "at_s", "modem"})
_NOISE = bytes(octet for octet in range(0x80, 0x100)) + b"\x00\x01\x07\r\n"


class BadRequest(Exception):
    """A request that cannot be carried out; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do; `moment` is the one it needs when the request names none."""

    act: Callable[..., object]
    moment: Moment | None = None


_ACTIONS: dict[str, Action] = {}
Acting = Callable[..., object]


def _action(name: str, moment: Moment | None = None) -> Callable[[Acting], Acting]:
    def register(act: Acting) -> Acting:
        assert not _TIMING & set(inspect.signature(act).parameters), f"{name} names an argument like a moment"
        _ACTIONS[name] = Action(act, moment)
        return act

    return register


def names() -> list[str]:
    """Every action."""
    return sorted(_ACTIONS)


def perform(network: Network, request: Mapping[str, Any]) -> object:
    """Carry a request out, or arm it for its moment; returns what there is to say. Raises BadRequest."""
    with network.lock:
        action = _ACTIONS.get(str(request.get("do")))
        if action is None:
            raise BadRequest(f"do: {request.get('do')!r} is none of {', '.join(names())}")
        device = _modem(network, request)
        arguments = {name: value for name, value in request.items() if name not in _TIMING}
        _check(action, arguments)
        if "at_s" in request:
            network.agenda.after(_number(request, "at_s", 0.0), lambda: _swallow(action, device, arguments))
            network.changed()
            return {"armed": True}
        return _now_or_then(action, device, request, arguments)


def _now_or_then(action: Action, device: Device, request: Mapping[str, Any], arguments: dict[str, Any]) -> object:
    moment = Moment(request["on"]) if request.get("on") in set(Moment) else action.moment
    if "on" in request and request["on"] not in set(Moment):
        raise BadRequest(f"on: {request['on']!r} is none of {', '.join(Moment)}")
    if moment is None:
        said = _do(action, device, Reply(), arguments)
        device.network.changed()
        return said
    device.faults.arm(
        lambda struck, reply: _swallow(action, struck, arguments, reply),
        moment,
        nth=int(_number(request, "nth", 1)),
        times=int(_number(request, "times", 1)),
        matching=str(request.get("matching", "")),
    )
    return {"armed": True}


def _modem(network: Network, request: Mapping[str, Any]) -> Device:
    wanted = request.get("modem")
    for modem in network.modems:
        if isinstance(modem, Device) and wanted in {None, modem.name, modem.sim.number}:
            return modem
    raise BadRequest(f"modem: {wanted!r} is none of {', '.join(modem.name for modem in network.modems)}")


def _number(request: Mapping[str, Any], name: str, default: float) -> float:
    value = request.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BadRequest(f"{name}: {value!r} is no number")
    return value


def _check(action: Action, arguments: Mapping[str, Any]) -> None:
    parameters = list(inspect.signature(action.act).parameters.values())[2:]
    known = {parameter.name.rstrip("_"): parameter for parameter in parameters}
    unknown = sorted(set(arguments) - set(known))
    missing = sorted(n for n, p in known.items() if p.default is inspect.Parameter.empty and n not in arguments)
    if unknown or missing:
        said = [f"{name}: unknown" for name in unknown] + [f"{name}: missing" for name in missing]
        raise BadRequest("; ".join(said) + f" (known: {', '.join(known) or 'none'})")


def _do(action: Action, device: Device, reply: Reply, arguments: Mapping[str, Any]) -> object:
    parameters = inspect.signature(action.act).parameters
    named = {name + "_" if name + "_" in parameters else name: value for name, value in arguments.items()}
    for name, value in named.items():
        if parameters[name].annotation is str and not isinstance(value, str):
            named[name] = str(value)
    try:
        return action.act(device, reply, **named)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, EncodeError) as error:
        raise BadRequest(f"cannot be done: {error}") from error


def _swallow(action: Action, device: Device, arguments: Mapping[str, Any], reply: Reply | None = None) -> None:
    """At its moment nobody listens: what cannot be done then is left."""
    try:
        _do(action, device, reply or Reply(), arguments)
    except BadRequest as error:
        device.network.mishaps.append(str(error))


# -- the answer ---------------------------------------------------------------------------------------------------------


@_action("lost", Moment.TAKEN)
def _lost(_device: Device, reply: Reply) -> None:
    """No answer ever."""
    reply.lost = True


@_action("late", Moment.TAKEN)
def _late(_device: Device, reply: Reply, by_s: float = 100.0) -> None:
    """The answer comes so much later."""
    reply.late_s = by_s


@_action("bare_ok", Moment.TAKEN)
def _bare(_device: Device, reply: Reply) -> None:
    """OK without the reference."""
    reply.bare = True


@_action("refuse", Moment.SUBMIT)
def _refuse(_device: Device, reply: Reply, code: int = 500) -> None:
    """+CMS ERROR: on submit nothing was sent, on taken it was."""
    reply.refusal = code


@_action("garble", Moment.TAKEN)
def _garble(_device: Device, reply: Reply, octets: int = 200) -> None:
    """Noise within the answer."""
    reply.garbage = _noise(octets)


@_action("interleave", Moment.TAKEN)
def _interleave(_device: Device, reply: Reply, count: int = 3, line: str = "^RSSI:18") -> None:
    """Indications within the answer."""
    reply.interleaved = (line,) * count


# -- the line -----------------------------------------------------------------------------------------------------------


@_action("noise")
def _say_noise(device: Device, _reply: Reply, octets: int = 200) -> None:
    """Noise now."""
    device.voice.say(_noise(octets))


@_action("indicate")
def _indicate(device: Device, _reply: Reply, line: str, count: int = 1) -> None:
    """Say a line unasked."""
    for _ in range(count):
        device.indicate(line)


@_action("split")
def _split(device: Device, _reply: Reply, gap_s: float = 0.001) -> None:
    """Say everything octet by octet from now on; a gap of 0 ends it."""
    device.voice.gap_s = gap_s


@_action("silence")
def _silence(device: Device, _reply: Reply, for_s: float = 30.0) -> None:
    """Hear and act, but what is said is lost."""
    device.voice.silent_until = device.network.now() + for_s


@_action("hold")
def _hold(device: Device, _reply: Reply, for_s: float = 30.0) -> None:
    """Hear and act, but say it all afterwards."""
    device.voice.held_until = device.network.now() + for_s


@_action("hang")
def _hang(device: Device, _reply: Reply, for_s: float = float("inf")) -> None:
    """Hear nothing, say nothing."""
    device.hang(for_s)


# -- power --------------------------------------------------------------------------------------------------------------


@_action("unplug")
def _unplug(device: Device, _reply: Reply, for_s: float = 0.0, tty: str = "") -> None:
    """Take the stick out; with for_s put it in again after that, perhaps under another tty name."""
    if for_s:
        device.unplug_for(for_s, tty)
    else:
        device.unplug()


@_action("plug")
def _plug(device: Device, _reply: Reply, tty: str = "") -> None:
    """Put the stick in again."""
    device.plug(tty)


@_action("reboot")
def _reboot(device: Device, _reply: Reply) -> None:
    """The modem starts anew: echo on, settings gone, a USB stick's tty too for a while."""
    device.reboot()


# -- the SIM ------------------------------------------------------------------------------------------------------------


@_action("sim")
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


@_action("fill")
def _fill(device: Device, _reply: Reply, storage: str = "SM", leave: int = 0) -> None:
    """Fill a storage with read messages up to so many free slots."""
    chosen = device.storage(storage)
    if chosen is None:
        raise ValueError(f"there is no storage {storage}")
    (tpdu,) = letters.segments("+447700900999", "an old message", device.network.clock())
    while len(chosen) < chosen.capacity - leave:
        chosen.put(Stored(tpdu, Status.READ))


@_action("empty")
def _empty(device: Device, _reply: Reply, storage: str = "SM") -> None:
    """Delete everything in a storage."""
    chosen = device.storage(storage)
    if chosen is None:
        raise ValueError(f"there is no storage {storage}")
    chosen.delete_where(frozenset(Status))
    device.network.offer(device)


# -- the network --------------------------------------------------------------------------------------------------------


@_action("network")
def _network(device: Device, _reply: Reply, state: str = "searching", for_s: float = 0.0) -> None:
    """home, roaming, searching, denied, sms_only …; with for_s as before after that."""
    network, before = device.network, device.network.registration
    network.register(Registration[state.upper()])
    if for_s:
        network.agenda.after(for_s, lambda: network.register(before))


@_action("signal")
def _signal(device: Device, _reply: Reply, level: int) -> None:
    """What +CSQ says."""
    device.network.signal = level


@_action("refuse_number")
def _refuse_number(device: Device, _reply: Reply, number: str, code: int = 500) -> None:
    """Refuse everything to a number; code 0 ends it."""
    if code:
        device.network.refuse_numbers[number] = code
    else:
        device.network.refuse_numbers.pop(number, None)


@_action("air")
def _air(device: Device, _reply: Reply, time_s: float) -> None:
    """How long a segment is on the air."""
    device.network.air_time_s = time_s


@_action("reports")
def _reports(device: Device, _reply: Reply, copies: int = 1, delay_s: float = 0.0, count: int = 1) -> None:
    """The reports of the next submissions: how many copies (0: missing), how much later."""
    device.network.reports.extend([ReportFate(copies, delay_s)] * count)


@_action("report_status")
def _report_status(device: Device, _reply: Reply, status: Sequence[int], number: str = "") -> None:
    """TP-ST of the reports of a number, one report each, or of all numbers."""
    if number:
        device.network.status_of[number] = tuple(status)
    else:
        device.network.status = status[0]


@_action("send")
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


@_action("inject")
def _inject(device: Device, _reply: Reply, tpdu: str) -> None:
    """The service centre sends these octets, in hexadecimal."""
    device.network.inject(bytes.fromhex(tpdu), device)


@_action("disarm")
def _disarm(device: Device, _reply: Reply) -> None:
    """Forget every armed fault."""
    device.faults.armed.clear()


@_action("state")
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

"""Doing things to a simulated modem and its network: one door for fault scripts, the control socket and tests.

A request is a JSON object: `do` names one of the `acts`, `on`, `nth`, `times`, `matching` or `at_s` say when (else: now),
`modem` which modem, the rest are the act's own arguments. docs/simulator.md lists them.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from omsmodem.modem.simulator.acts import ACTS, TIMING, Act
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.faults import Moment
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.reply import Reply
from omsmodem.sms.errors import EncodeError

#: What a JSON value may be for an argument; digits may stand for text.
_FITTING: dict[object, tuple[type, ...]] = {float: (float, int), int: (int,), bool: (bool,), str: (str, int)}


class BadRequest(Exception):
    """A request that cannot be carried out; the sentence says why."""


def names() -> list[str]:
    """Every act."""
    return sorted(ACTS)


def perform(network: Network, request: Mapping[str, Any]) -> object:
    """Carry a request out, or arm it for its moment; returns what there is to say. Raises BadRequest."""
    with network.lock:
        act = ACTS.get(str(request.get("do")))
        if act is None:
            raise BadRequest(f"do: {request.get('do')!r} is none of {', '.join(names())}")
        device = _modem(network, request)
        arguments = {name: value for name, value in request.items() if name not in TIMING}
        _check(act, arguments)
        for name in ("nth", "times", "at_s"):
            _number(request, name, 0)
        moment = _moment(act, request)
        if moment is not None:
            return _at_time(device, request, lambda: _arm(act, device, moment, request, arguments))
        if "at_s" in request:
            return _at_time(device, request, lambda: _swallow(act, device, arguments))
        said = _do(act, device, Reply(), arguments)
        network.changed()
        return said


def _moment(act: Act, request: Mapping[str, Any]) -> Moment | None:
    if "on" not in request:
        return act.moment
    if request["on"] not in set(Moment):
        raise BadRequest(f"on: {request['on']!r} is none of {', '.join(Moment)}")
    return Moment(request["on"])


def _at_time(device: Device, request: Mapping[str, Any], action: Callable[[], None]) -> object:
    device.network.agenda.after(_number(request, "at_s", 0.0), action)
    device.network.agenda.run()
    device.network.changed()
    return {"armed": True}


def _arm(act: Act, device: Device, moment: Moment, request: Mapping[str, Any], arguments: dict[str, Any]) -> None:
    device.faults.arm(
        lambda struck, reply: _swallow(act, struck, arguments, reply),
        moment,
        nth=int(_number(request, "nth", 1)),
        times=int(_number(request, "times", 1)),
        matching=str(request.get("matching", "")),
    )


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


def _check(act: Act, arguments: Mapping[str, Any]) -> None:
    parameters = list(inspect.signature(act.perform).parameters.values())[2:]
    known = {parameter.name.rstrip("_"): parameter for parameter in parameters}
    unknown = sorted(set(arguments) - set(known))
    missing = sorted(n for n, p in known.items() if p.default is inspect.Parameter.empty and n not in arguments)
    if unknown or missing:
        said = [f"{name}: unknown" for name in unknown] + [f"{name}: missing" for name in missing]
        raise BadRequest("; ".join(said) + f" (known: {', '.join(known) or 'none'})")
    for name, value in arguments.items():
        wanted = _FITTING.get(known[name].annotation)
        if wanted and not (isinstance(value, wanted) and isinstance(value, bool) == (bool in wanted)):
            raise BadRequest(f"{name}: {value!r} is no {wanted[0].__name__}")


def _do(act: Act, device: Device, reply: Reply, arguments: Mapping[str, Any]) -> object:
    parameters = inspect.signature(act.perform).parameters
    named = {name + "_" if name + "_" in parameters else name: value for name, value in arguments.items()}
    for name, value in named.items():
        if parameters[name].annotation is str and not isinstance(value, str):
            named[name] = str(value)
    try:
        return act.perform(device, reply, **named)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, EncodeError) as error:
        raise BadRequest(f"cannot be done: {error}") from error


def _swallow(act: Act, device: Device, arguments: Mapping[str, Any], reply: Reply | None = None) -> None:
    """At its moment nobody listens: what cannot be done then is left."""
    try:
        _do(act, device, reply or Reply(), arguments)
    except BadRequest as error:
        device.network.mishaps.append(str(error))

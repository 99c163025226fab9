"""The network: power, registration, operators, signal, USSD (TS 27.007 §7, §8)."""

import re

from omsmodem.modem.simulator import charset
from omsmodem.modem.simulator.commands.handler import INCORRECT_PARAMETERS, Handler, fixed, setting
from omsmodem.modem.simulator.device import Device, Domain
from omsmodem.modem.simulator.errors import cme
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.reply import Reply, information

_NO_NETWORK = 30
_SEARCH_S = 0.5
_SCAN_S = 2.0
_USSD_S = 0.2
_LOCATION = '"1A2B","01C3D4E5"'
_LTE, _UTRAN = 7, 2


def _functionality(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information("+CFUN: (0,1,4),(0,1)")
    if command.form is Form.READ:
        return information(f"+CFUN: {device.functionality}")
    value, reset = command.argument(0), command.argument(1, "0")
    if value not in {"0", "1", "4"} or reset not in {"0", "1"}:
        raise cme(INCORRECT_PARAMETERS)
    if reset == "1":
        return Reply(then=device.reboot)
    was, device.functionality = device.functionality, value
    if value == "1" and was != "1":
        device.search(_SEARCH_S)
    return Reply(then=device.registration_changed)


def _registration(domain: Domain) -> Handler:
    keep = setting(domain.value, "[012]", "(0-2)")

    def handle(device: Device, command: Command) -> Reply:
        if command.form is not Form.READ:
            return keep(device, command)
        level, state = device.settings[domain.value], device.registration(domain)
        technology = _LTE if device.profile.lte else _UTRAN
        where = f",{_LOCATION},{technology}" if level == "2" and state.serves else ""
        return information(f"{domain.value}: {level},{int(state)}{where}")

    return handle


def _operator(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return _scan(device)
    if command.form is Form.READ:
        return information(_operator_line(device))
    mode, style = command.argument(0), command.argument(1, "0")
    if mode not in {"0", "1", "2", "3", "4"} or style not in {"0", "1", "2"}:
        raise cme(INCORRECT_PARAMETERS)
    if mode == "3":
        device.settings["+COPS format"] = style
        return Reply()
    return _select(device, mode, command.argument(2))


def _operator_line(device: Device) -> str:
    mode = "0" if device.attached else "2"
    if not device.registration().serves:
        return f"+COPS: {mode}"
    style, network = device.settings["+COPS format"], device.network
    name = network.plmn if style == "2" else charset.encode(network.operator, device.settings["+CSCS"])
    return f'+COPS: {mode},{style},"{name}",{_LTE if device.profile.lte else _UTRAN}'


def _scan(device: Device) -> Reply:
    name, plmn = device.network.operator, device.network.plmn
    ours = f'(2,"{name}","{name[:8]}","{plmn}",2)'
    return information(f'+COPS: {ours},(3,"Forbidden","Forbidd","00102",2),,(0-4),(0-2)', delay_s=_SCAN_S)


def _select(device: Device, mode: str, operator: str) -> Reply:
    if mode == "2":
        device.attached = False
        return Reply(then=device.registration_changed)
    if operator and operator not in {device.network.plmn, device.network.operator}:
        raise cme(_NO_NETWORK)
    if not device.attached:
        device.attached = True
        device.search(_SEARCH_S)
    return Reply()


def _signal(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information("+CSQ: (0-31,99),(0-7,99)")
    level = device.network.signal if device.registration().serves else 99
    return information(f"+CSQ: {level},99")


def _ussd(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information("+CUSD: (0-2)")
    if command.form is Form.READ:
        return information("+CUSD: 1")
    if command.argument(0) not in {"0", "1", "2"}:
        raise cme(INCORRECT_PARAMETERS)
    if command.argument(1):
        if not device.registration().serves:
            raise cme(_NO_NETWORK)
        code, packed = command.argument(1), device.profile.packed_ussd and device.settings.get("^USSDMODE") != "0"
        code = charset.decode_packed(code) if packed else charset.decode(code, device.settings["+CSCS"])
        device.network.agenda.after(_USSD_S, lambda: device.indicate(_ussd_line(device, code, packed=packed)))
    return Reply()


def _ussd_line(device: Device, code: str, *, packed: bool) -> str:
    answer = device.network.ussd.get(code)
    if answer is None:
        return "+CUSD: 4"
    shown = charset.encode_packed(answer) if packed else charset.encode(answer, device.settings["+CSCS"])
    return f'+CUSD: 0,"{shown}",15'


def _packet_attach(device: Device, command: Command) -> Reply:
    if command.form is Form.READ:
        return information(f"+CGATT: {int(device.registration(Domain.PACKET).serves)}")
    if command.form is Form.SET and re.fullmatch("[01]", command.argument(0)) is None:
        raise cme(INCORRECT_PARAMETERS)
    return Reply()


COMMANDS: dict[str, Handler] = {
    "+CFUN": _functionality,
    **{domain.value: _registration(domain) for domain in Domain},
    "+COPS": _operator,
    "+CSQ": _signal,
    "+CUSD": _ussd,
    "+CGATT": _packet_attach,
    "+WS46": fixed("12"),
}

"""The SIM: PIN and PUK with their counters, the lock, the service centre (TS 27.007 §7.4, §8.3, TS 27.005 §3.3.1)."""

from omsmodem.modem.simulator import charset
from omsmodem.modem.simulator.commands.handler import INCORRECT_PARAMETERS, Handler
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import cme
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.reply import Reply, information


def _pin(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_card()
    if command.form is Form.READ:
        return information(f"+CPIN: {device.sim.state}")
    if command.form is Form.RUN:
        raise cme(INCORRECT_PARAMETERS)
    if command.argument(1):
        device.sim.unblock(command.argument(0), command.argument(1))
    else:
        device.sim.verify(command.argument(0))
    device.start_sim()
    return Reply()


def _tries_left(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_card()
    sim = device.sim
    lines = {"SIM PIN": f"+CPINR: SIM PIN,{sim.pin_tries},3", "SIM PUK": f"+CPINR: SIM PUK,{sim.puk_tries},10"}
    chosen = command.argument(0)
    return information(*([lines[chosen]] if chosen in lines else lines.values()))


def _lock(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information('+CLCK: ("SC")')
    if command.argument(0) != "SC" or command.argument(1) not in {"0", "1", "2"}:
        raise cme(INCORRECT_PARAMETERS)
    if command.argument(1) == "2":
        return information(f"+CLCK: {int(device.sim.pin_required)}")
    device.require_sim()
    device.sim.check(command.argument(2))
    device.sim.pin_required = command.argument(1) == "1"
    return Reply()


def _password(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information('+CPWD: ("SC",8)')
    if command.argument(0) != "SC" or not command.argument(2).isdigit():
        raise cme(INCORRECT_PARAMETERS)
    device.require_sim()
    device.sim.check(command.argument(1))
    device.sim.pin = command.argument(2)
    return Reply()


def _service_centre(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_messages()
    if command.form is Form.READ:
        number = device.sim.service_centre
        shown = charset.encode(number, device.settings["+CSCS"])
        return information(f'+CSCA: "{shown}",{145 if number.startswith("+") else 129}')
    device.sim.service_centre = _number(device, command)
    return Reply()


def _number(device: Device, command: Command) -> str:
    number = charset.decode(command.argument(0), device.settings["+CSCS"])
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise cme(INCORRECT_PARAMETERS)
    return "+" + digits if command.argument(1, "129") == "145" else number


COMMANDS: dict[str, Handler] = {
    "+CPIN": _pin,
    "+CPINR": _tries_left,
    "+CLCK": _lock,
    "+CPWD": _password,
    "+CSCA": _service_centre,
}

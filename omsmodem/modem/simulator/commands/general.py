"""The line itself: echo, verbosity, profiles, error reports, character set, calls that are not carried (V.250, TS 27.007)."""

from omsmodem.modem.simulator.charset import CHARSETS
from omsmodem.modem.simulator.commands.handler import (
    INCORRECT_PARAMETERS,
    Handler,
    accepted,
    fixed,
    setting,
)
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import Refusal, cme
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.reply import Reply, information
from omsmodem.modem.simulator.settings import FACTORY


def _flag(name: str) -> Handler:
    def handle(device: Device, command: Command) -> Reply:
        value = command.argument(0, "0")
        if value not in {"0", "1"}:
            raise Refusal
        device.settings[name] = value
        return Reply()

    return handle


def _reset(device: Device, _command: Command) -> Reply:
    device.settings = dict(device.saved_settings)
    return Reply()


def _factory(device: Device, _command: Command) -> Reply:
    device.settings = dict(FACTORY)
    return Reply()


def _save(device: Device, _command: Command) -> Reply:
    device.saved_settings = dict(device.settings)
    return Reply()


def _no_carrier(_device: Device, _command: Command) -> Reply:
    return Reply(final="NO CARRIER")


def _charset(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return information("+CSCS: (" + ",".join(f'"{name}"' for name in CHARSETS) + ")")
    if command.form is Form.READ:
        return information(f'+CSCS: "{device.settings["+CSCS"]}"')
    if command.argument(0) not in CHARSETS:
        raise cme(INCORRECT_PARAMETERS)
    device.settings["+CSCS"] = command.argument(0)
    return Reply()


def _clock(device: Device, command: Command) -> Reply:
    if command.form is Form.READ:
        return information(f'+CCLK: "{device.network.clock():%y/%m/%d,%H:%M:%S}+00"')
    return Reply()


def _register(_device: Device, command: Command) -> Reply:
    return information("000") if command.form is Form.READ else Reply()


def _repeat_settings(device: Device, _command: Command) -> Reply:
    return information(*(f"{name}: {value}" for name, value in device.settings.items() if name.startswith("+C")))


COMMANDS: dict[str, Handler] = {
    "E": _flag("E"),
    "V": _flag("V"),
    "Q": _flag("Q"),
    "Z": _reset,
    "&F": _factory,
    "&W": _save,
    "&V": _repeat_settings,
    **dict.fromkeys(("X", "L", "M", "&C", "&D", "&K", "&S", "&R", "H", "T", "P"), accepted),
    **{f"S{number}": _register for number in range(13)},
    "D": _no_carrier,
    "A": _no_carrier,
    "O": _no_carrier,
    "+CMEE": setting("+CMEE", "[012]", "(0-2)"),
    "+CSCS": _charset,
    "+CCLK": _clock,
    "+CTZU": setting("+CTZU", "[01]", "(0,1)"),
    "+CTZR": setting("+CTZR", "[01]", "(0,1)"),
    "+IPR": setting("+IPR", r"\d+", "(),(0,9600,19200,38400,57600,115200)"),
    "+IFC": setting("+IFC", "[0-2](,[0-2])?", "(0-2),(0-2)"),
    "+ICF": setting("+ICF", r"\d(,\d)?", "(1-6),(0-3)"),
    "+CLIP": setting("+CLIP", "[01]", "(0,1)"),
    "+CRC": setting("+CRC", "[01]", "(0,1)"),
    "+CVHU": setting("+CVHU", "[012]", "(0-2)"),
    "+CPAS": fixed("+CPAS: 0"),
    "+CBC": fixed("+CBC: 0,100"),
    "+CLCC": accepted,
    "+CHUP": accepted,
}

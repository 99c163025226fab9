"""Who the modem is and what it has (TS 27.007 §5)."""

import re
from collections.abc import Mapping

from omsmodem.modem.simulator.commands.handler import Handler, fixed
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.reply import Reply, information


def _of_profile(attribute: str) -> Handler:
    def handle(device: Device, command: Command) -> Reply:
        return Reply() if command.form is Form.TEST else information(str(getattr(device.profile, attribute)))

    return handle


def _identification(device: Device, _command: Command) -> Reply:
    profile = device.profile
    return information(
        f"Manufacturer: {profile.manufacturer}",
        f"Model: {profile.model}",
        f"Revision: {profile.revision}",
        f"IMEI: {profile.imei}",
    )


def _subscriber(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_sim()
    return information(device.sim.imsi)


def _own_number(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_sim()
    return information(f'+CNUM: "","{device.sim.number}",145')


def lister(table: Mapping[str, Handler]) -> Handler:
    """+CLAC: the commands of this table that the device has, and its own."""

    def handle(device: Device, command: Command) -> Reply:
        if command.form is Form.TEST:
            return Reply()
        extended = {name for name in table if not name[0].isalpha()}
        own = {re.split("[?=]", name)[0] for name in device.profile.answers}
        return information(*sorted((extended | own) - device.profile.lacking))

    return handle


_MAKER, _MODEL = _of_profile("manufacturer"), _of_profile("model")
_REVISION, _SERIAL = _of_profile("revision"), _of_profile("imei")

COMMANDS: dict[str, Handler] = {
    "I": _identification,
    **dict.fromkeys(("+CGMI", "+GMI"), _MAKER),
    **dict.fromkeys(("+CGMM", "+GMM"), _MODEL),
    **dict.fromkeys(("+CGMR", "+GMR"), _REVISION),
    **dict.fromkeys(("+CGSN", "+GSN"), _SERIAL),
    "+CIMI": _subscriber,
    "+CNUM": _own_number,
    "+GCAP": fixed("+GCAP: +CGSM,+DS,+ES"),
}

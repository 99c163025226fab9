"""The shape of a command's handler, and the handlers that many commands share."""

import re
from collections.abc import Callable

from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import Refusal, cme
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.reply import Reply, information

Handler = Callable[[Device, Command], Reply]

INCORRECT_PARAMETERS = 50
NOT_SUPPORTED = 4


def setting(name: str, allowed: str, listed: str, *, refusal: Refusal | None = None) -> Handler:
    """A value kept as text: `allowed` is a pattern for it, `listed` what `=?` says."""
    pattern = re.compile(allowed)

    def handle(device: Device, command: Command) -> Reply:
        if command.form is Form.TEST:
            return information(f"{name}: {listed}")
        if command.form is Form.READ:
            return information(f"{name}: {device.settings[name]}")
        value = ",".join(command.arguments)
        if command.form is Form.RUN or pattern.fullmatch(value) is None:
            raise refusal or cme(INCORRECT_PARAMETERS)
        device.settings[name] = value
        return Reply()

    return handle


def fixed(line: str) -> Handler:
    """An answer that never changes."""
    return lambda _device, command: Reply() if command.form is Form.TEST else information(line)


def accepted(_device: Device, _command: Command) -> Reply:
    """OK to every form: for what has no effect here."""
    return Reply()

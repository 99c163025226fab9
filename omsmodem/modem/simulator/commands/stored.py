"""Stored messages: +CPMS, +CMGR, +CMGL, +CMGD (TS 27.005 §3.2.2, §3.4, §3.5.4)."""

from omsmodem.modem.simulator import textmode
from omsmodem.modem.simulator.commands.handler import INCORRECT_PARAMETERS, Handler
from omsmodem.modem.simulator.commands.messages import number_of
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.errors import cme, cms
from omsmodem.modem.simulator.grammar import Command, Form
from omsmodem.modem.simulator.reply import Reply, information
from omsmodem.modem.simulator.storage import Status, Storage, Stored

_NOT_SUPPORTED = 303
#: What each `<delflag>` of +CMGD deletes.
_DELETED = {
    "1": frozenset({Status.READ}),
    "2": frozenset({Status.READ, Status.SENT}),
    "3": frozenset({Status.READ, Status.SENT, Status.UNSENT}),
    "4": frozenset({Status.UNREAD, Status.READ, Status.SENT, Status.UNSENT}),
}


def _storages(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        named = ",".join(f'"{name}"' for name in device.profile.storages if name != "SR")
        readable = ",".join(f'"{name}"' for name in device.profile.storages)
        return information(f"+CPMS: ({readable}),({named}),({named})")
    device.require_messages()
    if command.form is Form.READ:
        return information("+CPMS: " + ",".join(f'"{name}",{_fill(device, name)}' for name in device.selected))
    if not 1 <= len(command.arguments) <= 3:
        raise cme(INCORRECT_PARAMETERS)
    if any(name and device.storage(name) is None for name in command.arguments):
        raise cms(_NOT_SUPPORTED)
    for position, name in enumerate(command.arguments):
        device.selected[position] = name or device.selected[position]
    device.network.offer(device)
    return information("+CPMS: " + ",".join(_fill(device, name) for name in device.selected))


def _fill(device: Device, name: str) -> str:
    storage = device.storage(name)
    assert storage is not None
    return f"{len(storage)},{storage.capacity}"


def _read(device: Device, command: Command) -> Reply:
    if command.form is Form.TEST:
        return Reply()
    device.require_messages()
    storage, index = device.selected_storage(0), number_of(command.argument(0))
    stored = storage.get(index)
    if stored is None:
        if device.profile.empty_slot_code is None:
            return Reply()
        raise cms(device.profile.empty_slot_code)
    lines = _shown(device, "+CMGR: ", stored)
    _mark_read(storage, index, stored)
    return information(*lines)


def _shown(device: Device, prefix: str, stored: Stored) -> tuple[str, ...]:
    if device.settings["+CMGF"] == "1":
        return textmode.shown(device, prefix, stored)
    return (f"{prefix}{int(stored.status)},,{len(stored.tpdu)}", textmode.pdu_line(device, stored.tpdu))


def _mark_read(storage: Storage, index: int, stored: Stored) -> None:
    if stored.status is Status.UNREAD:
        storage.mark(index, Status.READ)


def _list(device: Device, command: Command) -> Reply:
    text_mode = device.settings["+CMGF"] == "1"
    if command.form is Form.TEST:
        words = ",".join(f'"{textmode.status_word(status)}"' for status in Status)
        return information(f"+CMGL: ({words if text_mode else '0-4'})")
    device.require_messages()
    wanted = _wanted(command, text_mode=text_mode)
    storage = device.selected_storage(0)
    lines: list[str] = []
    for index, stored in list(storage):
        if wanted in {Status.ALL, stored.status}:
            lines += _shown(device, f"+CMGL: {index},", stored)
            _mark_read(storage, index, stored)
    return information(*lines)


def _wanted(command: Command, *, text_mode: bool) -> Status:
    if text_mode:
        status = textmode.status_of(command.argument(0, "REC UNREAD"))
    else:
        named = command.argument(0, "0")
        status = Status(int(named)) if named in {"0", "1", "2", "3", "4"} else None
    if status is None:
        raise cms(305 if text_mode else 304)
    return status


def _delete(device: Device, command: Command) -> Reply:
    storage = device.selected_storage(0)
    if command.form is Form.TEST:
        return information(f"+CMGD: ({','.join(str(index) for index, _ in storage)}),(0-4)")
    device.require_messages()
    flag = command.argument(1, "0")
    if flag in _DELETED:
        storage.delete_where(_DELETED[flag])
    elif flag == "0":
        storage.delete(number_of(command.argument(0)))
    else:
        raise cms(_NOT_SUPPORTED)
    device.network.offer(device)
    return Reply()


COMMANDS: dict[str, Handler] = {"+CPMS": _storages, "+CMGR": _read, "+CMGL": _list, "+CMGD": _delete}

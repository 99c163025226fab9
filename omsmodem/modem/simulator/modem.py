"""The simulated modem: octets in, octets out at their time. No I/O, no clock of its own (TS 27.005, TS 27.007)."""

import heapq
import itertools
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.profile import GENERIC, Profile

_CTRL_Z, _ESC, _CR, _BACKSPACE = 0x1A, 0x1B, 0x0D, 0x08
_MAX_LINE_OCTETS = 2048
_COMMAND = re.compile(r"([+^&*#]?[A-Z]+)(=\?|\?|=(.*))?", re.DOTALL)
_OK, _ERROR = "OK", "ERROR"
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_TEXTS = {
    304: "Invalid PDU mode parameter",
    331: "No network service",
    500: "Unknown error",
    38: "Network out of order",
}


class Fault(StrEnum):
    """What happens to the answer of one +CMGS whose TPDU the network took."""

    LOST = "lost"  # no answer ever
    LATE = "late"  # the answer comes after `late_s`
    BARE_OK = "bare_ok"  # OK without +CMGS


@dataclass(frozen=True, slots=True)
class _Result:
    """An answer's information lines and its final result; final None when none is given now."""

    final: str | None = _OK
    lines: tuple[str, ...] = ()


class SimulatedModem:
    """One modem on one network. `feed` takes octets, `due(now)` gives those whose time has come (seconds, any epoch)."""

    def __init__(
        self, network: Network, profile: Profile = GENERIC, *, now: Callable[[], float], command_delay_s: float = 0.0
    ) -> None:
        self.network = network
        self.profile = profile
        self.command_delay_s = command_delay_s
        self.faults: deque[Fault] = deque()
        self.late_s = 100.0
        self.silent = False  # hears nothing, says nothing
        self.commands: list[str] = []  # every command line heard
        self._now = now
        self._output: list[tuple[float, int, bytes]] = []
        self._order = itertools.count()
        self._buffer = bytearray()
        self._expected_octets: int | None = None  # open prompt: the <length> of +CMGS
        self._settings = _power_up()

    # -- octets -----------------------------------------------------------------------------------------------------

    def feed(self, octets: bytes) -> None:
        """Hear octets from the host."""
        if self.silent:
            return
        for octet in octets:
            if self._expected_octets is not None:
                self._hear_tpdu(octet)
            else:
                self._hear_command(octet)

    def due(self) -> bytes:
        """The octets to be said by now."""
        said = b""
        while self._output and self._output[0][0] <= self._now():
            said += heapq.heappop(self._output)[2]
        return b"" if self.silent else said

    def next_due(self) -> float | None:
        """When there is something to say, or None."""
        return self._output[0][0] if self._output else None

    def _say(self, octets: bytes, delay_s: float = 0.0) -> None:
        heapq.heappush(self._output, (self._now() + delay_s, next(self._order), octets))

    def _say_line(self, line: str, delay_s: float = 0.0) -> None:
        self._say(f"\r\n{line}\r\n".encode("latin-1"), delay_s)

    def indicate(self, line: str, delay_s: float = 0.0) -> None:
        """Say something unasked."""
        self._say_line(line, delay_s)

    def _hear_command(self, octet: int) -> None:
        if self._settings["E"] == "1" and octet != _ESC:
            self._say(bytes([octet]))
        if octet == _CR:
            line = self._buffer.decode("latin-1").strip("\n \x1b")
            self._buffer.clear()
            if line[:2].upper() == "AT":
                self._run_line(line)
        elif octet == _BACKSPACE:
            del self._buffer[-1:]
        elif octet != _ESC and len(self._buffer) < _MAX_LINE_OCTETS:
            self._buffer.append(octet)

    # -- commands ---------------------------------------------------------------------------------------------------

    def _run_line(self, line: str) -> None:
        self.commands.append(line)
        lines: list[str] = []
        for command in line[2:].split(";"):
            result = self._run(command.strip())
            lines += result.lines
            if result.final != _OK:
                self._answer(lines, result.final)
                return
        self._answer(lines, _OK)

    def _answer(self, lines: list[str], final: str | None) -> None:
        for line in lines:
            self._say_line(line, self.command_delay_s)
        if final is not None:
            self._say_line(final, self.command_delay_s)
        for line in self.profile.chatter:
            self._say_line(line, self.command_delay_s)

    def _run(self, command: str) -> _Result:
        if not command:
            return _Result()
        if re.fullmatch(r"[EVQ]\d?|Z\d?|&[DFC]\d?|I|X\d|S\d+=\d+", command.upper()):
            return self._basic(command.upper())
        match = _COMMAND.fullmatch(command if "=" in command else command.upper())
        if match is None:
            return self._failure(100)
        name, operation, value = match[1].upper(), match[2] or "", match[3]
        handler = _HANDLERS.get(name)
        if handler is None:
            return self._failure(100)
        return handler(self, "=" if value is not None else operation, value or "")

    def _basic(self, command: str) -> _Result:
        if command.startswith(("Z", "&F")):
            self._settings = _power_up()
        elif command[0] == "E":
            self._settings["E"] = command[1:] or "0"
        return _Result(lines=(self.profile.model,) if command == "I" else ())

    def _failure(self, code: int, family: str = "CME") -> _Result:
        level = self._settings["+CMEE"]
        if level == "0":
            return _Result(_ERROR)
        return _Result(f"+{family} ERROR: {code if level == '1' else _TEXTS.get(code, 'unknown')}")

    # -- +CMGS ------------------------------------------------------------------------------------------------------

    def _submit(self, operation: str, value: str) -> _Result:
        if operation == "=?":
            return _Result()
        if not value.isascii() or not value.isdigit() or not 7 <= int(value) <= 176:
            return self._failure(304, "CMS")
        self._expected_octets = int(value)
        self._say(b"\r\n> ", self.command_delay_s)
        return _Result(None)

    def _hear_tpdu(self, octet: int) -> None:
        if octet == _ESC:
            self._close_prompt()
            self._say_line(_OK)
        elif octet == _CTRL_Z:
            expected, line = self._expected_octets, self._buffer.decode("latin-1").strip().upper()
            self._close_prompt()
            self._take(line, expected or 0)
        elif len(self._buffer) < _MAX_LINE_OCTETS:
            self._buffer.append(octet)

    def _close_prompt(self) -> None:
        self._expected_octets = None
        self._buffer.clear()

    def _take(self, line: str, expected_octets: int) -> None:
        octets = bytes.fromhex(line) if _HEX.fullmatch(line) else b""
        if not octets or len(octets) - 1 - octets[0] != expected_octets:
            self._answer([], self._failure(304, "CMS").final)
            return
        outcome = self.network.submit(octets[1 + octets[0] :])
        delay_s = self.command_delay_s + self.network.air_time_s
        if outcome.code is not None:
            self._say_line(self._failure(outcome.code, "CMS").final or _ERROR, delay_s)
            return
        fault = self.faults.popleft() if self.faults else None
        delay_s += self.late_s if fault is Fault.LATE else 0.0
        if fault is not Fault.LOST:
            if fault is not Fault.BARE_OK:
                self._say_line(f"+CMGS: {outcome.reference}", delay_s)
            self._say_line(_OK, delay_s)
        if outcome.report is not None:
            self._report(outcome.report, delay_s + self.network.report_delay_s)

    def _report(self, tpdu: bytes, delay_s: float) -> None:
        if self._settings["+CNMI"].split(",")[3:4] == ["1"]:
            self._say(f"\r\n+CDS: {len(tpdu)}\r\n00{tpdu.hex().upper()}\r\n".encode(), delay_s)

    # -- state ------------------------------------------------------------------------------------------------------

    def _setting(self, name: str, allowed: str, operation: str, value: str) -> _Result:
        if operation == "?":
            return _Result(lines=(f"{name}: {self._settings[name]}",))
        if operation == "=?":
            return _Result(lines=(f"{name}: ({allowed.replace('|', ',')})",))
        if re.fullmatch(allowed, value) is None:
            return self._failure(50)
        self._settings[name] = value
        return _Result()

    def _indications(self, operation: str, value: str) -> _Result:
        if operation == "=":
            fields = value.split(",")
            valid = all(re.fullmatch(r"[0-3]", field) for field in fields) and len(fields) <= 5
            if not valid or (len(fields) > 3 and fields[3] not in self.profile.report_modes):
                return self._failure(303, "CMS")
            self._settings["+CNMI"] = ",".join((fields + ["0"] * 5)[:5])
            return _Result()
        if operation == "=?":
            return _Result(lines=(f"+CNMI: (0-2),(0-3),(0,2,3),({','.join(sorted(self.profile.report_modes))}),(0,1)",))
        return _Result(lines=(f"+CNMI: {self._settings['+CNMI']}",))

    def _storage(self, operation: str, _value: str) -> _Result:
        if operation == "=?":
            return _Result(lines=('+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',))
        counts = "0,50,0,50,0,50" if operation == "=" else '"SM",0,50,"SM",0,50,"SM",0,50'
        return _Result(lines=(f"+CPMS: {counts}",))

    def _more_messages(self, operation: str, value: str) -> _Result:
        if not self.profile.more_messages:
            return self._failure(4)
        return self._setting("+CMMS", "[012]", operation, value)

    def _empty_store(self, operation: str, _value: str) -> _Result:
        return _Result() if operation in {"=", "=?"} else self._failure(321, "CMS")

    def _registration(self, name: str, operation: str, value: str) -> _Result:
        if operation == "?":
            return _Result(lines=(f"{name}: {self._settings[name]},{1 if self.network.registered else 2}",))
        return self._setting(name, "[012]", operation, value)

    def _operator(self, operation: str, _value: str) -> _Result:
        return _Result(lines=('+COPS: 0,0,"Simulated"',) if operation == "?" else ())

    def _fixed(self, line: str, operation: str) -> _Result:
        return _Result() if operation == "=?" else _Result(lines=(line,))


def _power_up() -> dict[str, str]:
    return {
        "E": "1",
        "+CMEE": "0",
        "+CMGF": "0",
        "+CNMI": "0,0,0,0,0",
        "+CSMS": "0",
        "+CMMS": "0",
        "+CREG": "0",
        "+CEREG": "0",
        "+CFUN": "1",
        "+CLIP": "0",
        "+CRC": "0",
    }


Handler = Callable[[SimulatedModem, str, str], _Result]


def _value_of(name: str, allowed: str) -> Handler:
    return lambda modem, operation, value: modem._setting(name, allowed, operation, value)  # noqa: SLF001 - its own table


_HANDLERS: dict[str, Handler] = {
    "+CMGS": SimulatedModem._submit,  # noqa: SLF001 - the class's own table, as are all below
    "+CNMI": SimulatedModem._indications,  # noqa: SLF001
    "+CPMS": SimulatedModem._storage,  # noqa: SLF001
    "+CMMS": SimulatedModem._more_messages,  # noqa: SLF001
    "+CMGR": SimulatedModem._empty_store,  # noqa: SLF001
    "+CMGL": SimulatedModem._empty_store,  # noqa: SLF001
    "+CMGD": SimulatedModem._empty_store,  # noqa: SLF001
    "+COPS": SimulatedModem._operator,  # noqa: SLF001
    "+CREG": lambda m, o, v: m._registration("+CREG", o, v),  # noqa: SLF001
    "+CEREG": lambda m, o, v: m._registration("+CEREG", o, v),  # noqa: SLF001
    "+CGMI": lambda m, o, _: m._fixed(m.profile.manufacturer, o),  # noqa: SLF001
    "+CGMM": lambda m, o, _: m._fixed(m.profile.model, o),  # noqa: SLF001
    "+CGMR": lambda m, o, _: m._fixed(m.profile.revision, o),  # noqa: SLF001
    "+CGSN": lambda m, o, _: m._fixed(m.profile.imei, o),  # noqa: SLF001
    "+CIMI": lambda m, o, _: m._fixed(m.profile.imsi, o),  # noqa: SLF001
    "+CCID": lambda m, o, _: m._fixed(f"+CCID: {m.profile.iccid}", o),  # noqa: SLF001
    "+CPIN": lambda m, o, _: m._fixed("+CPIN: READY", o) if o == "?" else m._failure(3),  # noqa: SLF001
    "+CSQ": lambda m, o, _: m._fixed("+CSQ: 20,99", o),  # noqa: SLF001
    "+CSCA": lambda m, o, _: m._fixed(f'+CSCA: "{m.profile.service_centre}",145', o) if o == "?" else _Result(),  # noqa: SLF001
    "+CMEE": _value_of("+CMEE", "[012]"),
    "+CMGF": _value_of("+CMGF", "0"),
    "+CSMS": _value_of("+CSMS", "0"),
    "+CFUN": _value_of("+CFUN", "[014](,[01])?"),
    "+CLIP": _value_of("+CLIP", "[01]"),
    "+CRC": _value_of("+CRC", "[01]"),
}

"""The simulated modem: octets in, octets out at their time. No I/O, no clock of its own (TS 27.005, TS 27.007)."""

import re
from collections.abc import Callable

from omsmodem.modem.simulator.commands import COMMANDS
from omsmodem.modem.simulator.device import Device
from omsmodem.modem.simulator.devices import GENERIC
from omsmodem.modem.simulator.ear import CommandLine, Entered, Heard
from omsmodem.modem.simulator.errors import Refusal
from omsmodem.modem.simulator.faults import Moment
from omsmodem.modem.simulator.grammar import Command, Form, parse
from omsmodem.modem.simulator.inbound import Inbound
from omsmodem.modem.simulator.network import Network, Verdict
from omsmodem.modem.simulator.profile import Profile
from omsmodem.modem.simulator.reply import OK, Reply, information
from omsmodem.modem.simulator.sim import Sim

_ESC, _CTRL_Z, _CR = 0x1B, 0x1A, 0x0D
#: What follows an answer (a reset) leaves it time to be read.
_AFTERWARDS_S = 0.05
#: V.250 §5.7.1: results with ATV0.
_NUMERIC = {"OK": "0", "NO CARRIER": "3", "ERROR": "4"}


class SimulatedModem(Device):
    """One modem on one network. `feed` takes octets, `due` gives those whose time has come by the network's `now`."""

    def __init__(
        self,
        network: Network,
        profile: Profile = GENERIC,
        *,
        sim: Sim | None = None,
        name: str = "modem",
        command_delay_s: float = 0.0,
    ) -> None:
        self.command_delay_s = command_delay_s
        self.commands: list[str] = []  # every command line heard
        self.overruns = 0  # octets that came while a command was being worked on
        self._busy_until = 0.0
        self._backlog = bytearray()
        self._entered: Callable[[bytes, Reply], None] | None = None
        super().__init__(network, profile, sim or Sim(), name)
        network.attach(self)

    # -- octets -----------------------------------------------------------------------------------------------------

    def feed(self, octets: bytes) -> None:
        """Hear octets from the host."""
        with self.network.lock:
            self.network.agenda.run()
            if self.alive:
                self._backlog += octets
                self._note_overrun(len(octets))
                self._work_off()

    def due(self) -> bytes:
        """The octets to be said by now."""
        with self.network.lock:
            self.network.agenda.run()
            if not self.plugged:
                return b""
            self._work_off()
            return self.voice.due()

    def next_due(self) -> float | None:
        """When there is something to say or to do, or None."""
        with self.network.lock:
            times = [self.network.agenda.next_due(), self.voice.next_due() if self.plugged else None]
            if self._backlog:
                times.append(self._busy_until)
            return min((time for time in times if time is not None), default=None)

    def _work_off(self) -> None:
        """Hear what came, as long as no command is being worked on."""
        while self._backlog and self.alive and self.now() >= self._busy_until:
            self._hear(self._backlog.pop(0))
            self._note_overrun(len(self._backlog))

    def _note_overrun(self, octets: int) -> None:
        """Count octets that came while a command is being worked on; some modems do not hear them."""
        if self.now() < self._busy_until:
            self.overruns += octets
            if self.profile.deaf_while_busy:
                self._backlog.clear()

    def _hear(self, octet: int) -> None:
        if self.settings["E"] == "1" and octet not in (_ESC, _CTRL_Z):
            self.voice.say(bytes([octet]))
        if self.ear.prompt and octet == _CR:
            self.voice.say(b"\r\n> ")
        heard = self.ear.hear(octet)
        if heard is not None:
            self._react(heard)
        elif octet == _CR and not self.ear.prompt:
            self.indications.release()

    def _react(self, heard: Heard) -> None:
        reply = Reply()
        if isinstance(heard, CommandLine):
            self._run_line(heard.text, reply)
        elif isinstance(heard, Entered):
            self._attempt(lambda: self._enter(heard.octets, reply), reply)
        self._answer(reply)

    # -- commands ---------------------------------------------------------------------------------------------------

    def _run_line(self, line: str, reply: Reply) -> None:
        self.commands.append(line)
        self.indications.hush(line)
        self.faults.fire(Moment.COMMAND, self, reply, line)
        if self.alive and reply.refusal is None:
            self._attempt(lambda: self._run_commands(line[2:], reply), reply)

    def _run_commands(self, line: str, reply: Reply) -> None:
        for command in parse(line):
            one = self._run(command)
            reply.absorb(one)
            if one.final != OK or one.prompt is not None:
                return

    def _run(self, command: Command) -> Reply:
        own = self._own_answer(command)
        if own is not None:
            return information(*own)
        handler = COMMANDS.get(command.name)
        if handler is None and command.form is Form.TEST and command.name in self._own_commands():
            return Reply()
        if handler is None or command.name in self.profile.lacking:
            raise Refusal
        return handler(self, command)

    def _own_commands(self) -> set[str]:
        return {re.split("[?=]", name)[0] for name in self.profile.answers}

    def _own_answer(self, command: Command) -> list[str] | None:
        """What this device alone says, or None."""
        answers, name = self.profile.answers, command.name + command.form.value
        if command.form is Form.SET and command.arguments:
            lines = answers.get(f'{name}"{command.arguments[0]}"', answers.get(name))
            if lines is not None:
                self.settings[command.name] = ",".join(command.arguments)
        else:
            lines = answers.get(name)
        if lines is None:
            return None
        values = {name: getattr(self.sim, name) for name in ("iccid", "imsi", "state", "pin_tries", "puk_tries")}
        return [line.format(**values) for line in lines]

    def _enter(self, octets: bytes, reply: Reply) -> None:
        entered, self._entered = self._entered, None
        if entered is None:
            raise Refusal
        try:
            entered(octets, reply)
        except Refusal:
            if self.profile.prompt_survives_error:
                self._entered = reply.prompt = entered
            raise

    def _attempt(self, action: Callable[[], None], reply: Reply) -> None:
        try:
            action()
        except Refusal as refusal:
            reply.lines.clear()
            reply.final = refusal.final(self.settings["+CMEE"], self.profile.unnumbered_codes)

    # -- answers ----------------------------------------------------------------------------------------------------

    def _answer(self, reply: Reply) -> None:
        """Say it when its time has come, as far as faults let it."""
        if not self.alive:
            return
        if reply.refusal is not None:
            reply.lines.clear()
            reply.prompt = None
            reply.final = Refusal(reply.refusal, "CMS").final(self.settings["+CMEE"], self.profile.unnumbered_codes)
        delay_s = self.command_delay_s + reply.delay_s
        self._busy_until = self.now() + delay_s
        if reply.prompt is not None:
            self._entered = reply.prompt
            self.ear.open_prompt()
        if not reply.lost:
            self.voice.say(self._octets(reply), delay_s + reply.late_s)
        if not self.ear.prompt:
            self.indications.release()
        if reply.then is not None:
            self.network.agenda.after(delay_s + _AFTERWARDS_S, reply.then)

    def _octets(self, reply: Reply) -> bytes:
        if reply.prompt is not None and reply.final == OK:
            return b"\r\n> "
        lines = [] if reply.bare else list(reply.lines)
        for position, line in enumerate(reply.interleaved):
            lines.insert(min(2 * position + 1, len(lines)), line)
        verbose, quiet = self.settings["V"] == "1", self.settings["Q"] == "1"
        information = "\r\n" + "\r\n".join(lines) + "\r\n" if lines else ""
        said = information.encode("latin-1", "replace") + reply.garbage
        if not quiet:
            said += (f"\r\n{reply.final}\r\n" if verbose else f"{_NUMERIC.get(reply.final, '4')}\r").encode()
        return said + "".join(f"\r\n{line}\r\n" for line in self.indications.behind_answers()).encode()

    def power_off(self) -> None:
        """Forget what was heard and what was to be said."""
        super().power_off()
        self._backlog.clear()
        self._busy_until = 0.0
        self._entered = None

    # -- the network's side -----------------------------------------------------------------------------------------

    def receive(self, tpdu: bytes) -> Verdict:
        """Take a TPDU that the service centre offers."""
        return Inbound(self).receive(tpdu)

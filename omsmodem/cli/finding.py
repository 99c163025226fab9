"""Finding the stick of a new service."""

from collections.abc import Callable
from dataclasses import dataclass

from omsmodem.modem import advice, discovery
from omsmodem.modem.discovery import Probe
from omsmodem.modem.machine import HOST, Machine, SerialLine, by_device


@dataclass(frozen=True, slots=True)
class Found:
    """A modem that can be used: where it is and what it said."""

    line: SerialLine
    probe: Probe

    @property
    def title(self) -> str:
        """Maker, model and IMEI for people."""
        identity = self.probe.identity
        words = " ".join(word for word in (identity.manufacturer, identity.model) if word) or "a modem"
        return f"{words} at {self.line.device}" + (f", IMEI {identity.imei}" if identity.imei else "")

    @property
    def lasting_device(self) -> str:
        """A name of its port that survives the next plug, where there is one."""
        return str(self.line.by_id or self.line.device)


def find(machine: Machine = HOST, probe: Callable[[str], Probe] = discovery.probe) -> tuple[list[Found], list[str]]:
    """The usable modems, the best port of each; and what is wrong with others, in words."""
    found, troubles = [], advice.unswitched(machine)
    for ports in by_device(discovery.candidates(machine)):
        probes = [(line, probe(str(line.device))) for line in ports]
        best = discovery.best(probes)
        if best is not None:
            found += [Found(line, one) for line, one in probes if one is best]
        else:
            troubles += [one.trouble for _, one in probes if one.trouble]
    return found, troubles

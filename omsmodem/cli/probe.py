"""modem probe: which port speaks AT, who has it, what to configure."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from omsmodem.modem import advice, discovery
from omsmodem.modem.discovery import Probe
from omsmodem.modem.holders import Grabbing, Holder, holders, modem_manager
from omsmodem.modem.machine import SerialLine, serial_lines


@dataclass(frozen=True, slots=True)
class _Finding:
    """One port: what the kernel knows, what it answered, who has it."""

    line: SerialLine | None
    probe: Probe
    holders: tuple[Holder, ...]
    grabbing: Grabbing

    def as_json(self) -> dict[str, object]:
        line = self.line
        return {
            "device": self.probe.device,
            "by_id": str(line.by_id) if line and line.by_id else None,
            "driver": line.driver if line else None,
            "usb": line.usb.ids if line and line.usb else None,
            "interface": line.interface if line else None,
            "answers": self.probe.answers,
            "identity": asdict(self.probe.identity),
            "sim": self.probe.sim,
            "pdu_mode": self.probe.pdu_mode,
            "indications": self.probe.indications,
            "trouble": self.probe.trouble,
            "holders": [asdict(holder) for holder in self.holders],
            "modem_manager": str(self.grabbing),
        }


@click.command("probe")
@click.option(
    "--device", "devices", multiple=True, help="A port to ask, though it may not be a modem's; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a port.")
def probe(devices: tuple[str, ...], as_json: bool) -> None:
    """Find the modems of this machine: which port speaks AT, who has it, what to configure.

    Only ports that are a modem's by their driver or maker are opened. Exit code 1: no usable modem was found.
    """
    findings = [_look(line, device) for line, device in _ports(devices)]
    if as_json:
        for finding in findings:
            click.echo(json.dumps(finding.as_json()))
    else:
        _show(findings)
    if not any(finding.probe.usable for finding in findings):
        sys.exit(1)


def _ports(devices: tuple[str, ...]) -> Iterator[tuple[SerialLine | None, str]]:
    if not devices:
        yield from ((line, str(line.device)) for line in discovery.candidates())
        return
    known = {line.device.resolve(): line for line in serial_lines()}
    for device in devices:
        yield (None if "://" in device else known.get(Path(device).resolve())), device


def _look(line: SerialLine | None, device: str) -> _Finding:
    """Who has a port is looked up first: while we probe, we have it ourselves."""
    found = () if "://" in device else tuple(holders(device))
    grabbing = modem_manager(line) if line else Grabbing.NO
    return _Finding(line, discovery.probe(device), found, grabbing)


def _show(findings: list[_Finding]) -> None:
    console = Console(highlight=False)
    if findings:
        table = Table(pad_edge=False)
        for name in ("port", "driver", "modem", "IMEI", "SIM", "SMS", "used by", "ModemManager"):
            table.add_column(name, overflow="fold", no_wrap=name == "IMEI")  # nothing of a value is cut off
        for finding in findings:
            table.add_row(*_row(finding))
        console.print(table)
    else:
        console.print("No port of this machine is a modem's. Name one with --device if you know better.")
    for words in (*_troubles(findings), *advice.unswitched()):
        console.print(f"• {words}", soft_wrap=True)
    for finding in _chosen(findings):
        _advise(finding)


def _row(finding: _Finding) -> tuple[str, ...]:
    line, one = finding.line, finding.probe
    return (
        one.device,
        line.driver if line else "",
        f"{one.identity.manufacturer} {one.identity.model}".strip() if one.answers else "no answer",
        one.identity.imei,
        one.sim,
        ("yes" if one.indications else "without indications") if one.usable else "no",
        ", ".join(map(str, finding.holders)),
        str(finding.grabbing),
    )


def _troubles(findings: list[_Finding]) -> list[str]:
    probes = [finding.probe for finding in findings if finding.probe.trouble]
    troubles = [f"{probe.device}: {probe.trouble.removeprefix(f'{probe.device} ')}" for probe in probes]
    if any(finding.grabbing is Grabbing.MAY_GRAB for finding in findings):
        troubles.append("ModemManager runs and may take a port away: install the rule below, or remove ModemManager")
    return troubles


def _chosen(findings: list[_Finding]) -> list[_Finding]:
    """The best port of each USB device, and every port that is on none."""
    alone = [finding for finding in findings if finding.line is None or finding.line.usb is None]
    chosen = [finding for finding in alone if finding.probe.usable]
    for usb in dict.fromkeys(finding.line.usb for finding in findings if finding.line and finding.line.usb):
        group = [finding for finding in findings if finding.line and finding.line.usb == usb]
        best = discovery.best([(finding.line, finding.probe) for finding in group if finding.line])
        chosen += [finding for finding in group if finding.probe is best]
    return chosen


def _advise(finding: _Finding) -> None:
    line, one = finding.line, finding.probe
    click.echo(f"\nFor the configuration ({one.identity.manufacturer} {one.identity.model} at {one.device}):\n")
    click.echo(advice.configuration(one.device, one.identity.imei, line.by_id if line else None))
    if line is not None and line.usb is not None:
        click.echo("As a udev rule (then: udevadm control --reload, and plug the modem in again):\n")
        click.echo(advice.udev_rule(line.usb, line.interface))

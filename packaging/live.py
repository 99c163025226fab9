"""The units as they are shipped, with their whole sandbox, under a systemd that runs."""

import json
import time
from pathlib import Path
from typing import Any

from boot import Machine, booted
from saying import expect, say, until

STICK_PORT = 18498
_DROP_IN = "/run/systemd/system/omsmodem.service.d"


def under_systemd(root: Path, uri: str, account: str, phone: str) -> None:
    """Boot a root in which the service is set up, with the SIM's PIN as a credential, and try what only systemd can show."""
    config = root / "etc/omsmodem/config.yaml"
    before = config.read_text()
    config.write_text(_with_a_stick_behind_tcp(before))
    (root / "etc/omsmodem/secrets/simpin").write_text("0000\n")
    say("booting")
    with booted(root) as machine:
        if machine is None:
            say("  - nothing was tried under systemd: it does not come up here")
        else:
            _serves(machine, uri, account, phone)
            _survives(machine)
            _serves_port_443(machine)
    config.write_text(before)


def _with_a_stick_behind_tcp(config: str) -> str:
    """The sandbox lets the service at sticks and at the network, not at a simulated terminal."""
    device = f'device: "socket://127.0.0.1:{STICK_PORT}"'
    return "\n".join(
        f"    {device}\n    pin_file: credential:simpin" if line.lstrip().startswith("device: ") else line
        for line in config.splitlines()
    )


def _serves(machine: Machine, uri: str, account: str, phone: str) -> None:
    machine.run(
        "systemd-run", "--unit=stick", "omsmodem", "simulate-modem", "--tcp", str(STICK_PORT), "--air-time", "0"
    )
    machine.run("systemctl", "restart", "omsmodem")  # it came up with the machine; now there is a stick
    expect(machine.unit("omsmodem", "ActiveState") == "active", "systemd hears READY")
    expect(machine.unit("omsmodem", "StatusText") == f"serving {uri}", "and what the service does")
    expect(until(lambda: _told(machine)["modems"][0]["state"] == "ready"), "the PIN came as a credential")
    machine.run("omsmodem", "send", "--account", account, "--to", phone, "Out of the sandbox")
    expect(until(lambda: _told(machine)["ledger"]["delivered"] == 2), "a text goes out of the sandbox")
    machine.run("systemctl", "reload", "omsmodem")
    machine.run("systemctl", "start", "omsmodem-renew.service")
    expect(machine.unit("omsmodem-renew", "Result") == "success", "the certificate's renewal runs in its own sandbox")


def _survives(machine: Machine) -> None:
    machine.run("mkdir", "-p", _DROP_IN)
    machine.run("sh", "-c", f"printf '[Service]\\nWatchdogSec=6s\\n' > {_DROP_IN}/soon.conf")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "omsmodem")
    time.sleep(10)
    expect(machine.unit("omsmodem", "NRestarts") == "0", "a service that lives feeds the watchdog")
    for signal, what in (("KILL", "a service that is killed"), ("STOP", "a service that hangs")):
        old = machine.unit("omsmodem", "MainPID")
        machine.run("kill", f"-{signal}", old)
        expect(until(lambda old=old: machine.unit("omsmodem", "MainPID") not in {old, "0"}), f"{what} is started again")
        expect(until(lambda: _told(machine)["running"]), "and serves")


def _serves_port_443(machine: Machine) -> None:
    machine.run("systemctl", "stop", "omsmodem")
    machine.run("systemctl", "start", "omsmodem.socket")
    machine.run("systemctl", "start", "omsmodem")
    asked = (
        "import ssl, urllib.request as r; c = ssl.create_default_context(cafile='/etc/omsmodem/tls/ca.crt');"
        "print(r.urlopen('https://localhost/healthz', context=c, timeout=20).status)"
    )
    expect(machine.run("python3", "-c", asked) == "200", "port 443 is served by way of the socket unit")
    machine.run("systemctl", "stop", "omsmodem")
    time.sleep(2)
    expect(machine.unit("omsmodem", "ActiveState") == "inactive", "a stop knocks at no socket of its own")
    expect(machine.unit("omsmodem", "Result") == "success", "and ends well")


def _told(machine: Machine) -> dict[str, Any]:
    return dict(json.loads(machine.run("omsmodem", "status", "--json", check=False)))

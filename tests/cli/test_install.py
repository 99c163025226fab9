"""`setup` makes a service of the machine: tried on the real system, whose files are laid over for the test and stay as they are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from omsmodem.cli import main

#: /etc and /var of this machine with a layer above that takes every change, and systemctl, which has nothing to talk to here.
NAMESPACE = """
set -e
mount --make-rprivate /
layers=$(mktemp -d -p {scratch}); mount -t tmpfs tmpfs $layers
for top in etc var; do
  mkdir $layers/$top.upper $layers/$top.work
  mount -t overlay overlay -o lowerdir=/$top,upperdir=$layers/$top.upper,workdir=$layers/$top.work /$top
done
mkdir $layers/bin; printf '#!/bin/sh\\necho "systemctl $*" >> {scratch}/systemctl\\n' > $layers/bin/systemctl
printf '#!/bin/sh\\n' > $layers/bin/udevadm; chmod +x $layers/bin/*
export PATH=$layers/bin:$PATH
"""
LOOK = """
stat -c '%a %U %G' /etc/omsmodem/config.yaml /var/lib/omsmodem /var/lib/omsmodem/accounts.json /etc/omsmodem/tls/ca.key
grep -c ID_MM_DEVICE_IGNORE /etc/udev/rules.d/77-omsmodem.rules
grep ExecStart= /etc/systemd/system/omsmodem.service
grep database: /etc/omsmodem/config.yaml
"""
SETUP = "{python} -m omsmodem setup --host localhost --modem /dev/null --account dana --country GB"


def run_in_layers(tmp_path: Path, script: str, stdin: str = "") -> str:
    """What a script prints in a world of its own."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "systemd-sysusers", "systemd-tmpfiles"))):
        pytest.skip("needs root, unshare and systemd's own tools")
    text = NAMESPACE.format(scratch=tmp_path) + script.replace("{python}", sys.executable)
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", text],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "mount: " in done.stderr or "unshare: " in done.stderr:
        pytest.skip("this machine lets nobody lay one file system over another")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(180)
def test_setup_offers_to_install_and_may_be_run_again(tmp_path: Path) -> None:
    """A yes writes unit, user, directories and rule; the second run asks nothing of it and keeps everything."""
    told = run_in_layers(tmp_path, f"{SETUP}\n{LOOK}{SETUP}\n{LOOK}", stdin="y\n8443\n\n")
    first, again = told.split("/etc/omsmodem/config.yaml is kept as it is.")
    assert "Make it a service of this machine (unit, user omsmodem, udev rule)?" in first
    assert "systemctl enable --now omsmodem omsmodem-renew.timer" in first
    assert "Make it a service" not in again
    assert "write /etc/systemd" not in again
    for run in (first, again):
        rights = [line for line in run.splitlines() if line[:4] in {"640 ", "700 ", "600 "}]
        assert rights == ["640 root omsmodem", "700 omsmodem omsmodem", "600 omsmodem omsmodem", "600 root root"]
        assert "serve --config /etc/omsmodem/config.yaml" in run
        assert 'database: "/var/lib/omsmodem/omsmodem.db"' in run
    assert "systemctl daemon-reload" in (tmp_path / "systemctl").read_text()


@pytest.mark.timeout(180)
def test_a_script_says_install(tmp_path: Path) -> None:
    """With --install nothing is asked; with --yes alone nothing is installed."""
    told = run_in_layers(tmp_path, f"{SETUP} --yes --install > {tmp_path}/told\n{LOOK}")
    assert "640 root omsmodem" in told
    told = run_in_layers(tmp_path, f"cd {tmp_path}; {SETUP} --yes; test ! -e /etc/systemd/system/omsmodem.service")
    assert "export OMSMODEM_CONFIG=" in told


def test_a_service_of_the_machine_has_its_own_place(tmp_path: Path) -> None:
    """Another directory would be one that the unit does not read."""
    result = CliRunner().invoke(main, ["setup", "--install", "--directory", str(tmp_path), "--yes"])
    assert result.exit_code == 2
    assert "leave --directory out" in result.output


def test_whoever_may_not_install_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is written."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = CliRunner().invoke(main, ["setup", "--install", "--yes"])
    assert result.exit_code == 1
    assert "this needs root: sudo omsmodem" in result.output

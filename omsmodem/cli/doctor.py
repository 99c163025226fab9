"""doctor: examines machine, stick, service and clients; every trouble comes with one remedy to copy."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from omsmodem import health, way_back
from omsmodem.accounts import AccountError, Accounts
from omsmodem.cli.cert import files_of
from omsmodem.cli.options import StoreFault, config_option, fitting, opened, read_config, running
from omsmodem.cli.screen import STYLES
from omsmodem.cli.status import survey_of
from omsmodem.config import Config
from omsmodem.doctor import MailServer, ModemPort, Patient, examine
from omsmodem.facts import Facts, Finding, plain, worst
from omsmodem.mail import Relay
from omsmodem.mail.errors import RelayDown
from omsmodem.modem import discovery
from omsmodem.periods import utc_now

_UNIT = "omsmodem.service"


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
def doctor(config_path: Path, as_json: bool) -> None:
    """Examine machine, stick, service and clients: each line is OK, WARN or FAIL with one remedy to copy.

    Exit code 0 when all is well, 1 for a warning, 2 when something is wrong.
    """
    config = read_config(config_path)
    findings: list[Finding] = []
    facts, thresholds = _facts(config)
    for finding in examine(
        _patient(config, config_path, facts), fitting(health.examine(facts, thresholds), config_path)
    ):
        findings.append(finding)
        if not as_json:
            _print(finding)
    level = worst(findings)
    if as_json:
        click.echo(json.dumps({"level": plain(level), "findings": plain(findings)}, ensure_ascii=False))
    raise SystemExit(int(level))


def _facts(config: Config) -> tuple[Facts, health.Thresholds]:
    """What is known of the service; little, where its store cannot be read."""
    now = utc_now()
    try:
        with opened(config) as store:
            survey = survey_of(config, store)
            return survey.facts(now), survey.thresholds()
    except StoreFault:
        return Facts(now=now, uri=config.service.uri, running=running(config) is not None), health.Thresholds()


def _patient(config: Config, config_path: Path, facts: Facts) -> Patient:
    storage, files = config.storage, files_of(config)
    return Patient(
        facts,
        modems=tuple(ModemPort(modem.name, modem.device or "", modem.imei or "") for modem in config.modems),
        database=storage.database,
        private_files=(
            *(config_path, storage.database, storage.accounts, files.key, files.authority_key),
            *config.secret_files(),
        ),
        certificate=files.certificate,
        key=files.key,
        authority=files.authority_pem,
        listen_address=config.listen.address,
        listen_port=config.listen.port,
        mail_door=(config.maildoor.address, config.maildoor.port) if config.maildoor.enabled else None,
        **_accounts(config),
        mail_server=_mail_server(config),
        probe=None if facts.running else discovery.probe,
        unit=_unit_properties,
        kernel_log=_kernel_log,
    )


def _mail_server(config: Config) -> MailServer | None:
    relay = way_back.relay(config)
    return MailServer(relay.host, partial(_sign_in, relay)) if relay is not None else None


def _sign_in(relay: Relay) -> str:
    try:
        relay.open().close()
    except RelayDown as error:
        return str(error)
    return ""


def _accounts(config: Config) -> dict[str, Any]:
    try:
        return {"accounts": sum(account.enabled for account in Accounts(config.storage.accounts).all())}
    except AccountError as error:
        return {"accounts_problem": str(error)}


def _output(*command: str) -> str:
    """What a program says; nothing where it is missing, slow or not allowed."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603 - the callers below
    return ""


def _unit_properties() -> Mapping[str, str]:
    wanted = "UnitFileState,IPAddressAllow,IPAddressDeny"
    lines = _output("systemctl", "show", _UNIT, f"--property={wanted}").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _kernel_log() -> list[str]:
    return _output("dmesg", "--since", "1 hour ago").splitlines()


def _print(finding: Finding) -> None:
    word: Any = finding.level.name
    colour = STYLES[word].split()[-1]
    click.echo(f"{click.style(f'{word:4}', fg=colour, bold=True)}  {finding.sentence}")
    if finding.remedy:
        click.echo(f"      {click.style('→ ' + finding.remedy, fg='cyan')}")
    sys.stdout.flush()

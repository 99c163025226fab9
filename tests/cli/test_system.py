"""A service of the machine without a Debian package."""

from pathlib import Path

from click.testing import CliRunner

from omsmodem.cli import main
from omsmodem.modem import udev


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, ["system", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_install_writes_what_the_package_would(tmp_path: Path) -> None:
    """Unit, user, directories and rule, with the program where it is."""
    told = run("install", "--root", tmp_path)
    unit = (tmp_path / "etc/systemd/system/omsmodem.service").read_text()
    assert "serve --config /etc/omsmodem/config.yaml" in unit
    assert "u omsmodem" in (tmp_path / "etc/sysusers.d/omsmodem.conf").read_text()
    assert (tmp_path / "etc/udev/rules.d/77-omsmodem.rules").read_text() == udev.rules()
    assert "omsmodem setup" in told


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """And says everything."""
    told = run("install", "--root", tmp_path, "--dry-run")
    assert "etc/systemd/system/omsmodem.service" in told
    assert list(tmp_path.iterdir()) == []


def test_remove_takes_away_what_install_wrote(tmp_path: Path) -> None:
    """And nothing else."""
    run("install", "--root", tmp_path)
    mine = tmp_path / "etc/systemd/system/other.service"
    mine.write_text("")
    run("remove", "--root", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_the_rule_names_every_maker_once() -> None:
    """ModemManager keeps off all of them."""
    text = udev.rules()
    assert text.count('ATTRS{idVendor}=="12d1", ENV{ID_MM_DEVICE_IGNORE}="1"') == 1
    assert text.endswith('LABEL="omsmodem_end"\n')

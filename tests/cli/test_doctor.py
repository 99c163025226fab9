"""The doctor goes round and says what to do."""

import json
from collections.abc import Callable

from omsmodem.app import Application
from tests.cli.conftest import Home


def test_every_line_has_a_word_and_every_trouble_a_remedy(home: Home) -> None:
    """OK, WARN or FAIL first; exit code 2 for a failure."""
    result = home.run("doctor")
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert "FAIL  The service does not run; messages in the queue wait." in lines
    assert any(line.startswith("OK    A client that trusts our authority accepts") for line in lines)
    for number, line in enumerate(lines):
        if line.startswith(("WARN", "FAIL")):
            assert lines[number + 1].startswith("      → ")


def test_json_for_scripts(home: Home, serving: Callable[[], Application]) -> None:
    """Level and findings, as status has them."""
    serving()
    answer = json.loads(home.run("doctor", "--json").stdout)
    assert answer["level"] in {"warn", "fail"}
    assert "service" in {finding["rule"] for finding in answer["findings"] if finding["level"] == "ok"}


def test_a_damaged_queue_does_not_stop_the_doctor(home: Home) -> None:
    """The patient who needs it most is examined too."""
    (home.directory / "omsmodem.db").write_bytes(b"this is no database, and long enough to be looked at" * 100)
    result = home.run("doctor")
    assert result.exit_code == 2
    assert "The queue cannot be trusted" in result.stdout
    assert "omsmodem restore" in result.stdout


def test_the_authority_is_looked_for_where_the_configuration_has_it(home: Home) -> None:
    """With tls.authority elsewhere its key is examined there, and clients trust what they import."""
    tls, other = home.directory / "tls", home.directory / "authority"
    other.mkdir()
    for name in ("ca.cer", "ca.crt", "ca.key"):
        (tls / name).rename(other / name)
    (other / "ca.key").chmod(0o644)
    config = home.directory / "config.yaml"
    config.write_text(config.read_text() + "\ntls:\n  authority: authority/ca.cer\n")
    said = home.run("doctor").stdout
    assert "A client that trusts our authority accepts" in said
    assert f"Others may read {other / 'ca.key'}." in said

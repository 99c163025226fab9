"""What was sent again can be seen wherever somebody looks: in `trace`, in `status`, and in a mail to its sender."""

from pathlib import Path

from click.testing import CliRunner

from omsmodem.cli import main
from tests.faults.kills import out
from tests.faults.world import World


def omsmodem(world: World, *arguments: str) -> str:
    """What a command says to a person, in this process."""
    runner = CliRunner(env={"OMSMODEM_CONFIG": str(world.home / "config.yaml"), "COLUMNS": "120"})
    return runner.invoke(main, arguments).stdout


def test_a_repeat_is_seen_in_trace_in_status_and_by_mail(tmp_path: Path, template: Path) -> None:
    """No answer, killed, sent again: each of the three says that it may have arrived twice."""
    with World(tmp_path / "office", template) as world:
        killed = out(world, "doubt.recorded")
        assert killed.verdict.marked == 1, killed
        (mail,) = world.wait(world.sink.messages)
        told = mail.get_body(("plain",)).get_content()
        trace, status = omsmodem(world, "trace", "1"), omsmodem(world, "status")
    assert "may have arrived twice" in str(mail["Subject"])
    assert "sent again and may have arrived twice" in told
    assert "it may have arrived twice" in trace
    assert "it may arrive twice" in trace, "the event of the decision"
    (line,) = (line for line in status.splitlines() if line.startswith("ERRORS"))
    assert "#1" in line
    assert "it may arrive twice" in line

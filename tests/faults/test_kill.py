"""kill -9 at every step of a message's way, out and back; and what the books would say of a service that broke a law."""

import signal
from pathlib import Path

import pytest

from tests.faults.doors import DOORS
from tests.faults.kills import SIGTERM, back, out, report
from tests.faults.world import PHONE, World

OUTLOOK, MAIL, SCRIPT = DOORS
#: A few steps for each run of the tests; every step by every door is tried by `make faults`.
BY_DOORS = [
    ("accept.begun", MAIL),
    ("accept.begun", SCRIPT),
    ("accept.kept", MAIL),
    ("accept.kept", SCRIPT),
    ("submit.handed_over", OUTLOOK),
    ("submit.recorded", MAIL),
    (SIGTERM, SCRIPT),
]


@pytest.mark.parametrize(("point", "door"), BY_DOORS)
def test_a_kill_on_the_way_out_loses_nothing_and_repeats_nothing_silently(
    point: str, door: str, tmp_path: Path, template: Path
) -> None:
    """Killed at the step, started again: the books agree, and only the radio window leaves a mark."""
    with World(tmp_path / "office", template) as world:
        killed = out(world, point, door)
    assert killed.good, killed


@pytest.mark.parametrize("point", ["incoming.read", "incoming.kept", "mail.sent"])
def test_a_kill_on_the_way_back_mails_each_answer_once(point: str, tmp_path: Path, template: Path) -> None:
    """Killed at the step, started again: the answer is mailed, and a second copy would have the same Message-ID."""
    with World(tmp_path / "office", template) as world:
        killed = back(world, point)
    assert killed.good, killed


def test_a_kill_behind_the_commit_of_a_report_costs_nothing(tmp_path: Path, template: Path) -> None:
    """Killed once it is on disk, started again: the message is delivered."""
    with World(tmp_path / "office", template) as world:
        killed = report(world, "incoming.kept")
    assert killed.good, killed


# -- the laws, broken on purpose: the books must say so -----------------------------------------------------------------


def test_promise_before_commit_would_be_found(tmp_path: Path, template: Path) -> None:
    """Law 1 broken: "ok" is said a moment before the commit, and a kill in between loses the message."""
    with World(tmp_path / "office", template) as world:
        world.serve(OMSMODEM_BROKEN_LAW="promise before commit")
        assert world.submit("promised")
        world.end(signal.SIGKILL)
        world.serve()
        assert world.books.verdict().lost


def test_act_before_intent_would_be_found(tmp_path: Path, template: Path) -> None:
    """Law 2 broken: Ctrl-Z before the intent is on disk, and a kill behind it repeats the segment silently."""
    with World(tmp_path / "office", template) as world:
        world.serve(OMSMODEM_BROKEN_LAW="act before intent", OMSMODEM_KILL_AT="submit.handed_over")
        assert world.submit("on the air")
        assert world.died()
        world.serve()
        assert world.wait(lambda: world.books.verdict().repeated)


def test_delete_before_commit_would_be_found(tmp_path: Path, template: Path) -> None:
    """Law 3 broken: deleted from the stick before it is on disk, and a kill in between loses the answer."""
    with World(tmp_path / "office", template) as world:
        world.serve(OMSMODEM_BROKEN_LAW="delete before commit", OMSMODEM_KILL_AT="incoming.read")
        world.fault(**{"do": "send", "from": PHONE, "text": "lost"})
        assert world.died()
        world.serve()
        world.sleep(60)
        assert world.mailed() == []

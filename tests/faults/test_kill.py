"""kill -9 at every step of a message's way, out and back; and what the books would say of a service that broke a law."""

import signal
from pathlib import Path

import pytest

from tests.faults.doors import DOORS
from tests.faults.kills import BACK, OUT, REPORT, SIGTERM, back, out, report
from tests.faults.world import PHONE, World

OUTLOOK, MAIL, SCRIPT = DOORS
#: Every step by one door; those around the promise, and one on the air, by all. The rest is for `make faults`.
BY_DOORS = [
    *((point, OUTLOOK) for point in OUT),
    *((point, door) for door in (MAIL, SCRIPT) for point in ("accept.begun", "accept.kept")),
    ("submit.handed_over", MAIL),
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


@pytest.mark.parametrize("point", BACK)
def test_a_kill_on_the_way_back_mails_each_answer_once(point: str, tmp_path: Path, template: Path) -> None:
    """Killed at the step, started again: the answer is mailed, and a second copy would have the same Message-ID."""
    with World(tmp_path / "office", template) as world:
        killed = back(world, point)
    assert killed.mails == 1, killed
    assert killed.replies == 1 or point == "mail.sent", killed


@pytest.mark.parametrize("point", REPORT)
def test_a_kill_on_a_reports_way_back_costs_at_most_the_report(point: str, tmp_path: Path, template: Path) -> None:
    """Killed at the step, started again: what is on disk is delivered; a report that was only heard leaves `submitted`."""
    with World(tmp_path / "office", template) as world:
        killed = report(world, point)
    assert killed.verdict.good, killed
    assert killed.states in ([("delivered",)] if point != "incoming.read" else [("delivered",), ("submitted",)]), killed


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

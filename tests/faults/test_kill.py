"""kill -9 at every step of a message's way, out and back; and what the books would say of a service that broke a law."""

import signal
from pathlib import Path

import pytest

from tests.faults.cells import ANSWER, LONG
from tests.faults.world import PHONE, World

OUT = ("accept.begun", "accept.kept", "submit.intended", "submit.handed_over", "submit.answered", "submit.recorded")
#: From an intent on disk until its answer is: only here a kill may leave a doubt. Recording one segment intends the next.
RADIO_WINDOW = {"submit.intended", "submit.handed_over", "submit.answered", "submit.recorded"}
BACK = ("incoming.read", "incoming.kept", "incoming.acknowledged", "mail.begun", "mail.sent", "mail.marked")


@pytest.mark.parametrize("point", OUT)
def test_a_kill_on_the_way_out_loses_nothing_and_repeats_nothing_silently(
    point: str, tmp_path: Path, template: Path
) -> None:
    """Killed at the step, started again: the books agree, and only the radio window leaves a mark."""
    with World(tmp_path / "office", template) as world:
        world.serve(OMSMODEM_KILL_AT=point)
        world.submit(LONG)
        assert world.died()
        world.serve()
        verdict = world.settled()
        assert verdict.good, verdict
        assert not verdict.unsettled, verdict
        assert not verdict.marked or point in RADIO_WINDOW, verdict


@pytest.mark.parametrize("point", BACK)
def test_a_kill_on_the_way_back_mails_each_answer_once(point: str, tmp_path: Path, template: Path) -> None:
    """Killed at the step, started again: the answer is mailed, and a second copy would have the same Message-ID."""
    with World(tmp_path / "office", template) as world:
        world.serve(OMSMODEM_KILL_AT=point)
        world.fault(**{"do": "send", "from": PHONE, "text": ANSWER})
        assert world.died()
        world.serve()
        assert world.wait(world.mailed) == [ANSWER] * len(world.mailed())
        world.sleep(20)
        ids = {message["Message-ID"] for message in world.sink.messages()}
        assert len(ids) == 1
        assert len(world.mailed()) == 1 or point == "mail.sent"


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

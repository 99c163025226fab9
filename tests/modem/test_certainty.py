"""Whatever happens on the line: what a submit says is true, by the network's own book."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.modem.errors import InDoubt, ModemError, NotSent, PortLost, PortUnavailable, Refused
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from tests.modem.simulated import World, tpdus

#: Faults that leave the outcome to be told truly; a refusal of something that was sent is the network's lie, not ours.
TROUBLE = st.one_of(
    st.none(),
    st.sampled_from(
        [
            {"do": "lost"},
            {"do": "lost", "on": "submit"},
            {"do": "late", "by_s": 30},
            {"do": "late", "by_s": 300},
            {"do": "bare_ok"},
            {"do": "refuse", "code": 38, "on": "submit"},
            {"do": "refuse", "code": 304, "on": "submit"},
            {"do": "refuse", "code": 500, "on": "submit"},
            {"do": "interleave", "count": 20},
            {"do": "garble", "octets": 80, "on": "command"},
            {"do": "noise", "octets": 200},
            {"do": "split", "gap_s": 0.002},
            {"do": "unplug", "on": "command", "for_s": 5},
            {"do": "unplug", "on": "submit", "for_s": 5},
            {"do": "unplug", "on": "taken", "for_s": 5},
            {"do": "hang", "for_s": 30},
            {"do": "hang", "on": "taken", "for_s": 30},
            {"do": "silence", "for_s": 30},
            {"do": "hold", "for_s": 30},
            {"do": "reboot"},
            {"do": "reboot", "on": "taken"},
            {"do": "network", "state": "searching", "for_s": 30},
        ]
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PROFILES)), st.lists(TROUBLE, min_size=1, max_size=4))
def test_what_a_submit_says_is_true(profile: str, troubles: list[dict[str, Any] | None]) -> None:
    """A reference means taken once, not sent means not taken, late evidence means taken; doubt is the only other word."""
    world = World(PROFILES[profile], command_delay_s=0.02)
    number = 0
    for trouble in troubles:
        if trouble is not None:
            perform(world.network, trouble)
        for _ in range(2):
            number += 1
            attempt(world, f"text {number}")
        world.pass_s(400)
    assert all(world.texts().count(text) == 1 for text in world.texts())


def attempt(world: World, text: str) -> None:
    (tpdu,) = tpdus(text)
    try:
        with world.connect() as session:
            gsm = Gsm(session)
            gsm.bring_up()
            try:
                reference = gsm.submit(tpdu)
                assert world.network.submissions[-1] == tpdu
                assert 0 <= reference <= 255
            except InDoubt:
                session.rest(200)
                if gsm.late_references():
                    assert tpdu in world.network.submissions
            except (NotSent, Refused, PortLost):
                assert tpdu not in world.network.submissions
    except (ModemError, PortUnavailable):
        pass  # it was not ready, or went away before anything was asked of it

"""Delivery reports that come while nobody listens, and those that never come."""

from dataclasses import replace

import pytest

from omsmodem.message import State
from omsmodem.modem.simulator.devices import GENERIC, HUAWEI_E173, QUECTEL_EC25, TELIT
from omsmodem.modem.simulator.profile import Profile
from tests.worker.world import World


@pytest.mark.parametrize("profile", [GENERIC, HUAWEI_E173, QUECTEL_EC25, TELIT], ids=lambda profile: profile.name)
def test_pain_22_a_report_that_comes_while_the_service_is_down_is_found_at_the_next_start(
    world: World, profile: Profile
) -> None:
    """Before the port is closed the modem is told to store reports: an upgrade costs none."""
    world.network.report_delay_s = 60.0
    front = world.modem(profile=profile)
    world.start()
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.SUBMITTED, 120)
    world.stop("front")
    world.run(600)
    assert world.state(message_id) is State.SUBMITTED
    world.back("front")
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 120)
    assert front.commands[-1] != "AT+CNMI=2,1,0,2,0"  # routed again while somebody listens


def test_a_modem_that_stores_no_reports_is_left_as_it_is(world: World) -> None:
    """It refuses, and the service stops all the same."""
    world.modem(profile=replace(GENERIC, report_modes=frozenset({"0", "1"})))
    world.start()
    world.run(30)
    world.stop("front")
    assert world.desks["front"].state == "absent"


@pytest.mark.parametrize("profile", [GENERIC, HUAWEI_E173, QUECTEL_EC25, TELIT], ids=lambda profile: profile.name)
def test_pain_22_a_report_that_the_network_held_for_a_modem_out_of_coverage_is_heard(
    world: World, profile: Profile
) -> None:
    """It comes the moment the network has the modem again, which is before the modem is ready to send."""
    world.modem(profile=profile)
    world.start()
    world.do("reports", delay_s=40)
    message_id = world.submit()
    assert world.run_until(lambda: world.state(message_id) is State.SUBMITTED, 120)
    world.do("network", state="searching")
    world.do("unplug", for_s=5)
    world.do("network", state="home", at=world.now + 60)
    assert world.run_until(lambda: world.state(message_id) is State.DELIVERED, 300)

"""A worker that waits comes round; one that hangs does not, and the watchdog learns of it."""

from tests.worker.world import World


def test_a_worker_stays_fresh_whatever_its_modem_does(world: World) -> None:
    """Idle for hours, without a network for hours, sending many segments: it always comes round."""
    front = world.modem()
    world.start()
    ages: list[bool] = []

    def look() -> None:
        ages.append(front.worker.fresh)

    for minute in range(0, 360, 7):
        world.at(minute * 60.0, look)
    world.at(3600.0, lambda: world.submit("tide " * 300))
    world.at(7200.0, lambda: setattr(world.network, "registered", False))
    world.run(360 * 60.0)
    assert len(ages) == 52
    assert all(ages)


def test_a_worker_that_does_not_come_round_is_not_fresh(world: World) -> None:
    """Its thread runs, and that is not enough."""
    front = world.modem()
    world.start()
    world.run(30)
    assert front.worker.fresh
    front.worker._carrying.came_round -= 1000
    assert front.worker.alive
    assert not front.worker.fresh

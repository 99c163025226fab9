"""Answers that may still come, told apart by TP-MR."""

from omsmodem.worker.latecomers import FORGOTTEN_S, Latecomers


def made() -> tuple[Latecomers, list[float]]:
    now = [0.0]
    return Latecomers(lambda: now[0]), now


def test_the_number_of_a_missing_answer_is_that_after_the_last_one() -> None:
    """255 is missing after 254: 0 is the next one's own, 255 is not."""
    late, _ = made()
    assert not late.came(254)
    late.gave_up()
    assert not late.came(0)
    assert late.came(255)
    assert not late.came(255)


def test_two_missing_answers_have_two_numbers() -> None:
    """The second one would name the number behind the first."""
    late, _ = made()
    late.came(7)
    late.gave_up()
    late.gave_up()
    assert late.came(9)
    assert late.came(8)
    assert not late.came(10)


def test_without_a_number_before_nothing_is_doubted() -> None:
    """A modem that never answered anything gives no number to know a late answer by."""
    late, _ = made()
    late.gave_up()
    assert not late.came(77)


def test_a_missing_answer_is_forgotten() -> None:
    """After a quarter of an hour, or when the stick was away."""
    late, now = made()
    late.came(7)
    late.gave_up()
    now[0] += FORGOTTEN_S
    assert not late.came(8)
    late.gave_up()
    late.none()
    assert not late.came(9)

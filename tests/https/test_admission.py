"""Who goes when another comes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from omsmodem.https.admission import Admission
from omsmodem.https.complaints import Complaints


@dataclass(eq=False)
class Guest:
    address: str
    shown: int | None = 0
    gone: list[bool] = field(default_factory=list)

    def worth(self) -> int | None:
        return self.shown

    def make_room(self) -> None:
        self.gone.append(True)


def test_the_oldest_of_the_least_worth_makes_room() -> None:
    """Silent ones first, then those that shook hands, then kept ones; never one that is served."""
    admission = Admission(in_all=100, per_address=4)
    served, kept, silent, shaken = (Guest("a", shown) for shown in (None, 2, 0, 1))
    for guest in (served, kept, silent, shaken):
        assert admission.admit(guest) == ""
    for victim in (silent, shaken, kept):
        assert admission.admit(Guest("a", None)) == ""
        assert victim.gone
    assert "4 connections from there are open and busy" in admission.admit(Guest("a"))
    assert not served.gone
    assert len(admission) == 4


def test_a_full_house_loses_somebody_of_the_largest_crowd() -> None:
    """One address with many connections pays for all."""
    admission = Admission(in_all=6, per_address=5)
    few = [Guest("a"), Guest("b")]
    many = [Guest("c") for _ in range(4)]
    for guest in (*few, *many):
        admission.admit(guest)
    assert admission.admit(Guest("d")) == ""
    assert many[0].gone
    assert not any(guest.gone for guest in few)


def test_leaving_twice_counts_once() -> None:
    """A victim leaves when it is chosen and again when it closes."""
    admission = Admission(in_all=4, per_address=1)
    first = Guest("a")
    admission.admit(first)
    admission.admit(Guest("a"))
    admission.leave(first)
    admission.leave(first)
    assert len(admission) == 1


def test_trusted_addresses_count_only_in_all() -> None:
    """A proxy speaks for many."""
    admission = Admission(in_all=3, per_address=1)
    assert [admission.admit(Guest("proxy", None), trusted=True) for _ in range(3)] == ["", "", ""]
    assert "3 connections are open and busy" in admission.admit(Guest("proxy"), trusted=True)


def test_a_flood_of_complaints_is_a_few_lines(log: Callable[[], list[str]]) -> None:
    """Five lines an address and forty in all in ten seconds, then how many were kept back."""
    now = 0.0
    complaints = Complaints(monotonic=lambda: now)
    for number in range(1000):
        complaints.note(f"192.0.2.{number % 50}", "connection ended")
    lines = log()
    assert len(lines) == 40
    assert sum("192.0.2.1 " in line for line in lines) <= 5
    now = 11.0
    complaints.note("192.0.2.1", "connection ended")
    assert log()[-2:] == ["960 more lines about clients were kept back", "from=192.0.2.1 connection ended"]

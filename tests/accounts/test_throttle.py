"""A guesser is stopped; the office on the same address is not."""

import json
from pathlib import Path

import pytest

from omsmodem.accounts import Account, Accounts, KnownPairs, SourcePaused, Throttle, ThrottleRules
from omsmodem.accounts.throttle import network_of

OFFICE = "192.0.2.10"
ELSEWHERE = "198.51.100.7"


class Plain:
    """A hasher that costs nothing and counts."""

    def __init__(self) -> None:
        self.compared: list[str] = []

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def matches(self, password_hash: str, password: str) -> bool:
        self.compared.append(password)
        return password_hash == f"hash of {password}"


class Office:
    """Accounts of dana and erik with a clock in hand."""

    def __init__(self, home: Path, known: KnownPairs | None = None) -> None:
        self.now = 1000.0
        self.hasher = Plain()
        self.known = known or KnownPairs(home / "known.json", clock=lambda: self.now)
        self.throttle = Throttle(ThrottleRules(), self.known, monotonic=lambda: self.now)
        self.accounts = Accounts(
            home / "accounts.json", throttle=self.throttle, hasher=self.hasher, monotonic=lambda: self.now
        )
        for name in ("dana", "erik"):
            if self.accounts.get(name) is None:
                self.accounts.add(Account(name=name), f"right for {name}")

    def outcome(self, name: str, password: str, source: str = OFFICE) -> str:
        try:
            return "in" if self.accounts.verify(name, password, source) else "wrong"
        except SourcePaused:
            return "paused"

    def guess(self, count: int, name: str = "dana", source: str = OFFICE) -> None:
        for number in range(count):
            self.outcome(name, f"guess {number} of {name}", source)

    def right(self, name: str = "dana", source: str = OFFICE) -> str:
        return self.outcome(name, f"right for {name}", source)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_thousand_guesses_in_a_minute_are_compared_a_few_times(office: Office) -> None:
    """The guesser gets a dozen or two looked at, whatever its pace."""
    for number in range(1000):
        office.now += 0.06
        office.outcome("dana", f"guess {number}")
    assert len(office.hasher.compared) <= 25


def test_a_guesser_with_many_names_is_stopped_too(office: Office) -> None:
    """Trying another name each time opens nothing but the few places that are kept for newcomers."""
    for number in range(1000):
        office.now += 0.06
        office.outcome(f"name {number}", "harbour")
    assert len(office.hasher.compared) <= 60


def test_guesses_from_the_own_address_stop_nobody_who_has_the_right_password(office: Office) -> None:
    """While and after a colleague's PC guesses a thousand times, everybody who works keeps working."""
    assert office.right("dana") == "in"
    for number in range(1000):
        office.outcome("dana", f"guess {number}")
        assert number % 50 or office.right("dana") == "in"
    assert office.right("dana") == "in"
    assert office.right("erik") == "in", "erik signs in there for the first time, in the middle of it"


def test_after_a_restart_the_office_is_still_known(tmp_path: Path) -> None:
    """Pairs of address and user are kept: guesses before the first call after a restart do not hold it up."""
    before = Office(tmp_path)
    assert before.right("dana") == "in"
    after = Office(tmp_path)
    after.guess(1000, "erik")
    assert after.right("dana") == "in"


def test_a_newcomer_whose_own_name_is_under_attack_gets_in_within_a_minute(office: Office) -> None:
    """Told to come again in a minute, a person does."""
    office.guess(1000)
    assert office.right() == "paused"
    office.now += 60
    assert office.right() == "in"


def test_a_stranger_who_guesses_elsewhere_does_not_touch_the_office(office: Office) -> None:
    """Each address is counted for itself."""
    office.guess(1000, source=ELSEWHERE)
    assert office.right() == "in"


def test_a_stranger_at_a_paused_address_learns_nothing_from_what_is_remembered(office: Office) -> None:
    """A right password from where its user has never signed in is not answered during a pause."""
    assert office.right("dana", OFFICE) == "in"
    office.guess(200, "dana", ELSEWHERE)
    assert office.right("dana", ELSEWHERE) == "paused"


def test_one_wrong_password_again_and_again_is_no_attack(office: Office) -> None:
    """A stale Outlook pauses nobody."""
    for _ in range(1000):
        assert office.outcome("dana", "last year's") == "wrong"
    assert office.right("erik") == "in"
    assert len(office.hasher.compared) == 2
    assert office.throttle.attackers() == []


def test_pauses_grow_and_are_forgotten_after_a_quiet_hour(office: Office) -> None:
    """30 s, 60 s, … 15 min, as long as it goes on; from the start after an hour without a wrong password."""
    lengths = []
    for number in range(7):
        office.guess(10, f"name {number}")
        lengths.append(max(int(str(entry["seconds"])) for entry in office.throttle.paused()))
        office.now += lengths[-1]
    assert lengths == [30, 60, 120, 300, 900, 900, 900]
    office.now += 3601
    office.guess(10, "afresh")
    assert office.throttle.paused()[0]["seconds"] == 30


def test_an_attack_is_said_once_an_hour(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Fifty different wrong passwords within an hour are an attack, also those nobody looked at."""
    office.guess(49)
    assert office.throttle.attackers() == []
    office.guess(500)
    assert office.throttle.attackers() == [OFFICE]
    office.now += 3700
    office.guess(500)
    assert len([line for line in caplog.messages if "50 different passwords" in line]) == 2


def test_a_clear_ends_every_pause(office: Office) -> None:
    """`user throttle clear` lets everybody in at once."""
    office.guess(100)
    assert office.right() == "paused"
    office.throttle.clear()
    assert office.throttle.paused() == []
    assert office.right() == "in"


def test_what_is_remembered_is_bounded(office: Office) -> None:
    """Addresses without end do not fill the memory."""
    for number in range(20_000):
        office.outcome("dana", f"guess {number}", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(office.throttle._buckets) <= 5000
    assert len(office.accounts._wrong) <= 2000


def test_known_addresses_are_forgotten_after_a_month(office: Office, tmp_path: Path) -> None:
    """Known for 30 days after the last sign-in, written at most once a day."""
    office.right()
    path = tmp_path / "known.json"
    first = path.read_text()
    office.now += 3600
    office.right()
    assert path.read_text() == first
    office.now += 29 * 86400
    assert office.known.has(OFFICE, "Dana")
    office.now += 86400
    assert not office.known.has(OFFICE, "dana")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["{", "[[1]]", "7", '{"a": 1}'])
def test_a_broken_file_of_known_addresses_starts_anew(tmp_path: Path, text: str) -> None:
    """It is a convenience; the service starts without it."""
    path = tmp_path / "known.json"
    path.write_text(text)
    pairs = KnownPairs(path)
    pairs.add(OFFICE, "dana")
    assert json.loads(path.read_text())[0][:2] == [OFFICE, "dana"]


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "local"),
    ],
)
def test_an_ipv6_network_is_one_source(source: str, network: str) -> None:
    """One household has 2^64 addresses and one bucket."""
    assert network_of(source) == network

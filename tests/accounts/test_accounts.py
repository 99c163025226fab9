"""The account file, its verification and what people may set."""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from omsmodem.accounts import KEYS, Account, AccountError, Accounts, HashingBusy, facts, shown, weakness
from omsmodem.accounts.file import replace_whole
from omsmodem.accounts.passwords import Argon2

PASSWORD = "a tide table by heart"


class Counting:
    """Argon2 that counts how often it compared, and may be held up."""

    def __init__(self, hold: Callable[[], object] = lambda: None) -> None:
        self._inner = Argon2()
        self._hold = hold
        self.compared = 0

    def hash(self, password: str) -> str:
        return self._inner.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        self.compared += 1
        self._hold()
        return self._inner.matches(password_hash, password)


@pytest.fixture
def hasher() -> Counting:
    return Counting()


@pytest.fixture
def accounts(tmp_path: Path, hasher: Counting) -> Accounts:
    made = Accounts(tmp_path / "accounts.json", hasher=hasher)
    made.add(Account(name="Dana"), PASSWORD)
    return made


def test_a_right_password_is_compared_once(accounts: Accounts, hasher: Counting) -> None:
    """Outlook sends the password with every call: only the first costs a hash, whatever the name's case."""
    for name in ("Dana", "dana", "DANA"):
        account = accounts.verify(name, PASSWORD)
        assert account is not None
        assert account.name == "Dana"
    assert hasher.compared == 1


def test_a_repeated_wrong_password_is_compared_once(accounts: Accounts, hasher: Counting) -> None:
    """A PC with a stale password costs one hash, not one a minute."""
    assert [accounts.verify("dana", "stale") for _ in range(100)] == [None] * 100
    assert hasher.compared == 1


def test_a_changed_password_takes_effect_at_once(accounts: Accounts, tmp_path: Path) -> None:
    """Changed by another process, the old one is refused and the new one accepted at the next call."""
    assert accounts.verify("dana", PASSWORD)
    assert accounts.verify("dana", "the new one") is None
    Accounts(tmp_path / "accounts.json").set_password("dana", "the new one")
    assert accounts.verify("dana", PASSWORD) is None
    assert accounts.verify("dana", "the new one")


def test_a_name_that_comes_back_is_not_held_to_old_answers(accounts: Accounts) -> None:
    """A password that was wrong while the name did not exist is right once it does."""
    assert accounts.verify("erik", PASSWORD) is None
    accounts.add(Account(name="erik"), PASSWORD)
    assert accounts.verify("erik", PASSWORD)


def test_an_unknown_name_costs_what_a_wrong_password_costs(accounts: Accounts, hasher: Counting) -> None:
    """Same number of hashes and the same kind of time: names cannot be found by asking."""

    def times(name: str) -> float:
        spent = []
        for number in range(7):
            started = time.perf_counter()
            accounts.verify(name, f"{name} {number}", source=f"192.0.2.{number}")
            spent.append(time.perf_counter() - started)
        return statistics.median(spent)

    known, unknown = times("dana"), times("nobody")
    assert hasher.compared == 14
    assert 1 / 3 < known / unknown < 3


def _at_once(ask: Callable[[int], object], count: int) -> None:
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_only_two_passwords_are_compared_at_once_and_few_wait(tmp_path: Path) -> None:
    """More than a handful of different sign-ins at the same moment are told to come again."""
    go, lock, inside, most = threading.Event(), threading.Lock(), 0, 0

    def hold() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        go.wait(30)
        with lock:
            inside -= 1

    accounts = Accounts(tmp_path / "accounts.json", hasher=Counting(hold))
    outcomes: list[str] = []

    def sign_in(number: int) -> None:
        try:
            outcomes.append("in" if accounts.verify(f"user {number}", PASSWORD, f"192.0.2.{number}") else "wrong")
        except HashingBusy:
            outcomes.append("busy")
            if outcomes.count("busy") == 4:
                go.set()

    _at_once(sign_in, 12)
    assert sorted(outcomes) == ["busy"] * 4 + ["wrong"] * 8
    assert most <= 2


def test_an_office_that_is_switched_on_at_once_costs_one_hash_a_user(accounts: Accounts, hasher: Counting) -> None:
    """Fifty calls with the same password at the same moment all get in, and one comparison is made."""
    answers: list[object] = []
    _at_once(lambda number: answers.append(accounts.verify("dana", PASSWORD, f"192.0.2.{number}")), 50)
    assert len(answers) == 50
    assert all(answers)
    assert hasher.compared == 1


def test_long_passwords_are_wrong_without_work(accounts: Accounts, hasher: Counting) -> None:
    """What is longer than any password we keep is not hashed."""
    assert accounts.verify("dana", "x" * 100_000) is None
    assert hasher.compared == 0


@pytest.mark.parametrize("password", ["", "x" * 129])
def test_what_is_no_password_is_refused(accounts: Accounts, password: str) -> None:
    """Empty and endless ones are refused with the bounds."""
    with pytest.raises(AccountError, match="1 to 128 characters"):
        accounts.set_password("dana", password)


def test_a_password_is_taken_as_it_is(accounts: Accounts) -> None:
    """Spaces at its ends and any script belong to it."""
    accounts.set_password("dana", "  Gezeitentafel 潮汐表 ")
    assert accounts.verify("dana", "  Gezeitentafel 潮汐表 ")
    assert accounts.verify("dana", "Gezeitentafel 潮汐表") is None


def test_the_file_is_private_and_knows_no_password(accounts: Accounts, tmp_path: Path) -> None:
    """0600, argon2id hashes, nothing else that helps a thief; the owner of an old file stays its owner."""
    path = tmp_path / "accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in path.read_text()
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in path.read_text()
    assert PASSWORD not in str(facts(accounts.all()[0]))
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        accounts.set("dana", "footer", "Harbour office")
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12345)


def test_a_file_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    """Keys that a file does not have take their defaults."""
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps({"accounts": [{"name": "dana", "reply_phone": "+447700900111"}]}))
    account = Accounts(path).get("dana")
    assert account == Account(name="dana", reply_phone="+447700900111")


@pytest.mark.parametrize("text", ["", "{", '{"accounts": [{"nam": 1}]}', '{"accounts": [7]}', "[]"])
def test_a_broken_file_is_said_in_words(tmp_path: Path, text: str) -> None:
    """The path and what is wrong, never another kind of error."""
    path = tmp_path / "accounts.json"
    path.write_text(text)
    with pytest.raises(AccountError, match="is no account file"):
        Accounts(path).all()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("enabled", "off", False),
        ("operator", "on", True),
        ("reply_phone", "+447700900123", "+447700900123"),
        ("smtp_address", "dana@harbour.example", "dana@harbour.example"),
        ("when_uncertain", "hold", "hold"),
        ("delivery_confirmation", "all", "all"),
        ("segments_per_day", "200", 200),
        ("segments_per_day", "", None),
        ("countries_allowed", "GB, IE", ("GB", "IE")),
        ("deny_prefixes", "+44900,+44871", ("+44900", "+44871")),
        ("blocked_sources", "reminder, calSummary", ("reminder", "calSummary")),
        ("quiet_hours", "22:00-06:00", "22:00-06:00"),
        ("footer", "Harbour office", "Harbour office"),
        ("keywords", "tide, harbour", ("tide", "harbour")),
        ("owns_numbers", "+447700900, 22922", ("+447700900", "22922")),
        ("contacts", "Erik=+447700900222, Night desk = 22922", {"Erik": "+447700900222", "Night desk": "22922"}),
    ],
)
def test_keys_are_set_from_what_people_type(
    accounts: Accounts, tmp_path: Path, key: str, text: str, value: object
) -> None:
    """The value is kept on disk, and reads back as it may be typed again."""
    accounts.set("dana", key, text)
    kept = Accounts(tmp_path / "accounts.json").get("dana")
    assert kept is not None
    assert getattr(kept, key) == value
    assert KEYS[key].read(shown(value)) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("enabled", "perhaps"),
        ("reply_phone", "07700 900123"),
        ("smtp_address", "dana@harbour.example, erik@harbour.example"),
        ("smtp_address", "dana@harbour.example\nBcc: x@x.example"),
        ("when_uncertain", "resent"),
        ("segments_per_day", "-1"),
        ("segments_per_day", "١٢"),
        ("countries_allowed", "England"),
        ("deny_prefixes", "0900"),
        ("blocked_sources", "all"),
        ("quiet_hours", "at night"),
        ("footer", "two\nlines"),
        ("contacts", "Erik"),
        ("contacts", "Erik=tomorrow"),
        ("password_hash", "x"),
        ("name", "erik"),
    ],
)
def test_a_wrong_value_changes_nothing(accounts: Accounts, key: str, text: str) -> None:
    """The sentence names the key; the account stays as it was."""
    before = accounts.get("dana")
    with pytest.raises(AccountError, match=key):
        accounts.set("dana", key, text)
    assert accounts.get("dana") == before


def test_every_field_but_the_secret_ones_may_be_set() -> None:
    """A field nobody can set would be dead."""
    assert set(KEYS) == set(Account.__slots__) - {"name", "password_hash"}


@pytest.mark.parametrize(
    "password",
    [
        "tide&74",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd!",
        "123456789012345",
        "qwertyuiopasdfghjkl",
        "aaaaaaaaaaaaaaaaaaaa",
        "danadanadanadana1",
        "Summer2026Summer2026",
        "abcdefghijklmnop",
    ],
)
def test_easy_passwords_are_called_so(password: str) -> None:
    """Short ones, common words, rows of keys, the own name, repeats."""
    assert weakness(password, "dana")


@pytest.mark.parametrize("password", ["a tide table by heart", "Vier Möwen, ein Kran!", "xK4vTq9wLm2sRd7pBn5z"])
def test_good_passwords_are_let_be(password: str) -> None:
    """A sentence of one's own is a good password."""
    assert weakness(password, "dana") == ""


def test_a_file_that_cannot_be_replaced_leaves_no_copy_behind(tmp_path: Path) -> None:
    """What holds password hashes, or fills a disk, does not stay under another name."""
    path = tmp_path / "accounts.json"
    path.mkdir()
    with pytest.raises(OSError):
        replace_whole(path, [])
    assert list(tmp_path.iterdir()) == [path]

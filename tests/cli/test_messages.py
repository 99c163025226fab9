"""send: what a person queues by hand."""

from tests.cli.conftest import Home

NUMBERS = ("--to", "07700 900222", "--to", "12")


def test_what_was_accepted_is_said_also_where_the_refused_cannot_be_counted(home: Home) -> None:
    """The message is on disk: whoever is told of a failure would send it again."""
    store = home.store()
    with store.database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON tally WHEN NEW.what = 'refused'"
            " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    store.close()
    result = home.run("send", "--account", "dana", *NUMBERS, "hello")
    assert result.stdout.split() == ["1"]
    assert "refused 12" in result.stderr


def test_accounts_that_cannot_be_read_are_said_in_a_sentence(home: Home) -> None:
    """And nothing is queued."""
    (home.directory / "accounts.json").write_text("[]")
    result = home.run("send", "--account", "dana", *NUMBERS, "hello")
    assert result.exit_code == 1
    assert "is no account file" in result.stderr
    assert result.stdout == ""

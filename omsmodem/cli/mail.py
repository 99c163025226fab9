"""mail list · retry · test: the mails that tell people of replies and failures."""

from datetime import UTC, datetime
from pathlib import Path

import click

from omsmodem import way_back
from omsmodem.cli.groups import Group
from omsmodem.cli.messages import nudge
from omsmodem.cli.objects import notice_facts, print_objects
from omsmodem.cli.options import config_option, json_option, limit_option, opened, read_config
from omsmodem.cli.screen import clock_time, table
from omsmodem.mail.errors import MailError
from omsmodem.mail.letter import write
from omsmodem.message import MailNotice, NoticeKind, NoticeState
from omsmodem.periods import zone_of


@click.group(cls=Group)
def mail() -> None:
    """The mails that tell people of replies, failures and alarms."""


@mail.command("list")
@config_option
@click.option("--all", "all_", is_flag=True, help="Also those that were sent.")
@limit_option
@json_option
def list_mails(config_path: Path, all_: bool, limit: int, as_json: bool) -> None:
    """List the mails that wait or could not be sent, newest first, with the reason."""
    states = tuple(NoticeState) if all_ else (NoticeState.GATHERING, NoticeState.WAITING, NoticeState.KEPT)
    with opened(read_config(config_path)) as store:
        found = store.notices.newest(states, limit)
    if as_json:
        print_objects(map(notice_facts, found))
        return
    table(
        ("ID", "Since", "Kind", "For", "State", "Tries", "Why"),
        (
            (n.id, clock_time(n.created_at), n.kind, n.account or "-", n.state, n.attempts, n.last_error or n.subject)
            for n in found
        ),
    )


@mail.command()
@config_option
@click.argument("ids", nargs=-1, type=int, metavar="[MAIL]…")
@click.option("--all", "all_", is_flag=True, help="Every mail that could not be sent.")
def retry(config_path: Path, ids: tuple[int, ...], all_: bool) -> None:
    """Send mails again that could not be sent, once the reason is gone."""
    if bool(ids) == all_:
        raise click.UsageError("Give the numbers of mails, or --all.")
    config = read_config(config_path)
    with opened(config) as store:
        wanted = ids or tuple(notice.id for notice in store.notices.newest((NoticeState.KEPT,), 1_000_000))
        vain = [notice_id for notice_id in wanted if not store.notices.send_again(notice_id)]
    nudge(config)
    for notice_id in vain:
        click.echo(f"mail {notice_id} is none that could not be sent", err=True)
    click.echo(f"{len(wanted) - len(vain)} to be sent again")
    if vain:
        raise SystemExit(1)


@mail.command("test")
@config_option
@click.argument("address")
def send_test(config_path: Path, address: str) -> None:
    """Send a mail to ADDRESS now, as the service would."""
    config = read_config(config_path)
    relay = way_back.relay(config)
    if relay is None:
        raise click.ClickException("no mail server is configured: set mail.host and mail.sender")
    head = way_back.letterhead(config, zone_of(config.limits.timezone))
    now = datetime.now(UTC)
    notice = MailNotice(0, NoticeKind.ALARM, NoticeState.WAITING, "", now, now, f"test-{now:%Y%m%d%H%M%S}")
    text = "This mail was sent by `omsmodem mail test`: replies and failures can reach this mailbox."
    try:
        written = write(head, notice, [address], f"[{head.sender_name}] Test", text)
        conversation = relay.open()
        try:
            conversation.send(written)
        finally:
            conversation.close()
    except MailError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{relay.host} took a mail for {address}")

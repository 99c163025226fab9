"""What a person decides on a page, as moves of the store."""

from omsmodem.store import Store
from omsmodem.store.errors import IllegalMove
from omsmodem.web.house import House
from omsmodem.web.http import Refused
from omsmodem.web.pages import Pages
from omsmodem.web.viewer import Viewer

#: name → what is said when it is done
DONE = {
    "hold": "is held until it is released",
    "release": "is back in the queue",
    "cancel": "is cancelled",
    "retry": "will be tried again now",
    "resend": "will be sent again; it may arrive twice",
    "sent": "is taken as sent",
    "give-up": "is given up",
}


def act(house: House, viewer: Viewer, message_id: int, name: str) -> str:
    """Do it and return the sentence to show. Raises Refused."""
    message = Pages(house).seen(viewer, message_id)
    if name not in DONE:
        raise Refused("404 Not Found", "This page is not there.")
    if name not in viewer.acts(message):
        return f"Message {message_id} is {message.state}: that cannot be done with it now."
    try:
        _carry_out(house, house.store, viewer.name, message_id, name)
    except IllegalMove as error:  # it moved on while this person looked at it
        return f"{str(error)[0].upper()}{str(error)[1:]}."
    house.nudge()
    return f"Message {message_id} {DONE[name]}."


def _carry_out(house: House, store: Store, by: str, message_id: int, name: str) -> None:
    match name:
        case "hold":
            store.desk.hold(message_id, by)
        case "release":
            store.desk.release(message_id, by)
        case "cancel":
            store.desk.cancel(message_id, by)
        case "retry":
            store.desk.retry(message_id, by, house.clock() + house.validity)
        case "resend":
            store.desk.resend(message_id, by)
        case "sent":
            store.desk.take_as_sent(message_id, by)
        case "give-up":
            store.desk.give_up(message_id, by)

"""What a person decides on a page, as moves of the store."""

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
        house.store.desk.act(name, message_id, viewer.name, house.clock() + house.validity)
    except IllegalMove as error:  # it moved on while this person looked at it
        return f"{str(error)[0].upper()}{str(error)[1:]}."
    house.nudge()
    return f"Message {message_id} {DONE[name]}."

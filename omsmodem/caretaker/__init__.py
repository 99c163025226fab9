"""Looks after the service: once a minute it tells people what is wrong, and does the chores of the day."""

from omsmodem.caretaker.alarming import Alarming
from omsmodem.caretaker.caretaker import Caretaker
from omsmodem.caretaker.chores import Daily

__all__ = ["Alarming", "Caretaker", "Daily"]

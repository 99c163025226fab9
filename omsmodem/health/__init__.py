"""What is wrong and why, in words: rules over facts. Pure: no I/O, no clock of its own.

Each rule looks at one thing and yields a finding for what somebody should know; a healthy service yields none.
"""

from omsmodem.health.messages import time_to_go, why_it_waits
from omsmodem.health.modems import BLOCKED, steps_in_words
from omsmodem.health.rules import RULES, examine
from omsmodem.health.thresholds import Thresholds

__all__ = ["BLOCKED", "RULES", "Thresholds", "examine", "steps_in_words", "time_to_go", "why_it_waits"]

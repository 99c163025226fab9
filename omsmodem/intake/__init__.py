"""The one gate every door passes: authorise, normalise, limit, deduplicate, commit."""

from omsmodem.intake.gate import Intake
from omsmodem.intake.limits import Limits
from omsmodem.intake.sources import QuietHours

__all__ = ["Intake", "Limits", "QuietHours"]

"""Pages for a browser: operators see how the service is and decide about messages; everybody sees their own messages.

Rendered here and complete without script. The rest of the service comes in through `house.House`.
"""

from omsmodem.web.house import House
from omsmodem.web.wsgi import WebApplication

__all__ = ["House", "WebApplication"]

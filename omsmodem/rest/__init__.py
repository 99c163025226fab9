"""The door for scripts and monitoring: JSON over the HTTPS service, tokens in place of passwords, signed webhooks."""

from omsmodem.rest.application import PREFIX, House, RestApplication
from omsmodem.rest.tokens import SCOPES, Bearers, issue
from omsmodem.rest.webhooks import Hook, Webhook

__all__ = ["PREFIX", "SCOPES", "Bearers", "Hook", "House", "RestApplication", "Webhook", "issue"]

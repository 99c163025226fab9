"""What schemathesis makes of the document's format `phone-number`: its pattern has the form, numbers that exist only people know."""

import schemathesis
from hypothesis.strategies import from_regex

schemathesis.openapi.format("phone-number", from_regex(r"\+4477009[0-9]{5}", fullmatch=True))

"""What the service costs a small box."""

import subprocess
import sys


def test_what_most_services_never_use_is_not_loaded() -> None:
    """A service without a mail door, whose pages nobody opened, has not loaded the libraries of these."""
    large = "{'aiosmtpd', 'cryptography', 'inscriptis', 'jinja2', 'prometheus_client', 'rich'}"
    program = f"import sys, omsmodem.cli.service; print(sorted({large} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[]"

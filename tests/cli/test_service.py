"""A start that fails says what to do about it."""

import socket
import subprocess
import sys

from tests.cli.conftest import Home


def serve(home: Home) -> subprocess.CompletedProcess[str]:
    """A start that ends by itself."""
    command = [sys.executable, "-m", "omsmodem", "serve", "--config", str(home.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_that_is_taken(home: Home) -> None:
    """By whom can be found out, and which port is ours is the configuration's to say."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        text = home.config.read_text().replace(
            "  port: 0\n", f"  port: {taken.getsockname()[1]}\n  address: 127.0.0.1\n"
        )
        home.config.write_text(text)
        result = serve(home)
    assert result.returncode == 1
    assert "Address already in use" in result.stderr
    assert "`ss -ltnp` names it" in result.stderr


def test_a_certificate_that_cannot_be_served(home: Home) -> None:
    """With the two commands that help."""
    (home.directory / "tls" / "server.crt").write_text("no certificate")
    result = serve(home)
    assert result.returncode == 1
    assert "cannot be served" in result.stderr
    assert "`omsmodem cert check` says more" in result.stderr


def test_a_secret_that_is_not_there(home: Home) -> None:
    """The key that names the file is named."""
    text = home.config.read_text().replace("    device:", "    pin_file: none\n    device:")
    home.config.write_text(text)
    result = serve(home)
    assert result.returncode == 1
    assert "modems.pin_file names" in result.stderr

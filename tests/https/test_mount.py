"""Which application answers which path."""

from typing import Any

import pytest

from omsmodem.https.mount import Mount


def named(name: str) -> Any:
    def application(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [name.encode()]

    return application


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/", "oms"),
        ("/OMS/Service.asmx", "oms"),
        ("/api/v1/messages", "rest"),
        ("/API/v1/status", "rest"),
        ("/api/v1", "pages"),
        ("/api/v10", "pages"),
        ("/status", "pages"),
    ],
)
def test_a_path_is_matched_whole_or_as_a_tree(path: str, answers: str) -> None:
    """`/api/v1/*` has all below it, every other entry its own path, and the rest is the pages'."""
    mount = Mount({"/": named("oms"), "/oms/service.asmx": named("oms"), "/api/v1/*": named("rest")}, named("pages"))
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.7"}
    assert b"".join(mount(environ, lambda *_: None)).decode() == answers

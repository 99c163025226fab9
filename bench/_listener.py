"""A cheroot with stock TLS, to measure beside: `python -m bench._listener PORT CERTIFICATE KEY [DATABASE]`, until it is killed.

Bare, it answers constant octets to a request it does not look at. With a database it is the least that a durable answer costs in
this language: both XML documents are parsed and one row is committed, and nothing is checked.
"""

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from lxml import etree

_ANSWER = b"x" * 600


def _look_away(_octets: bytes) -> None:
    """Bare."""


def _keeper(path: str) -> Callable[[bytes], None]:
    """What parses a DeliverXms and keeps its texts in the database at `path`, on disk before it returns."""
    lock = threading.Lock()
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "CREATE TABLE kept (texts TEXT)"):
        database.execute(statement)

    def keep(octets: bytes) -> None:
        document = etree.fromstring(etree.fromstring(octets).findtext(".//{*}xmsData"))
        texts = " ".join(element.text or "" for element in document.iter())
        with lock:
            database.execute("INSERT INTO kept VALUES (?)", (texts,))  # a commit by itself

    return keep


def main(port: str, certificate: str, key: str, database: str = "") -> None:
    """Serve."""
    handle = _keeper(database) if database else _look_away

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        handle(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(_ANSWER)))])
        return [_ANSWER]

    server = wsgi.Server(("127.0.0.1", int(port)), application, numthreads=12, request_queue_size=64)
    server.keep_alive_conn_limit = 256
    server.ssl_adapter = BuiltinSSLAdapter(certificate, key)
    server.start()


if __name__ == "__main__":
    main(*sys.argv[1:])

-- Who asked for an account and waits for the operator.

CREATE TABLE account_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    mail TEXT NOT NULL,
    phone TEXT NOT NULL,
    source TEXT NOT NULL,
    asked_at INTEGER NOT NULL
);

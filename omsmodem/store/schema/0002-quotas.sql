-- A message's cost in segments, and the ways to what was spent.

ALTER TABLE message ADD COLUMN segments INTEGER NOT NULL DEFAULT 1;
CREATE INDEX message_spent_by ON message (account, accepted_at);
CREATE INDEX message_spent ON message (accepted_at);

-- What each account was last told of the service's properties.
CREATE TABLE announced (account TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;

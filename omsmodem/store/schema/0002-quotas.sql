-- A message's cost in segments, and what was spent, by account (*: everybody) and quarter of an hour of acceptance.

ALTER TABLE message ADD COLUMN segments INTEGER NOT NULL DEFAULT 1;
ALTER TABLE message ADD COLUMN given_back INTEGER NOT NULL DEFAULT 0; -- failed, expired, cancelled: segments that never left
CREATE INDEX message_spent_by ON message (account, accepted_at);

CREATE TABLE spent (
    account TEXT NOT NULL,
    quarter INTEGER NOT NULL, -- milliseconds since 1970 / 900000
    segments INTEGER NOT NULL,
    PRIMARY KEY (account, quarter)
) WITHOUT ROWID;
-- The same by whole days (of UTC), so that a month is added up from days and not from quarters.
CREATE TABLE spent_day (
    account TEXT NOT NULL,
    day INTEGER NOT NULL, -- quarter / 96
    segments INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) WITHOUT ROWID;
CREATE TRIGGER spent_day_first AFTER INSERT ON spent BEGIN
    INSERT INTO spent_day VALUES (NEW.account, NEW.quarter / 96, NEW.segments)
        ON CONFLICT (account, day) DO UPDATE SET segments = segments + excluded.segments;
END;
CREATE TRIGGER spent_day_more AFTER UPDATE OF segments ON spent BEGIN
    UPDATE spent_day SET segments = segments + NEW.segments - OLD.segments
        WHERE account = NEW.account AND day = NEW.quarter / 96;
END;
CREATE TRIGGER spent_accept AFTER INSERT ON message BEGIN
    INSERT INTO spent VALUES (NEW.account, NEW.accepted_at / 900000, NEW.segments), ('*', NEW.accepted_at / 900000, NEW.segments)
        ON CONFLICT (account, quarter) DO UPDATE SET segments = segments + excluded.segments;
END;
CREATE TRIGGER spent_give_back AFTER UPDATE OF state ON message
    WHEN NEW.state IN ('failed', 'expired', 'cancelled') AND OLD.state NOT IN ('failed', 'expired', 'cancelled') BEGIN
    UPDATE message SET given_back = segments - (
            SELECT count(*) FROM segment WHERE message_id = NEW.id AND segment.state NOT IN ('pending', 'refused'))
        WHERE id = NEW.id;
END;
CREATE TRIGGER spent_again AFTER UPDATE OF state ON message
    WHEN OLD.state IN ('failed', 'expired', 'cancelled') AND NEW.state NOT IN ('failed', 'expired', 'cancelled') BEGIN
    UPDATE message SET given_back = 0 WHERE id = NEW.id;
END;
CREATE TRIGGER spent_count AFTER UPDATE OF given_back ON message WHEN NEW.given_back <> OLD.given_back BEGIN
    UPDATE spent SET segments = segments + OLD.given_back - NEW.given_back
        WHERE account IN (NEW.account, '*') AND quarter = NEW.accepted_at / 900000;
END;

-- What each account was last told of the service's properties.
CREATE TABLE announced (account TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;

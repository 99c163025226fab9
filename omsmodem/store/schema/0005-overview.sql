-- Ways to look things up, and counts by quarter of an hour: a day of any time zone is a sum of few rows.

CREATE INDEX message_state ON message (state, id);
CREATE INDEX message_owner ON message (account, state, id);
CREATE INDEX message_number ON message (substr(recipient, -7), id);

CREATE TABLE tally (
    quarter INTEGER NOT NULL, -- milliseconds since 1970 / 900000
    what TEXT NOT NULL, -- accepted, segments, or the state that messages came into
    count INTEGER NOT NULL,
    PRIMARY KEY (quarter, what)
) WITHOUT ROWID;
CREATE TRIGGER tally_accept AFTER INSERT ON message BEGIN
    INSERT INTO tally VALUES (NEW.accepted_at / 900000, 'accepted', 1)
        ON CONFLICT (quarter, what) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tally_move AFTER UPDATE OF state ON message
    WHEN OLD.state <> NEW.state AND NEW.state NOT IN ('queued', 'submitting') BEGIN
    INSERT INTO tally VALUES (NEW.updated_at / 900000, NEW.state, 1)
        ON CONFLICT (quarter, what) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tally_segment AFTER UPDATE OF state ON segment WHEN NEW.state = 'submitted' AND OLD.state <> 'submitted' BEGIN
    INSERT INTO tally VALUES (NEW.submitted_at / 900000, 'segments', 1)
        ON CONFLICT (quarter, what) DO UPDATE SET count = count + 1;
END;

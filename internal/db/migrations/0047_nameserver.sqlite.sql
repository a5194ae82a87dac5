-- +goose Up

-- The zones that the built-in name server answers for. version is that of the state
-- when the zone was last changed, serial what the world sees. One that is gone is not
-- answered for any more.
CREATE TABLE nameserver_zone (
    name TEXT NOT NULL PRIMARY KEY,
    serial INTEGER NOT NULL,
    version INTEGER NOT NULL,
    gone INTEGER NOT NULL
) STRICT;
CREATE INDEX nameserver_zone_version ON nameserver_zone (version);

-- All records of one name and type. rdata is a JSON array of what a zone file says.
CREATE TABLE nameserver_set (
    zone TEXT NOT NULL REFERENCES nameserver_zone (name),
    name TEXT NOT NULL,
    record_type TEXT NOT NULL,
    ttl INTEGER NOT NULL,
    rdata TEXT NOT NULL,
    PRIMARY KEY (zone, name, record_type)
) STRICT, WITHOUT ROWID;

-- One row: how often zones were changed, and by which name servers they are answered
-- for. Whoever changes a zone takes the next version last, so that versions are seen
-- in their order.
CREATE TABLE nameserver_state (
    only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
    version INTEGER NOT NULL,
    servers TEXT NOT NULL
) STRICT;
INSERT INTO nameserver_state (only_one, version, servers) VALUES (1, 0, '');

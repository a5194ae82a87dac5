-- +goose Up

-- The zones that the built-in name server answers for. version is that of the state
-- when the zone was last changed, serial what the world sees. One that is gone is not
-- answered for any more.
CREATE TABLE nameserver_zone (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    serial bigint NOT NULL,
    version bigint NOT NULL,
    gone boolean NOT NULL
);
CREATE INDEX nameserver_zone_version ON nameserver_zone (version);

-- All records of one name and type. rdata is a JSON array of what a zone file says.
CREATE TABLE nameserver_set (
    zone text COLLATE "C" NOT NULL REFERENCES nameserver_zone (name),
    name text COLLATE "C" NOT NULL,
    record_type text COLLATE "C" NOT NULL,
    ttl bigint NOT NULL,
    rdata text NOT NULL,
    PRIMARY KEY (zone, name, record_type)
);

-- One row: how often zones were changed, and by which name servers they are answered
-- for. Whoever changes a zone takes the next version last, so that versions are seen
-- in their order.
CREATE TABLE nameserver_state (
    only_one boolean NOT NULL PRIMARY KEY CHECK (only_one),
    version bigint NOT NULL,
    servers text NOT NULL
);
INSERT INTO nameserver_state (only_one, version, servers) VALUES (TRUE, 0, '');

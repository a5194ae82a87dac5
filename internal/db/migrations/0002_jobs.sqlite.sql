-- +goose Up

-- Nothing wrote to the table yet.
DROP TABLE job;

-- Long work that somebody watches, and the queue of it. A queued job may be taken
-- when run_at is past. While it runs, claim is the only pass to write to it, and
-- worker_id says which process has it. state is what its handler goes on from.
-- failures counts the goes in a row that ended with an error, interruptions those
-- that died with their process. step, done and total are what it began, went on or
-- ended with; in between, job_progress has them.
CREATE TABLE job (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    store_id BLOB,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    args TEXT NOT NULL,
    state TEXT,
    step TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    result TEXT,
    error TEXT,
    failures INTEGER NOT NULL,
    interruptions INTEGER NOT NULL,
    run_at TEXT NOT NULL,
    claim BLOB,
    worker_id BLOB,
    created_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;
CREATE INDEX job_queued ON job (run_at, id) WHERE status = 'queued';
CREATE INDEX job_running ON job (id) WHERE status = 'running';
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;

-- How far a running job is. It is a row of its own because a job's transaction
-- writes its outcome to job, which nobody else may have changed meanwhile.
CREATE TABLE job_progress (
    job_id BLOB PRIMARY KEY,
    step TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is done again and again, and when the next time is.
CREATE TABLE job_chore (
    name TEXT PRIMARY KEY,
    next_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

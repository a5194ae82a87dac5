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
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id),
    store_id uuid,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    args text NOT NULL,
    state text,
    step text NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    result text,
    error text,
    failures bigint NOT NULL,
    interruptions bigint NOT NULL,
    run_at timestamptz NOT NULL,
    claim uuid,
    worker_id uuid,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX job_queued ON job (run_at, id) WHERE status = 'queued';
CREATE INDEX job_running ON job (id) WHERE status = 'running';
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;

-- How far a running job is. It is a row of its own because a job's transaction
-- writes its outcome to job, which nobody else may have changed meanwhile.
CREATE TABLE job_progress (
    job_id uuid PRIMARY KEY,
    step text NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL
);

-- What is done again and again, and when the next time is.
CREATE TABLE job_chore (
    name text COLLATE "C" PRIMARY KEY,
    next_at timestamptz NOT NULL
);

-- +goose Up

-- The job that a file is for; none while it is still on its way. The file goes when
-- its job has ended.
ALTER TABLE upload ADD COLUMN job_id BLOB;

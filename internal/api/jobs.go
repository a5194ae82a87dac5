package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/job"
)

// Job is work in the background.
type Job struct {
	ID         string   `json:"id" format:"uuid"`
	Kind       string   `json:"kind" doc:"What it does." example:"clone"`
	Status     string   `json:"status" enum:"queued,running,succeeded,failed"`
	Progress   Progress `json:"progress"`
	Result     any      `json:"result" doc:"What came of it; null until it has succeeded."`
	Error      *string  `json:"error" doc:"One sentence about why it failed; null unless it has."`
	CreatedAt  string   `json:"created_at" format:"date-time"`
	FinishedAt *string  `json:"finished_at" format:"date-time"`
}

// Progress says how far a job is.
type Progress struct {
	Done  int    `json:"done"`
	Total int    `json:"total" doc:"What done counts up to; 0 while that is not known."`
	Step  string `json:"step" doc:"What is being done." example:"products"`
}

func toJob(j job.Job) Job {
	out := Job{
		ID: j.ID.String(), Kind: j.Kind, Status: string(j.Status), Progress: Progress{Done: j.Done, Total: j.Total, Step: j.Step},
		CreatedAt: utc(j.CreatedAt), FinishedAt: utcOrNull(j.FinishedAt),
	}
	if j.Result != nil {
		out.Result = j.Result
	}
	if j.Error != "" {
		out.Error = &j.Error
	}
	return out
}

// Accepted says which job does what was asked for.
type Accepted struct {
	JobID string `json:"job_id" format:"uuid" doc:"See GET /jobs/{job_id}."`
}

// accepted answers with a job that was enqueued.
func accepted(j job.ID) *answer[any] {
	return &answer[any]{Status: http.StatusAccepted, Location: base + "/jobs/" + j.String(), Body: Accepted{JobID: j.String()}}
}

type jobPath struct {
	ID job.ID `path:"job_id" format:"uuid" doc:"The job's id."`
}

func (a *API) jobRoutes() {
	const tag = "Jobs"
	register(a, route{
		method: http.MethodGet, path: "/jobs/{job_id}", id: "get-job", tag: tag, guard: a.jobExists,
		summary: "Show a job", detail: "Finished jobs can be seen for 30 days.",
	}, a.getJob)
	register(a, route{
		method: http.MethodGet, path: "/jobs/{job_id}/events", id: "watch-job", tag: tag, guard: a.jobExists, long: true,
		summary: "Watch a job", detail: "Server-sent events: the job in `data`, as it is and each time it has changed. The stream ends when the job has finished.",
		good: []good{{http.StatusOK, "A stream whose events have this in their data, as JSON.", events{Job{}}}},
	}, a.watchJob)
}

func (a *API) jobExists(ctx context.Context) error {
	j, err := pathID[job.ID](ctx, "job_id")
	if err == nil {
		_, err = a.Jobs.Get(ctx, caller(ctx).ID.UUID, j)
	}
	return err
}

func (a *API) getJob(ctx context.Context, in *jobPath) (*answer[Job], error) {
	j, err := a.Jobs.Get(ctx, caller(ctx).ID.UUID, in.ID)
	return shown(j, err, toJob)
}

func (a *API) watchJob(ctx context.Context, in *jobPath) (*huma.StreamResponse, error) {
	if _, err := a.Jobs.Get(ctx, caller(ctx).ID.UUID, in.ID); err != nil {
		return nil, err
	}
	return a.stream(func(ctx context.Context, send func(any)) {
		for j, err := range a.Jobs.Watch(ctx, caller(ctx).ID.UUID, in.ID) {
			if err != nil {
				logStreamError(ctx, err)
				return
			}
			send(toJob(j))
		}
	}), nil
}

package main

import "context"

func migrate(ctx context.Context, _ args) error {
	_, d, err := open(ctx)
	if err != nil {
		return err
	}
	return d.Close()
}

package main

import (
	"context"
	"errors"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// worker takes each task, works as long as it says, and reports.
func worker(ctx context.Context, c config) error {
	tasks, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer tasks.Close()
	results, err := zmq.NewPush(ctx)
	if err != nil {
		return err
	}
	defer results.Close()
	if err := errors.Join(tasks.Connect(c.tasks), results.Connect(c.sink)); err != nil {
		return err
	}
	for task, err := range tasks.Messages(ctx) {
		if err != nil {
			return err
		}
		work, err := time.ParseDuration(task.PopString() + "ms")
		if err != nil {
			return err
		}
		time.Sleep(work)
		if err := results.SendString(ctx, "done"); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"context"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// worker takes each task, works as long as it says, and reports.
func worker(ctx context.Context) {
	tasks, results := must(zmq.NewPull(ctx)), must(zmq.NewPush(ctx))
	defer tasks.Close()
	defer results.Close()
	check(tasks.Connect(*tasksAt))
	check(results.Connect(*sinkAt))
	for task, err := range tasks.Messages(ctx) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		time.Sleep(must(time.ParseDuration(task.PopString() + "ms")))
		check(results.SendString(ctx, "done"))
	}
}

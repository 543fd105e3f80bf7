package zmq_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/zmq"
)

// withoutNoise makes the output of an example the same each time.
func withoutNoise(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, "peer", "endpoint", "error":
		return slog.Attr{}
	}
	return a
}

// A program that logs with log/slog gets the core's lines there.
func ExampleWithSlog() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutNoise}))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	pull, _ := zmq.NewPull(ctx, zmq.WithSlog(log))
	endpoint, _ := pull.Bind("tcp://127.0.0.1:*")
	push, _ := zmq.NewPush(ctx)
	_ = push.Connect(endpoint)
	_ = push.SendString(ctx, "hello")
	_, _ = pull.Recv(ctx)
	pull.Close()
	push.Close()
	// Output: level=DEBUG msg="connection ended" type=PULL event=ZA0421
}

// A program whose slog should end in zerolog uses zerolog's own handler, and gives
// the core the zerolog logger behind it.
func Example_slogToZerolog() {
	var lines strings.Builder
	z := zerolog.New(&lines)
	log := slog.New(zerolog.NewSlogHandler(z))
	log.Info("starting")

	pull, _ := zmq.NewPull(context.Background(), zmq.WithLogger(z))
	pull.Close()
	fmt.Println(strings.Contains(lines.String(), `"message":"starting"`))
	// Output: true
}

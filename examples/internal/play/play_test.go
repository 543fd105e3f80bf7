package play

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo answers what it hears, after a second.
func echo(ctx context.Context, out io.Writer, args []string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	if _, err := rep.Bind(args[0]); err != nil {
		return err
	}
	for m, err := range rep.Messages(ctx) {
		if err != nil {
			return nil
		}
		fmt.Fprintln(out, "heard", m)
		time.Sleep(time.Second)
		if err := rep.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func ask(ctx context.Context, out io.Writer, args []string) error {
	req, err := zmq.NewReq(ctx)
	if err != nil {
		return err
	}
	defer req.Close()
	if err := req.Connect(args[0]); err != nil {
		return err
	}
	for _, text := range args[1:] {
		if err := req.SendString(ctx, text); err != nil {
			return err
		}
		answer, err := req.RecvString(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, answer)
	}
	return nil
}

func TestTwoPrograms(t *testing.T) {
	const at = "tcp://10.0.0.1:5555"
	On(t, zmqtest.Faults{Delay: time.Millisecond}, func(s *Stage) {
		server := s.Start(echo, at)
		client := s.Start(ask, at, "one", "two")
		if found := server.Expect("heard.*(t.o)"); found[1] != "two" {
			t.Errorf("%q", found)
		}
		client.Want("one\ntwo\n")
		server.Crash()
		again := s.Start(echo, at)
		s.Start(ask, at, "three").Want("three\n")
		again.Interrupt()
	})
}

// Helpers sends and receives what programs really have: text, JSON, values of Go,
// and messages of several parts. Python's binding has a method for each; here a
// message is bytes, and the standard library does the rest in a line.
//
//	go run ./examples/helpers receive
//	go run ./examples/helpers send
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/go-zactor/zactor/zmq"
)

// city is sent as JSON, which every language reads, and as an object, which stays
// among programs in Go.
type city struct {
	Name   string `json:"name"`
	People int    `json:"people"`
}

func send(ctx context.Context, endpoint string, objects bool) error {
	s, err := zmq.NewPush(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer s.Shutdown(ctx) // waits until all have been sent, or for Ctrl-C
	text, err := json.Marshal(city{"Bern", 134_794})
	if err != nil {
		return err
	}
	err = errors.Join(s.Connect(endpoint), s.SendString(ctx, "grüezi"), s.SendBytes(ctx, text), s.SendString(ctx, "one", "", "three"))
	if err != nil || !objects {
		return err
	}
	var object bytes.Buffer
	if err := gob.NewEncoder(&object).Encode(city{"Basel", 173_863}); err != nil {
		return err
	}
	return s.SendBytes(ctx, object.Bytes())
}

func receive(ctx context.Context, out io.Writer, endpoint string, objects bool) error {
	s, err := zmq.NewPull(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Bind(endpoint); err != nil {
		return err
	}
	text, err := s.RecvString(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "string:", text)
	m, err := s.Recv(ctx)
	if err != nil {
		return err
	}
	var c city
	if err := json.Unmarshal(m.Pop(), &c); err != nil {
		return err
	}
	fmt.Fprintf(out, "JSON: %s %d\n", c.Name, c.People)
	if m, err = s.Recv(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "parts: %q\n", m.Frames)
	if !objects {
		return nil
	}
	if m, err = s.Recv(ctx); err != nil {
		return err
	}
	if err := gob.NewDecoder(bytes.NewReader(m.Pop())).Decode(&c); err != nil {
		return err
	}
	fmt.Fprintf(out, "object: %s %d\n", c.Name, c.People)
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	flags := flag.NewFlagSet("helpers", flag.ContinueOnError)
	objects := flags.Bool("objects", true, "also send, and expect, a value of Go")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch endpoint := cmp.Or(flags.Arg(1), "tcp://127.0.0.1:5579"); flags.Arg(0) {
	case "send":
		err = send(ctx, endpoint, *objects)
	case "receive":
		err = receive(ctx, out, endpoint, *objects)
	default:
		return errors.New("usage: helpers [-objects=false] send|receive [endpoint]")
	}
	if ctx.Err() != nil {
		return nil // Ctrl-C
	}
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

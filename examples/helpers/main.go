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

func main() {
	objects := flag.Bool("objects", true, "also send, and expect, a value of Go")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch endpoint := cmp.Or(flag.Arg(1), "tcp://127.0.0.1:5579"); flag.Arg(0) {
	case "send":
		send(ctx, endpoint, *objects)
	case "receive":
		receive(ctx, endpoint, *objects)
	default:
		log.Fatal("usage: helpers [-objects=false] send|receive [endpoint]")
	}
}

func send(ctx context.Context, endpoint string, objects bool) {
	s := must(zmq.NewPush(context.Background()))
	defer s.Shutdown(ctx) // waits until all have been sent, or for Ctrl-C
	check(s.Connect(endpoint))
	check(s.SendString(ctx, "grüezi"))
	check(s.SendBytes(ctx, must(json.Marshal(city{"Bern", 134_794}))))
	check(s.SendString(ctx, "one", "", "three"))
	if objects {
		var object bytes.Buffer
		check(gob.NewEncoder(&object).Encode(city{"Basel", 173_863}))
		check(s.SendBytes(ctx, object.Bytes()))
	}
}

func receive(ctx context.Context, endpoint string, objects bool) {
	s := must(zmq.NewPull(ctx))
	defer s.Close()
	must(s.Bind(endpoint))
	fmt.Println("string:", must(s.RecvString(ctx)))
	var c city
	check(json.Unmarshal(next(ctx, s), &c))
	fmt.Printf("JSON: %s %d\n", c.Name, c.People)
	fmt.Printf("parts: %q\n", must(s.Recv(ctx)).Frames)
	if objects {
		check(gob.NewDecoder(bytes.NewReader(next(ctx, s))).Decode(&c))
		fmt.Printf("object: %s %d\n", c.Name, c.People)
	}
}

// next receives a message of one part.
func next(ctx context.Context, s *zmq.Socket) []byte {
	m := must(s.Recv(ctx))
	return m.Pop()
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	switch {
	case errors.Is(err, context.Canceled): // Ctrl-C, which is no failure
		os.Exit(0)
	case err != nil:
		log.Fatal(err)
	}
}

// Command crowd is a crowd of clients that connect, send one message each and shut
// down, and the server that it comes to; beside it stand strangers that connect and say
// nothing. Its tests, and the record that it makes, are of one promise: what a client's
// Shutdown did not report as unsent has been delivered.
//
//	go run ./internal/crowd          # the record: every mechanism, beside libzmq
//	go run ./internal/crowd -n 500   # a small one
//
// The quiet half of the record means something on a quiet machine only.
//
// Each side is a process of its own that prints one line of JSON at its end. The server
// prints its endpoint and key first, and ends with its standard input.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// job is what the flags ask for.
type job struct {
	Role      string
	Mechanism string // null, plain or curve
	N         int
	Strangers int
	Only      string // the mechanism that is recorded; empty: all
	Machine   string // on which: quiet, busy, or empty for both
	Endpoint  string
	Key       string // the server's public key, for curve
	Backlog   int
	Places    int           // for handshakes; 0: the default
	Verify    time.Duration // that the store of passwords takes for each
	Stay      bool          // strangers come again when they are cut
	Patience  time.Duration
}

func (j *job) parse(args []string) error {
	f := flag.NewFlagSet("crowd", flag.ContinueOnError)
	f.StringVar(&j.Role, "role", "record", "record, server, clients, both, strangers or spin")
	f.StringVar(&j.Mechanism, "mechanism", "null", "null, plain or curve")
	f.IntVar(&j.N, "n", 5000, "number of clients or strangers")
	f.IntVar(&j.Strangers, "strangers", -1, "number of strangers in a record; -1: as many as clients")
	f.StringVar(&j.Only, "only", "", "the mechanism to record; empty: all")
	f.StringVar(&j.Machine, "machine", "", "quiet or busy: the half to record; empty: both")
	f.StringVar(&j.Endpoint, "endpoint", "tcp://127.0.0.1:*", "where the server is")
	f.StringVar(&j.Key, "key", "", "the server's public key")
	f.IntVar(&j.Backlog, "backlog", 0, "the server's backlog; 0: the default")
	f.IntVar(&j.Places, "places", 0, "the server's places for handshakes; 0: the default")
	f.DurationVar(&j.Verify, "verify", 500*time.Millisecond, "time that the check of a password takes")
	f.BoolVar(&j.Stay, "stay", false, "strangers connect again when they are cut")
	f.DurationVar(&j.Patience, "patience", 2*time.Minute, "bound of everything")
	return f.Parse(args)
}

func main() {
	var j job
	err := j.parse(os.Args[1:])
	if err == nil {
		err = j.run(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
}

func (j *job) run(in io.Reader, out io.Writer) error {
	raiseLimit()
	switch j.Role {
	case "record":
		return record(j, out)
	case "server":
		return server(j, in, out)
	case "clients":
		return clients(j, out)
	case "both":
		return both(j, out)
	case "strangers":
		return strangers(j, in, out)
	case "spin":
		return spin(in)
	}
	return fmt.Errorf("role %q: it is record, server, clients, both, strangers or spin", j.Role)
}

// say prints v as one line of JSON.
func say(out io.Writer, v any) error { return json.NewEncoder(out).Encode(v) }

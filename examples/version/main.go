// Version prints the version of the library, and the versions of the protocol that
// it, and whoever else is asked, speaks. The peer may be on any implementation of
// ZeroMQ: the greeting with which every connection begins says it.
//
//	go run ./examples/version
//	go run ./examples/version 192.0.2.7:5555
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// library is the version of this module that the program was built with.
func library() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "github.com/go-zactor/zactor" && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}

// protocol greets a peer and reads the version in the greeting it answers with: two
// bytes behind the ten of the signature, as RFC 23 says.
func protocol(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	hello := make([]byte, 64) // ZMTP 3.1, mechanism NULL, a client
	hello[0], hello[9], hello[10], hello[11] = 0xff, 0x7f, 3, 1
	copy(hello[12:], "NULL")
	if _, err := c.Write(hello); err != nil {
		return "", err
	}
	answer := make([]byte, 12)
	if _, err := io.ReadFull(c, answer); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d.%d", answer[10], answer[11]), nil
}

func run(ctx context.Context, out io.Writer, args []string) error {
	rep, err := zmq.NewRep(ctx)
	if err != nil {
		return err
	}
	defer rep.Close()
	own, err := rep.Bind("tcp://127.0.0.1:*")
	if err != nil {
		return err
	}
	for i, address := range append([]string{strings.TrimPrefix(own, "tcp://")}, args...) {
		version, err := protocol(ctx, address)
		switch {
		case ctx.Err() != nil:
			return nil // Ctrl-C
		case err != nil:
			return err
		case i == 0:
			fmt.Fprintf(out, "zactor %s, ZMTP %s\n", library(), version)
		default:
			fmt.Fprintf(out, "%s: ZMTP %s\n", address, version)
		}
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

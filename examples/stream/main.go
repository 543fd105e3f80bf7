// Stream is a web server of one socket: a STREAM talks to programs that know nothing
// of ZeroMQ, such as a browser. Every page says how often it was asked for.
//
//	go run ./examples/stream http tcp://127.0.0.1:8080
//
// and then open http://127.0.0.1:8080/ in a browser.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// maxRequest is how much of a request is kept until it is whole.
const maxRequest = 16 << 10

// serve answers requests until it is interrupted.
func serve(ctx context.Context, out io.Writer, endpoint string) error {
	s, err := zmq.NewStream(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	defer s.Close() // sends what is due
	bound, err := s.Bind(endpoint)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "listening at", bound)

	requests := map[string]string{} // so far, by connection
	visits := map[string]int{}      // by page
	for m, err := range s.Messages(ctx) {
		if err != nil {
			return err
		}
		id, piece := m.PopString(), m.PopString()
		so, known := requests[id]
		switch {
		case piece == "" && known: // it has gone
			delete(requests, id)
			continue
		case piece == "": // it has come
			requests[id] = ""
			continue
		case !known: // it has its answer
			continue
		}
		so += piece
		requests[id] = so
		if !strings.Contains(so, "\r\n\r\n") && len(so) < maxRequest {
			continue // the rest is still to come
		}
		delete(requests, id)
		// Neither a visitor who has left nor one who does not read is waited for.
		_ = s.TrySend(msg.NewString(id, answer(out, so, visits)))
		_ = s.TrySend(msg.NewString(id, "")) // the end of the connection
	}
	return nil
}

// answer is what a request gets.
func answer(out io.Writer, request string, visits map[string]int) string {
	fields := strings.Fields(request)
	if len(fields) < 3 || fields[0] != "GET" || !strings.HasPrefix(fields[2], "HTTP/") {
		return page("400 Bad Request", "Only GET is answered here.")
	}
	path := fields[1]
	if len(visits) < 1000 || visits[path] > 0 {
		visits[path]++
	}
	fmt.Fprintln(out, "visit", visits[path], "of", path)
	return page("200 OK", fmt.Sprintf("This is visit %d of %s.", visits[path], html.EscapeString(path)))
}

func page(status, text string) string {
	body := "<!doctype html><title>STREAM</title><h1>" + text + "</h1>\n"
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, len(body), body)
}

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) == 0 || args[0] != "http" {
		return errors.New("usage: stream http [endpoint]")
	}
	err := serve(ctx, out, cmp.Or(append(args, "")[1], "tcp://127.0.0.1:8080"))
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

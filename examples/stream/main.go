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
	"flag"
	"fmt"
	"html"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if flag.Arg(0) != "http" {
		log.Fatal("usage: stream http [endpoint]")
	}
	serve(ctx, cmp.Or(flag.Arg(1), "tcp://127.0.0.1:8080"))
}

// maxRequest is how much of a request is kept until it is whole.
const maxRequest = 16 << 10

// serve answers requests until it is interrupted.
func serve(interrupt context.Context, endpoint string) {
	s := must(zmq.NewStream(context.Background()))
	defer s.Close() // sends what is due
	fmt.Println("listening at", must(s.Bind(endpoint)))

	requests := map[string]string{} // so far, by connection
	visits := map[string]int{}      // by page
	for m, err := range s.Messages(interrupt) {
		if err != nil {
			return // interrupted
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
		_ = s.TrySend(msg.NewString(id, answer(so, visits)))
		_ = s.TrySend(msg.NewString(id, "")) // the end of the connection
	}
}

// answer is what a request gets.
func answer(request string, visits map[string]int) string {
	fields := strings.Fields(request)
	if len(fields) < 3 || fields[0] != "GET" || !strings.HasPrefix(fields[2], "HTTP/") {
		return page("400 Bad Request", "Only GET is answered here.")
	}
	path := fields[1]
	if len(visits) < 1000 || visits[path] > 0 {
		visits[path]++
	}
	fmt.Println("visit", visits[path], "of", path)
	return page("200 OK", fmt.Sprintf("This is visit %d of %s.", visits[path], html.EscapeString(path)))
}

func page(status, text string) string {
	body := "<!doctype html><title>STREAM</title><h1>" + text + "</h1>\n"
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, len(body), body)
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

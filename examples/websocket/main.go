// Websocket shows the messages of a publisher in a browser, live: the page speaks ZMTP
// over WebSocket (RFC 45) by itself, with nothing in between.
//
//	go run ./examples/websocket
//
// and then open the page that it names, in as many windows as you like. Another address
// for the page may be given, and after it another endpoint for the messages.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

//go:embed page.html
var page string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, arg(1, "127.0.0.1:8080"), arg(2, "ws://127.0.0.1:*")); err != nil {
		log.Fatal(err)
	}
}

func arg(i int, otherwise string) string {
	if len(os.Args) > i {
		return os.Args[i]
	}
	return otherwise
}

func run(ctx context.Context, address, endpoint string) error {
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		return err
	}
	defer pub.Close()
	// Pages of the same host may connect, whatever their port; WithWSOrigins names
	// others.
	bound, err := pub.Bind(endpoint)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("open http://%s, messages at %s\n", l.Addr(), bound)
	server := &http.Server{Handler: show(bound), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	go publish(ctx, pub)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// show serves the page, which is told the port of the messages.
func show(bound string) http.Handler {
	text := template.Must(template.New("page").Parse(page))
	port := bound[strings.LastIndex(bound, ":")+1:]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := text.Execute(w, port); err != nil {
			log.Print(err)
		}
	})
}

// publish tells the weather of three cities. It ends with the socket.
func publish(ctx context.Context, pub *zmq.Socket) {
	for range time.Tick(200 * time.Millisecond) {
		for _, city := range []string{"oslo", "paris", "rome"} {
			weather := fmt.Sprintf("%d degrees at %s", rand.IntN(30), time.Now().Format(time.TimeOnly))
			if err := pub.SendString(ctx, city, weather); err != nil {
				return
			}
		}
	}
}

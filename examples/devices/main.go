// Devices is a gateway for devices that speak TCP: frames behind their length in two
// bytes, and a session actor for each connection. A device says its name and then
// numbers; it is told the mean of what it has sent. One that is silent, sends what is no
// frame, or does not read its answers is disconnected, and holds up no other.
//
//	go run ./examples/devices -idle 1m 127.0.0.1:7000
//	printf '\0\5hello\0\00242' | nc 127.0.0.1 7000
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/go-zactor/zactor/actor"
)

func run(ctx context.Context, address string, idle time.Duration) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	sup, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	context.AfterFunc(ctx, func() { l.Close() }) // which ends Accept
	ended := make(chan error, 1)
	go func() { ended <- sup.Run(ctx) }()
	fmt.Println("listening on", l.Addr())
	err = accept(ctx, l, sup, idle)
	_ = l.Close()
	return errors.Join(err, sup.Close(), <-ended) // each session closes its connection
}

// accept starts a session for each connection, until ctx ends.
func accept(ctx context.Context, l net.Listener, sup *actor.Supervisor, idle time.Duration) error {
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil
		}
		if err != nil {
			return err
		}
		name := conn.RemoteAddr().String()
		s, err := actor.Supervise(sup, name, session(conn, idle), actor.Temporary, actor.WithMailbox(16))
		if err != nil {
			return errors.Join(err, conn.Close())
		}
		go func() {
			<-s.Done()
			fmt.Println(name, "ended:", cmp.Or(s.Err(), errors.New("as it should")))
		}()
	}
}

func main() {
	idle := flag.Duration("idle", time.Minute, "how long a device may be silent")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, cmp.Or(flag.Arg(0), "127.0.0.1:7000"), *idle); err != nil {
		log.Fatal(err)
	}
}

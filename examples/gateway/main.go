// Gateway stands before the servers of a game and deals the players' moves out to
// them, to each as many as to any other. Servers come by connecting, while it runs,
// and nothing is told or restarted. Among themselves they talk in a hall that the
// gateway keeps open: what one publishes there, all hear.
//
// This one deals a hundred moves a server when there are ten, and again when there
// are fifty. Then the game ends, and each server tells the others what it did.
//
//	go run ./examples/gateway deal 10 50
//	go run ./examples/gateway serve 10
//	go run ./examples/gateway serve 40
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"

	"github.com/go-zactor/zactor/zmq"
)

var (
	moves  = flag.String("moves", "tcp://127.0.0.1:5570", "where the servers get moves")
	talk   = flag.String("talk", "tcp://127.0.0.1:5571", "where they talk")
	listen = flag.String("listen", "tcp://127.0.0.1:5572", "where they listen")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var numbers []int // Arg is "" where there is none
	for i := 1; flag.Arg(i) != ""; i++ {
		numbers = append(numbers, must(strconv.Atoi(flag.Arg(i))))
	}
	switch {
	case flag.Arg(0) == "deal" && len(numbers) > 0:
		deal(ctx, numbers)
	case flag.Arg(0) == "serve" && len(numbers) == 1:
		serve(ctx, numbers[0])
	default:
		log.Fatal("usage: gateway [flags] deal servers [servers...] | serve servers")
	}
}

// deal waits for so many servers, deals, and waits for more.
func deal(ctx context.Context, servers []int) {
	stop := openHall(ctx)
	defer stop()
	mouth, ears := enter(ctx)
	defer mouth.Close()
	defer ears.Close()
	push := must(zmq.NewPush(ctx))
	defer push.Close()
	must(push.Bind(*moves))
	last := servers[len(servers)-1]
	for _, n := range servers {
		check(push.WaitConnected(ctx, n))
		fmt.Println(n, "servers are there")
		for i := range 100 * n {
			check(push.SendString(ctx, "move", fmt.Sprint(i)))
		}
	}
	for range last { // strictly in turn: one for each
		check(push.SendString(ctx, "end", fmt.Sprint(last)))
	}
	for range last {
		must(ears.Recv(ctx))
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

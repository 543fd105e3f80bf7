//go:build ignore

// This program is a peer. before_test.go builds it twice: inside the source of an earlier
// version, and with today's, so it uses only names that never change. It reads commands,
// a line each, and answers each with a line: "ok" and what was asked for, or "err" and
// why not.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// limit bounds every command, so that no process is left behind.
const limit = 40 * time.Second

// command is what a part does with a line.
type command func(ctx context.Context, args []string) (string, error)

// parts are what the program can be; toolkit.go adds to them.
var parts = map[string]func([]string) (command, error){"socket": socket}

func main() {
	do, err := parts[os.Args[1]](os.Args[2:])
	answer("ready", err)
	if err != nil {
		return
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		answer(do(ctx, strings.Fields(lines.Text())))
		cancel()
	}
}

func answer(text string, err error) {
	if err != nil {
		fmt.Println("err", strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	fmt.Println("ok", text)
}

var types = map[string]zmq.Type{"PUSH": zmq.Push, "PULL": zmq.Pull, "PUB": zmq.Pub, "SUB": zmq.Sub, "DEALER": zmq.Dealer, "ROUTER": zmq.Router}

// options reads "name=value" words.
func options(words []string) (opts []zmq.Option) {
	reconnect := 5 * time.Millisecond
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		n := number(value)
		switch name {
		case "durable":
			opts = append(opts, zmq.WithDurable(value))
		case "keep":
			opts = append(opts, zmq.WithDurableBounds(n, 0, 0))
		case "gaps":
			opts = append(opts, zmq.WithGapNotices(true))
		case "requeue":
			opts = append(opts, zmq.WithRequeue(true))
		case "sndhwm":
			opts = append(opts, zmq.WithSendHWM(n))
		case "rcvhwm":
			opts = append(opts, zmq.WithRecvHWM(n))
		case "rcvbuf":
			opts = append(opts, zmq.WithRecvBuffer(n))
		case "sndbuf":
			opts = append(opts, zmq.WithSendBuffer(n))
		case "swap":
			opts = append(opts, zmq.WithSwap(value, 0), zmq.WithSwapSync(true))
		case "maxsize":
			opts = append(opts, zmq.WithMaxMsgSize(int64(n)))
		case "noreconnect":
			reconnect = time.Hour
		case "id":
			opts = append(opts, zmq.WithRoutingID(value))
		}
	}
	return append(opts, zmq.WithLinger(0), zmq.WithReconnectInterval(reconnect, 0))
}

func number(text string) int { n, _ := strconv.Atoi(text); return n }

func socket(args []string) (command, error) {
	s, err := zmq.New(context.Background(), types[args[0]], options(args[1:])...)
	handed := make(chan error, 1)
	var mu sync.Mutex
	var collected []string
	return func(ctx context.Context, args []string) (string, error) {
		switch args[0] {
		case "bind":
			return s.Bind(args[1])
		case "connect":
			return "", s.Connect(args[1])
		case "subscribe":
			return "", s.Subscribe(strings.Join(args[1:], " "))
		case "send":
			return "", s.SendString(ctx, args[1:]...)
		case "many": // from, to, size
			for i := number(args[1]); i < number(args[2]); i++ {
				if err := s.SendString(ctx, strconv.Itoa(i), strings.Repeat("x", number(args[3]))); err != nil {
					return "", err
				}
			}
			return "", nil
		case "recv":
			m, err := s.Recv(ctx)
			return received(m), err
		case "all": // until the last frame of a kind comes: all numbers, and which were marked
			return all(ctx, s, args[1])
		case "collect": // in the background, for "collected"
			go func() {
				for m := range s.Messages(context.Background()) {
					mu.Lock()
					collected = append(collected, string(m.Frames[0]))
					mu.Unlock()
				}
			}()
			return "", nil
		case "collected":
			mu.Lock()
			defer mu.Unlock()
			return strings.Join(collected, " "), nil
		case "subscribers":
			return "", s.WaitSubscribers(ctx, "", number(args[1]))
		case "stats":
			st := s.Stats()
			return fmt.Sprint(st.Connected, st.Queued, st.Kept, st.Missed, st.Requeued, st.Disconnects), nil
		case "handover": // the answer comes with "handed"
			go func() { handed <- s.Handover(context.Background(), args[1], args[2]) }()
			return "", nil
		case "handed":
			select {
			case err := <-handed:
				return "", err
			case <-ctx.Done():
				return "", ctx.Err()
			}
		case "takeover":
			return s.TakeOver(ctx, args[1])
		case "close":
			return "", s.Close()
		}
		return "", errors.New("no such command")
	}, err
}

func received(m msg.Msg) string {
	words := []string{strconv.FormatBool(m.Redelivered())}
	for _, f := range m.Frames {
		words = append(words, string(f))
	}
	return strings.Join(words, " ")
}

func all(ctx context.Context, s *zmq.Socket, last string) (string, error) {
	var words []string
	for {
		m, err := s.Recv(ctx)
		if err != nil {
			return "", fmt.Errorf("%w after %v", err, words)
		}
		first := string(m.Frames[0])
		if first == last {
			return strings.Join(words, " "), nil
		}
		if m.Redelivered() {
			first += "!"
		}
		words = append(words, first)
	}
}

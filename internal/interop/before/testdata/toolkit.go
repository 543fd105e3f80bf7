//go:build ignore

// The parts of the program that use names of the earlier version, which have changed.
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/remote"
	"github.com/go-zactor/zactor/zyre"
)

func init() {
	parts["zyre"], parts["gossip"], parts["beacon"], parts["remote"] = zyreNode, gossipNode, beacons, remoteNode
}

func startZyre(port string) (*zyre.Node, error) {
	return zyre.New("old", zyre.WithLoopback(), zyre.WithPort(number(port)), zyre.WithHeader("X-Version", "before"))
}

func zyreNode(args []string) (command, error) {
	n, err := startZyre(args[0])
	if err != nil {
		return nil, err
	}
	events := n.Chan(context.Background())
	if err := n.Start(context.Background()); err != nil {
		return nil, err
	}
	return func(ctx context.Context, args []string) (string, error) {
		switch args[0] {
		case "join":
			return "", n.Join(args[1])
		case "shout":
			return "", n.Shout(ctx, args[1], msg.NewString(args[2]))
		case "whisper": // to whoever is there
			return "", n.Whisper(ctx, n.Peers()[0].ID, msg.NewString(args[1]))
		case "wait": // for an event of a kind; what else comes is passed by
			for {
				select {
				case e := <-events:
					if e.Kind.String() != args[1] {
						continue
					}
					return strings.Join(append([]string{e.Name, e.Group}, texts(e.Msg)...), " "), nil
				case <-ctx.Done():
					return "", ctx.Err()
				}
			}
		case "stop":
			n.Stop()
			return "", nil
		}
		return "", errors.New("no such command")
	}, nil
}

func texts(m msg.Msg) (list []string) {
	for _, f := range m.Frames {
		list = append(list, string(f))
	}
	return list
}

func gossipNode([]string) (command, error) {
	n, err := gossip.New(context.Background())
	return func(ctx context.Context, args []string) (string, error) {
		switch args[0] {
		case "bind":
			return n.Bind(args[1])
		case "connect":
			return "", n.Connect(args[1])
		case "publish":
			return "", n.Publish(args[1], args[2], 0)
		case "delete":
			return "", n.Delete(args[1])
		case "get": // waits for that value, "-" for none
			for {
				t, ok := n.Get(args[1])
				if ok && t.Value == args[2] || !ok && args[2] == "-" {
					return "", nil
				}
				select {
				case <-time.After(5 * time.Millisecond):
				case <-ctx.Done():
					return "", fmt.Errorf("%s is %q, %v: %w", args[1], t.Value, ok, ctx.Err())
				}
			}
		}
		return "", errors.New("no such command")
	}, err
}

func beacons(args []string) (command, error) {
	b, err := beacon.New(beacon.WithLoopback(), beacon.WithPort(number(args[0])))
	if err != nil {
		return nil, err
	}
	b.Subscribe([]byte("today"))
	signals := make(chan beacon.Signal, 100)
	go func() {
		for s := range b.Beacons(context.Background()) {
			signals <- s
		}
	}()
	return func(ctx context.Context, args []string) (string, error) {
		switch args[0] {
		case "publish":
			return "", b.Publish([]byte(args[1]), 50*time.Millisecond)
		case "hear":
			for {
				select {
				case s := <-signals:
					if string(s.Data) == args[1] {
						return "", nil
					}
				case <-ctx.Done():
					return "", ctx.Err()
				}
			}
		}
		return "", errors.New("no such command")
	}, nil
}

func remoteNode(args []string) (command, error) {
	n, err := startZyre(args[0])
	if err != nil {
		return nil, err
	}
	s := remote.New(n)
	if err := n.Start(context.Background()); err != nil {
		return nil, err
	}
	echo, err := actor.Spawn(context.Background(), func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := p.Reply(ctx, msg.NewString("old heard "+m.PopString())); err != nil {
				return err
			}
		}
		return nil
	}, actor.WithName("old"))
	if err != nil {
		return nil, err
	}
	var found remote.Ref
	return func(ctx context.Context, args []string) (string, error) {
		switch args[0] {
		case "publish":
			return "", s.Publish(echo)
		case "withdraw":
			return "", echo.Stop(ctx)
		case "ask": // the actor of that name
			ref, err := s.Find(ctx, args[1])
			if err != nil {
				return "", err
			}
			found = ref
			m, err := ref.Ask(ctx, msg.NewString(args[2]))
			return strings.Join(texts(m), " "), err
		case "gone": // waits until what was asked has ended
			select {
			case <-found.Done():
				return "", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
		return "", errors.New("no such command")
	}, nil
}

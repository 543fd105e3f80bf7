package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/zloop"
)

// What a session is told: a frame of its device, that it was silent for too long, and
// why its connection has ended.
type (
	frame  []byte
	silent struct{}
	gone   struct{ err error }
)

type device struct {
	*zloop.Stream
	name   string
	n, sum float64
}

// session makes the actor of one connection, which ends with it, and it with the actor.
func session(conn net.Conn, idle time.Duration) actor.Setup[any] {
	return func(c *actor.Context[any]) (actor.Handler[any], error) {
		loop, err := zloop.New()
		if err != nil {
			return nil, err
		}
		life, self := context.Context(c), c.Self()
		d := &device{Stream: loop.Stream(conn, zloop.LengthPrefixed(2, 1024), func(m []byte) error {
			return self.Tell(life, frame(bytes.Clone(m))) // a device that sends too fast waits for us
		}, zloop.WithWriteBuffer(64<<10))}
		d.OnEnd(func(err error) error { return err })
		c.Async(func(ctx context.Context) any {
			defer conn.Close()
			return gone{loop.Run(ctx)}
		})
		c.Idle(idle, silent{})
		return d.hello, nil
	}
}

// hello takes the first frame, which is the device's name.
func (d *device) hello(c *actor.Context[any], m any) error {
	name, ok := m.(frame)
	if !ok {
		return d.end(c, m)
	}
	d.name = string(name)
	fmt.Println(conn(d), "is", d.name)
	c.Become(d.numbers)
	return d.Send([]byte("welcome " + d.name))
}

// numbers takes all that follow.
func (d *device) numbers(c *actor.Context[any], m any) error {
	text, ok := m.(frame)
	if !ok {
		return d.end(c, m)
	}
	x, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return d.Send([]byte("no number"))
	}
	d.n, d.sum = d.n+1, d.sum+x
	return d.Send(strconv.AppendFloat(nil, d.sum/d.n, 'g', 6, 64)) // ErrFull: it does not read
}

// end ends the session: as it should, or with an error.
func (d *device) end(c *actor.Context[any], m any) error {
	defer c.Stop() // it ends c, too
	switch m := m.(type) {
	case silent:
		if err := d.Send([]byte("bye")); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(c, time.Second) // it may not read either
		defer cancel()
		return d.Flush(ctx)
	case gone:
		if m.err != io.EOF {
			return m.err
		}
	}
	return nil
}

func conn(d *device) net.Addr { return d.Source().(net.Conn).RemoteAddr() }

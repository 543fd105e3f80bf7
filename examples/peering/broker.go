package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

const ready = "READY"

// broker has three flows: work at home, work for and by other clusters, and what each says
// of its free workers.
type broker struct {
	name             string
	localfe, localbe *zmq.Socket // clients and workers at home
	cloudfe, cloudbe *zmq.Socket // from other clusters, and to them
	statefe, statebe *zmq.Socket // what they say, and what we say
	idle             []string    // workers at home
	free             map[string]int
}

func newBroker(ctx context.Context, dir, name string, peers []string) (b *broker, err error) {
	b = &broker{name: name, free: map[string]int{}}
	id := zmq.WithRoutingID(name) // by which other clusters answer
	for _, s := range []struct {
		at   **zmq.Socket
		typ  zmq.Type
		bind string
		opts []zmq.Option
	}{
		{&b.localfe, zmq.Router, "localfe", nil}, {&b.localbe, zmq.Router, "localbe", nil},
		{&b.cloudfe, zmq.Router, "cloud", []zmq.Option{id}}, {&b.cloudbe, zmq.Router, "", []zmq.Option{id}},
		{&b.statebe, zmq.Pub, "state", nil}, {&b.statefe, zmq.Sub, "", nil},
	} {
		if *s.at, err = zmq.New(ctx, s.typ, append(s.opts, zmq.WithLinger(0))...); err == nil && s.bind != "" {
			_, err = (*s.at).Bind(place(dir, name, s.bind))
		}
		if err != nil {
			b.close()
			return nil, err
		}
	}
	err = b.statefe.Subscribe("")
	for _, p := range peers {
		b.free[p] = 0
		err = errors.Join(err, b.cloudbe.Connect(place(dir, p, "cloud")), b.statefe.Connect(place(dir, p, "state")))
	}
	return b, err
}

func (b *broker) close() {
	for _, s := range []*zmq.Socket{b.localfe, b.localbe, b.cloudfe, b.cloudbe, b.statefe, b.statebe} {
		if s != nil {
			_ = s.Close()
		}
	}
}

func (b *broker) serve(ctx context.Context) error {
	tell := time.NewTicker(100 * time.Millisecond) // for those who come late, too
	defer tell.Stop()
	home, cloud := b.localfe.Chan(ctx), b.cloudfe.Chan(ctx)
	for ctx.Err() == nil {
		fromHome, fromCloud := home, cloud
		peer := b.freePeer()
		if len(b.idle) == 0 {
			fromCloud = nil // what others ask for waits
			if peer == "" {
				fromHome = nil
			}
		}
		said := len(b.idle)
		select {
		case m := <-b.localbe.Chan(ctx):
			b.worker(m)
		case m := <-b.cloudbe.Chan(ctx):
			m.Pop() // which cluster has answered
			b.answer(m)
		case m := <-b.statefe.Chan(ctx):
			if m.Len() == 2 {
				b.free[m.PopString()], _ = strconv.Atoi(m.PopString())
			}
		case m := <-fromHome:
			b.assign(m, peer)
		case m := <-fromCloud:
			b.assign(m, "")
		case <-tell.C:
			said = -1
		case <-ctx.Done():
		}
		if said != len(b.idle) {
			_ = b.statebe.TrySend(msg.NewString(b.name, strconv.Itoa(len(b.idle))))
		}
	}
	return nil
}

// freePeer is a cluster that has free workers; "" when none has.
func (b *broker) freePeer() string {
	for p, n := range b.free {
		if n > 0 {
			return p
		}
	}
	return ""
}

// assign gives a request to a worker at home, or else to another cluster.
func (b *broker) assign(m msg.Msg, peer string) {
	if m.Len() == 0 {
		return
	}
	if len(b.idle) > 0 {
		m.Wrap([]byte(b.idle[0]))
		b.idle = b.idle[1:]
		_ = b.localbe.TrySend(m)
		return
	}
	b.free[peer]-- // until it says how many are left
	m.PushString(peer)
	_ = b.cloudbe.TrySend(m)
}

// worker hears that one is free, with the answer to what it had.
func (b *broker) worker(m msg.Msg) {
	if m.Len() < 2 {
		return
	}
	b.idle = append(b.idle, string(m.Unwrap()))
	if m.Len() > 1 { // not READY
		b.answer(m)
	}
}

// answer sends an answer where the request came from: another cluster, or a client at home.
func (b *broker) answer(m msg.Msg) {
	if m.Len() == 0 {
		return
	}
	to := b.localfe
	if _, is := b.free[string(m.Frames[0])]; is {
		to = b.cloudfe
	}
	_ = to.TrySend(m)
}

package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre"
)

// How often things happen in a node.
const (
	beaconInterval  = 100 * time.Millisecond
	whisperInterval = 20 * time.Millisecond
	newsInterval    = 100 * time.Millisecond
	statusInterval  = 200 * time.Millisecond
)

// nodeConfig is what a node is told by the boss. Its run method is an actor.Func.
type nodeConfig struct {
	name       string
	keys       identity // the same in every life
	beaconPort int
	boss       endpoints
}

// endpoints are those of the boss, who has one key for all.
type endpoints struct {
	key                     string
	tasks, results, reports string
}

// A node is one life of a node's actor. All its fields belong to the goroutine of
// its loop.
type node struct {
	nodeConfig
	uuid [16]byte // new in every life, so that peers can tell them apart
	id   string   // uuid in hex
	born time.Time

	ctx      context.Context
	cancel   context.CancelFunc
	loop     *zloop.Loop
	zyre     *zyre.Node     // finds the other nodes, and talks with them
	watchers sync.WaitGroup // see watch

	sock             sockets     // those that live as long as the node
	inbox            *zmq.Socket // for guests
	press            *zmq.Socket // its own news
	feed             *zmq.Socket // the news of the others
	tasks            *zmq.Socket
	results          *zmq.Socket
	reports          *zmq.Socket
	inboxAt, pressAt string // endpoints

	peers  map[string]*peer // by id
	liars  map[string]bool  // by public key
	ring   []*peer          // those that have entered, to whisper to in turn
	turn   int
	serial uint64 // of the last whisper
	issue  uint64 // of the last news

	counts counts
	rtt    window

	habits    []*zloop.Timer // what FINISH ends
	doomed    bool           // it panics at its next task
	finishing bool
	final     bool // the last status was sent
}

// run is the life of a node. A panic in one of its handlers unwinds through here:
// the node closes what it has, which tells its peers, and the supervisor hears why.
func (c nodeConfig) run(ctx context.Context, p *actor.Pipe) error {
	n := newNode(ctx, c, p)
	defer n.close()
	if err := n.open(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	n.handle(p)
	if err := n.announce(); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	p.Ready()
	return n.loop.Run(ctx)
}

func newNode(ctx context.Context, c nodeConfig, p *actor.Pipe) *node {
	n := &node{nodeConfig: c, loop: p.Loop(), born: time.Now(), peers: map[string]*peer{}, liars: map[string]bool{}}
	n.ctx, n.cancel = context.WithCancel(ctx)
	n.sock.ctx, n.sock.owner = n.ctx, n.name
	rand.Read(n.uuid[:]) // never fails
	n.id = hex.EncodeToString(n.uuid[:])
	return n
}

// open makes the sockets that live as long as the node.
func (n *node) open() error {
	// A peer that has lost us may be back before its old connection is gone here.
	n.inbox = n.sock.open("inbox", zmq.NewRouter, append(n.keys.server(), zmq.WithRouterHandover(true))...)
	n.press = n.sock.open("press", zmq.NewPub, n.keys.server()...)
	n.feed = n.sock.open("feed", zmq.NewSub)
	n.tasks = n.sock.open("tasks", zmq.NewPull, n.keys.client(n.boss.key))
	n.results = n.sock.open("results", zmq.NewPush, n.keys.client(n.boss.key))
	n.reports = n.sock.open("reports", zmq.NewPush)

	n.inboxAt = n.sock.bind(n.inbox, anyPort)
	n.pressAt = n.sock.bind(n.press, anyPort)
	n.sock.connect(n.tasks, n.boss.tasks)
	n.sock.connect(n.results, n.boss.results)
	n.sock.connect(n.reports, n.boss.reports)
	if n.sock.err != nil {
		return n.sock.err
	}
	return n.feed.Subscribe(msgNews)
}

// handle says what the node reacts to.
func (n *node) handle(p *actor.Pipe) {
	n.loop.Reader(p, n.ordered)
	n.loop.Reader(n.inbox, n.heard)
	n.loop.Reader(n.feed, n.read)
	n.loop.Reader(n.tasks, n.work)
	watch(n, n.inbox.Events(n.ctx, zmq.EventDisconnected), n.hungUp)

	n.loop.Every(beaconInterval, n.countSilence)
	n.loop.Every(statusInterval, n.tellStatus)
	n.habits = []*zloop.Timer{
		n.loop.Every(whisperInterval, n.whisper),
		n.loop.Every(newsInterval, n.publish),
	}
}

// ordered obeys the boss.
func (n *node) ordered(m msg.Msg) error {
	switch order := m.PopString(); order {
	case orderPanic:
		n.doomed = true
	case orderFinish:
		return n.finish()
	}
	return nil
}

// close also ends a node that has panicked, or was not opened completely.
func (n *node) close() {
	n.cancel()
	if n.zyre != nil {
		_ = n.zyre.Close()
	}
	n.sock.close()
	n.watchers.Wait()
}

package zmq

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
)

// crowded is a publisher with one peer of many topics and another of some, without a
// connection.
type crowded struct {
	t *testing.T
	s *Socket
}

func newCrowded(t *testing.T, typ Type, opts ...Option) *crowded {
	s, err := New(context.Background(), typ, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &crowded{t, s}
}

// come is a new peer with topics that begin with its name; an XPUB's program hears of all.
func (c *crowded) come(name string, topics int) *queue.Pipe {
	c.t.Helper()
	p := queue.New(&handler{s: c.s}, queue.Limits{})
	pr := &peer{pipe: p}
	pr.sub.Value = pr
	c.s.peers.add(p, pr)
	if err := c.s.admit(p, &link.Peer{}); err != nil {
		c.t.Fatal(err)
	}
	for i := range topics {
		if err := c.s.subscribed(p, fmt.Appendf(nil, "%s%06d", name, i), true); err != nil {
			c.t.Fatal(err)
		}
		c.heed(1, nil)
	}
	return p
}

// heed receives at most so many reports, and does with each what it is told to.
func (c *crowded) heed(most int, do func(report []byte)) {
	c.t.Helper()
	if c.s.Type() != XPub {
		return
	}
	for range most {
		m, err := c.s.TryRecv()
		if errors.Is(err, ErrAgain) {
			return
		}
		if err != nil {
			c.t.Fatal(err)
		}
		if f := m.Frames[0]; do != nil {
			do(f)
		} else if f[0] == 1 && c.s.opts.get().xpubManual {
			if err := c.s.Subscribe(string(f[1:])); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

func (c *crowded) leave(p *queue.Pipe) {
	c.s.tx.(interface{ gone(*queue.Pipe, *peer) }).gone(p, peerOf(p))
}

func (c *crowded) has(topic string) int {
	c.s.sendMu.Lock()
	defer c.s.sendMu.Unlock()
	return c.s.tx.(publisher).subscribers(topic)
}

var manyTopicKinds = []struct {
	name string
	typ  Type
	opts []Option
}{
	{"pub", Pub, nil},
	{"xpub", XPub, nil},
	{"manual", XPub, []Option{WithXPubManual(true)}},
	{"radio", Radio, nil},
}

// What a peer that goes had asked for is forgotten, whether that is done in one go or, where
// the others have much, a part at a time; they keep theirs, and the program of an XPUB
// hears of each topic once.
func TestForgetTopics(t *testing.T) {
	const topics = 2*removeAtOnce + 7
	for _, kind := range manyTopicKinds {
		for _, others := range []int{0, 5, removeAtOnce, removeAtOnce + 1} {
			t.Run(fmt.Sprint(kind.name, "/", others), func(t *testing.T) {
				c := newCrowded(t, kind.typ, kind.opts...)
				many := c.come("many", topics)
				c.come("other", others)
				c.leave(many)
				ended := map[string]int{}
				c.heed(2*topics, func(report []byte) {
					if report[0] != 0 {
						t.Errorf("told of %q", report)
					}
					ended[string(report[1:])]++
				})
				for i := range topics {
					topic := fmt.Sprintf("many%06d", i)
					if n := c.has(topic); n != 0 {
						t.Fatalf("%d subscribers of %s", n, topic)
					}
					if n := ended[topic]; kind.typ == XPub && n != 1 {
						t.Fatalf("told %d times of the end of %s", n, topic)
					}
				}
				for i := range others {
					if topic := fmt.Sprintf("other%06d", i); c.has(topic) != 1 {
						t.Fatalf("%d subscribers of %s", c.has(topic), topic)
					}
				}
				if len(ended) != 0 && len(ended) != topics {
					t.Errorf("told of the end of %d topics, there were %d", len(ended), topics)
				}
			})
		}
	}
}

// What a peer may subscribe to is given back topic by topic: however often it asks, takes
// back what it has or has not, or is refused, as much counts as it has.
func TestTopicsAreGivenBack(t *testing.T) {
	for _, kind := range manyTopicKinds {
		for _, isDurable := range []bool{false, true} {
			if isDurable && kind.typ != Pub {
				continue
			}
			name, opts := kind.name, kind.opts
			if isDurable {
				name, opts = "durable", []Option{WithDurableBounds(10, 0, 0)}
			}
			if kind.typ != Radio { // groups have a limit of their own
				opts = append(slices.Clip(opts), WithMaxTopic(20))
			}
			t.Run(name, func(t *testing.T) {
				c := newCrowded(t, kind.typ, opts...)
				come := func() (*queue.Pipe, *peer) {
					if !isDurable {
						p := c.come("", 0)
						return p, peerOf(p)
					}
					p := queue.New(&handler{s: c.s}, queue.Limits{})
					c.s.peers.add(p, &peer{})
					if err := c.s.admit(p, &link.Peer{Info: &buf.Peer{Properties: map[string]string{propDurable: "name"}}}); err != nil {
						t.Fatal(err)
					}
					return p, streamOf(p).target
				}
				p, counted := come()
				has, bytes := map[string]bool{}, 0
				rng := rand.New(rand.NewPCG(1, 1))
				for range 3000 {
					topic := strings.Repeat("t", rng.IntN(25)) + fmt.Sprint(rng.IntN(9))
					add := rng.IntN(2) == 0
					if err := c.s.subscribed(p, []byte(topic), add); err != nil {
						t.Fatal(err)
					}
					c.heed(1, nil)
					if legal := kind.typ == Radio || len(topic) <= 20; legal && add != has[topic] {
						has[topic] = add
						if bytes += len(topic); !add {
							bytes -= 2 * len(topic)
						}
					}
				}
				n := 0
				for _, there := range has {
					if there {
						n++
					}
				}
				if counted.topics != n || counted.topicBytes != bytes {
					t.Errorf("%d topics in %d bytes count, it has %d in %d", counted.topics, counted.topicBytes, n, bytes)
				}
				for topic := range has {
					if err := c.s.subscribed(p, []byte(topic), false); err != nil {
						t.Fatal(err)
					}
				}
				if counted.topics != 0 || counted.topicBytes != 0 {
					t.Errorf("%d topics in %d bytes count of none", counted.topics, counted.topicBytes)
				}
			})
		}
	}
}

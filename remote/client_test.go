package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

type (
	deposit struct {
		Amount int
		From
	}
	withdraw struct {
		Amount int
		From
		actor.Answer[int]
	}
	who   struct{ actor.Answer[string] } // who asks
	hold  struct{ actor.Answer[bool] }   // answered when it is released
	stray struct{}                       // not in the protocol
)

var errPoor = errors.New("not enough")

var bank = NewProtocol(JSON,
	Message[deposit]("deposit"),
	Question[*withdraw]("withdraw"),
	Question[*who]("who"),
	Question[*hold]("hold"),
	Failure("poor", errPoor),
)

// teller is an account whose handler holds on to what it is told to.
type teller struct {
	held     chan *hold // the handler is in it
	released chan struct{}
	from     chan Peer // of deposits
}

func newTeller() *teller {
	return &teller{held: make(chan *hold, 10), released: make(chan struct{}), from: make(chan Peer, 10000)}
}

func (b *teller) account(*actor.Context[any]) (actor.Handler[any], error) {
	balance := 0
	return func(c *actor.Context[any], m any) error {
		switch m := m.(type) {
		case deposit:
			balance += m.Amount
			b.from <- m.Peer()
		case *withdraw:
			if m.Amount > balance {
				return m.Fail(fmt.Errorf("%w: there are %d", errPoor, balance))
			}
			if m.Amount < 0 {
				return m.Fail(errors.New("negative"))
			}
			balance -= m.Amount
			return m.Reply(balance)
		case *who:
			p, ok := PeerOf(m.Context())
			return m.Reply(fmt.Sprint(p.Name, " ", ok))
		case *sulky:
			return m.Reply(rude{})
		case *hold:
			b.held <- m
			select {
			case <-b.released:
			case <-c.Done():
			}
			return m.Reply(true)
		}
		return nil
	}, nil
}

func account(t testing.TB, name string, b *teller, opts ...actor.Option) *actor.Ref[any] {
	t.Helper()
	a, err := actor.New(context.Background(), b.account, append(opts, actor.WithName(name))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// opened is an account on one node, and a client of it on another one.
func opened(t testing.TB, opts ...PublishOption) (c *Client[any], b *teller, there, here *Space) {
	t.Helper()
	port := network(t)
	there, _ = space(t, port, "there")
	here, _ = space(t, port, "here")
	b = newTeller()
	if err := Publish(there, account(t, "account", b), bank, opts...); err != nil {
		t.Fatal(err)
	}
	c, err := Find[any](ztest.Within(t), here, "account", bank)
	if err != nil {
		t.Fatal(err)
	}
	return c, b, there, here
}

func TestTyped(t *testing.T) {
	c, b, there, _ := opened(t)
	ctx := ztest.Within(t)
	if err := errors.Join(c.Tell(ctx, deposit{Amount: 100}), c.Tell(ctx, deposit{Amount: 1})); err != nil {
		t.Fatal(err)
	}
	left, err := Ask(ctx, c, &withdraw{Amount: 31}) // it comes after what was told
	if left != 70 || err != nil {
		t.Errorf("left %d, %v", left, err)
	}
	if p := <-b.from; p.Name != "here" || p.Key != "" || p.ID == (zyre.ID{}) {
		t.Errorf("told by %+v", p)
	}
	if name, err := Ask(ctx, c, &who{}); name != "here true" || err != nil {
		t.Errorf("asked by %q, %v", name, err)
	}
	if _, err := Ask(ctx, c, &withdraw{Amount: 71}); !errors.Is(err, errPoor) || !strings.Contains(err.Error(), "there are 70") {
		t.Errorf("too much: %v", err)
	}
	if _, err := Ask(ctx, c, &withdraw{Amount: -1}); !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "negative") {
		t.Errorf("another error: %v", err)
	}
	if err := c.Tell(ctx, stray{}); !errors.Is(err, actor.ErrType) {
		t.Errorf("not in the protocol: %v", err)
	}
	if s := there.Stats(); s.Sends != 2 || s.Asks != 4 || s.Unknown != 0 {
		t.Errorf("%+v", s)
	}
	if len(c.Nodes()) != 1 || c.Name() != "account" {
		t.Errorf("%s on %v", c.Name(), c.Nodes())
	}
}

// At home nothing is encoded, and nobody has asked from elsewhere.
func TestTypedAtHome(t *testing.T) {
	_, b, there, _ := opened(t)
	ctx := ztest.Within(t)
	c, err := Find[any](ctx, there, "account", bank)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Tell(ctx, deposit{Amount: 5}); err != nil {
		t.Fatal(err)
	}
	if left, err := Ask(ctx, c, &withdraw{Amount: 2}); left != 3 || err != nil {
		t.Errorf("left %d, %v", left, err)
	}
	if p := <-b.from; p != (Peer{}) {
		t.Errorf("told by %+v", p)
	}
	if name, _ := Ask(ctx, c, &who{}); name != " false" {
		t.Errorf("asked by %q", name)
	}
	if _, err := Ask(ctx, c, &withdraw{Amount: 9}); !errors.Is(err, errPoor) {
		t.Errorf("too much: %v", err)
	}
	if s := there.Stats(); s != (Stats{}) {
		t.Errorf("%+v", s)
	}
	if _, err := Find[int](ctx, there, "account", NewProtocol(JSON, Message[int]("n"))); !errors.Is(err, actor.ErrType) {
		t.Errorf("of another type: %v", err)
	}
	if _, err := there.Find(ctx, "account"); !errors.Is(err, actor.ErrType) {
		t.Errorf("for frames: %v", err)
	}
}

// What both sides do not have in common is an error at once, on either side.
func TestTypesDiffer(t *testing.T) {
	c, _, there, here := opened(t)
	ctx := ztest.Within(t)
	decoded := 0
	odd := Codec{"odd", json.Marshal, func([]byte, any) error { decoded++; return nil }}
	for name, p := range map[string]*Protocol{
		"another codec": NewProtocol(odd, Question[*withdraw]("withdraw")),
		"another name":  NewProtocol(JSON, Question[*withdraw]("take")),
		"no question":   NewProtocol(JSON, Question[*withdraw]("deposit")),
		"another form":  NewProtocol(JSON, Question[*texted]("withdraw")),
	} {
		other, err := Find[any](ctx, here, "account", p)
		if err != nil {
			t.Fatal(err)
		}
		if name == "another form" {
			_, err = Ask(ctx, other, &texted{Amount: "much"})
		} else {
			_, err = Ask(ctx, other, &withdraw{})
		}
		if !errors.Is(err, actor.ErrType) {
			t.Errorf("%s: %v, want ErrType", name, err)
		}
	}
	frames, err := here.Find(ctx, "account")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := frames.Ask(ctx, msg.NewString("hello")); !errors.Is(err, actor.ErrType) {
		t.Errorf("frames to values: %v", err)
	}
	if err := there.Publish(spawn(t, "frames", echo)); err != nil {
		t.Fatal(err)
	}
	values, err := Find[any](ctx, here, "frames", bank)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(ctx, values, &who{}); !errors.Is(err, actor.ErrType) {
		t.Errorf("values to frames: %v", err)
	}
	if s := there.Stats(); s.Unknown != 6 || decoded != 0 {
		t.Errorf("%+v, %d decoded", s, decoded)
	}
	if _, err := Ask(ctx, c, &who{}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

type texted struct {
	Amount string
	actor.Answer[int]
}

// grumpy can't be decoded: it panics.
type grumpy struct{ actor.Answer[rude] }

// rude can't be encoded.
type rude struct{}

func (rude) MarshalJSON() ([]byte, error) { panic("rude") }

type sulky struct{ actor.Answer[rude] }

func (*grumpy) UnmarshalJSON([]byte) error { panic("grumpy") }

func (*grumpy) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

// A type of the program's that panics when it is decoded, and a WithAllow that does,
// cost one message.
func TestHooksThatPanic(t *testing.T) {
	port, ctx := network(t), ztest.Within(t)
	there, _ := space(t, port, "there")
	here, _ := space(t, port, "here")
	says := NewProtocol(JSON, Question[*grumpy]("grumpy"), Question[*sulky]("sulky"), Question[*who]("who"))
	calls := 0
	if err := Publish(there, account(t, "it", newTeller()), says, WithAllow(func(Peer) bool {
		switch calls++; calls {
		case 1:
			panic("who?")
		case 2:
			runtime.Goexit()
		}
		return true
	})); err != nil {
		t.Fatal(err)
	}
	c, err := Find[any](ctx, here, "it", says)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Ask(ctx, c, &who{}); !errors.Is(err, ErrDenied) {
		t.Errorf("WithAllow panics: %v", err)
	}
	if _, err := Ask(ctx, c, &who{}); !errors.Is(err, ErrFailed) {
		t.Errorf("WithAllow ends its goroutine: %v", err)
	}
	if _, err := Ask(ctx, c, &grumpy{}); !errors.Is(err, actor.ErrType) {
		t.Errorf("decoding panics: %v", err)
	}
	if _, err := Ask(ctx, c, &sulky{}); !errors.Is(err, ErrFailed) {
		t.Errorf("encoding the answer panics: %v", err)
	}
	if name, err := Ask(ctx, c, &who{}); name != "here true" || err != nil {
		t.Errorf("afterwards %q, %v", name, err)
	}
}

func TestProtocolsThatCantBe(t *testing.T) {
	var none Codec
	for name, p := range map[string]*Protocol{
		"none":          nil,
		"no codec":      NewProtocol(none),
		"no name":       NewProtocol(JSON, Message[deposit]("")),
		"a name twice":  NewProtocol(JSON, Message[deposit]("a"), Question[*who]("a")),
		"a type twice":  NewProtocol(JSON, Message[deposit]("a"), Message[deposit]("b")),
		"an interface":  NewProtocol(JSON, Message[fmt.Stringer]("a")),
		"no error":      NewProtocol(JSON, Failure("a", nil)),
		"an error's":    NewProtocol(JSON, Failure("a", errPoor), Failure("a", ErrBusy)),
		"a long name":   NewProtocol(JSON, Message[deposit](strings.Repeat("x", 256))),
		"a long error":  NewProtocol(JSON, Failure(strings.Repeat("x", 256), errPoor)),
		"another codec": NewProtocol(Codec{Name: strings.Repeat("x", 256), Marshal: json.Marshal, Unmarshal: json.Unmarshal}),
	} {
		if err := p.check(reflect.TypeFor[any]()); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := bank.check(reflect.TypeFor[int]()); !errors.Is(err, ErrProtocol) {
		t.Errorf("types that the actor does not take: %v", err)
	}
}

// A question whose asker has left is not worked on, and its place is free: whether
// the asker says so, or its deadline has passed.
func TestAskersLeave(t *testing.T) {
	for _, how := range []string{"cancel", "deadline"} {
		t.Run(how, func(t *testing.T) {
			c, b, there, here := opened(t)
			ctx := ztest.Within(t)
			first := make(chan error, 1)
			go func() {
				_, err := Ask(ctx, c, &hold{})
				first <- err
			}()
			<-b.held // it works on the first
			if how == "cancel" {
				short, cancel := context.WithCancel(ctx)
				errs := make(chan error, 100)
				for range cap(errs) {
					go func() {
						_, err := Ask(short, c, &hold{})
						errs <- err
					}()
				}
				ztest.Eventually(t, "all are there", func() bool { return there.Stats().Asks == 101 })
				cancel()
				for range cap(errs) {
					if err := <-errs; !errors.Is(err, context.Canceled) {
						t.Errorf("left with %v", err)
					}
				}
			} else {
				// The asker says nothing: only the deadline is known there.
				for i := range 100 {
					p := packet{op: opQuestion, id: uint64(1000 + i), left: time.Millisecond, name: "account", codec: "json", typ: "hold", body: [][]byte{[]byte("{}")}}
					if err := here.node.Whisper(ctx, there.node.ID(), p.msg()); err != nil {
						t.Fatal(err)
					}
				}
			}
			ztest.Eventually(t, "all places are free", func() bool {
				there.mu.Lock()
				defer there.mu.Unlock()
				_, open := there.served["account"].load()
				return there.stats.Expired == 100 && open == 1
			})
			close(b.released)
			if err := <-first; err != nil {
				t.Errorf("the first: %v", err)
			}
			if _, err := Ask(ctx, c, &who{}); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if n := len(b.held); n != 0 {
				t.Errorf("worked on %d more", n)
			}
		})
	}
}

// The deadline of an Ask of frames crosses too.
func TestDeadlineOfFrames(t *testing.T) {
	deadlines := make(chan bool, 1)
	ref, _, _, _, _ := published(t, func(ctx context.Context, p *actor.Pipe) error {
		for _, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			r := p.Defer()
			_, ok := r.Context().Deadline()
			peer, known := PeerOf(r.Context())
			deadlines <- ok && known && peer.Name == "here"
			_ = r.Reply(ctx, msg.New())
		}
		return nil
	})
	r := ref.(*Remote)
	ztest.Eventually(t, "its version is known", func() bool {
		r.space.mu.Lock()
		defer r.space.mu.Unlock()
		return r.space.peers[r.peer].newer
	})
	if _, err := ref.Ask(ztest.Within(t), msg.NewString("x")); err != nil {
		t.Fatal(err)
	}
	if !<-deadlines {
		t.Error("there was no deadline, or nobody who asks")
	}
}

// An actor is used by those only whom it allows: by name, or by certificate.
func TestAllow(t *testing.T) {
	c, b, there, _ := opened(t, WithAllow(func(p Peer) bool { return p.Name == "nobody" }))
	ctx := ztest.Within(t)
	if _, err := Ask(ctx, c, &who{}); !errors.Is(err, ErrDenied) {
		t.Errorf("Ask: %v", err)
	}
	if err := c.Tell(ctx, deposit{Amount: 1}); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "it is counted", func() bool { return there.Stats().Denied == 2 })
	if len(b.from) != 0 {
		t.Error("a message of one who may not")
	}
	for _, opt := range []PublishOption{WithAllow(nil), WithAllowKeys(), WithAllowKeys("")} {
		if err := there.Publish(spawn(t, "other", echo), opt); !errors.Is(err, ErrOption) {
			t.Errorf("Publish = %v", err)
		}
	}
}

func TestAllowKeys(t *testing.T) {
	var certs [3]*cert.Cert
	for i := range certs {
		var err error
		if certs[i], err = cert.New(); err != nil {
			t.Fatal(err)
		}
	}
	port, ctx := network(t), ztest.Within(t)
	all := cert.NewMemStore(certs[0], certs[1], certs[2])
	there, _ := space(t, port, "there", zyre.WithCurve(certs[0], all))
	if err := Publish(there, account(t, "it", newTeller()), bank, WithAllowKeys(certs[1].Public())); err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{1: nil, 2: ErrDenied} {
		if i == 0 {
			continue
		}
		here, _ := space(t, port, "here", zyre.WithCurve(certs[i], all))
		c, err := Find[any](ctx, here, "it", bank)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Ask(ctx, c, &who{}); !errors.Is(err, want) {
			t.Errorf("key %d: %v, want %v", i, err, want)
		}
	}
}

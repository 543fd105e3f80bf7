package zmq_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// maker makes sockets: ours, or libzmq's in another process.
type maker interface {
	open(typ string, options ...setting) conformer
}

// setting is an option by libzmq's name, and a value that both understand.
type setting struct {
	name  string
	value any
}

// conformer is a socket of either kind. Errors are libzmq's names; "" is none.
type conformer interface {
	bind(endpoint string) (bound, errno string)
	connect(endpoint string) (errno string)
	unbind(endpoint string) (errno string)
	set(name string, value any) (errno string)
	subscribe(topic string, on bool) (errno string)
	send(d time.Duration, frames ...string) (errno string)
	recv(d time.Duration) (frames []string, errno string)
	close()
}

// stage is what a behaviour is played on: A and B make the two sides.
type stage struct {
	*kit
	A, B maker
}

const (
	soon = time.Minute            // for what must happen
	not  = 150 * time.Millisecond // for what must not, where a process of another library takes part
)

// not is how long what must not happen is looked for.
func (s *stage) not() time.Duration {
	_, a := s.A.(ours)
	_, b := s.B.(ours)
	if a && b {
		return not / 5
	}
	return not
}

// pair makes a bound socket of A and a connected one of B.
func (s *stage) pair(a, b string, options ...setting) (conformer, conformer, string) {
	s.Helper()
	return s.pairOf(s.A, s.B, a, b, options...)
}

func (s *stage) pairOf(binder, connecter maker, a, b string, options ...setting) (conformer, conformer, string) {
	s.Helper()
	x := binder.open(a, options...)
	endpoint := s.bindAny(x)
	y := connecter.open(b)
	s.none(y.connect(endpoint))
	return x, y, endpoint
}

func (s *stage) bindAny(x conformer) string {
	s.Helper()
	bound, errno := x.bind(s.endpoint())
	s.none(errno)
	return bound
}

// again binds x at an endpoint that was bound before.
func (s *stage) again(x conformer, endpoint string) {
	s.Helper()
	_, errno := x.bind(endpoint)
	s.none(errno)
}

func (s *stage) none(errno string) {
	s.Helper()
	if errno != "" {
		s.Fatalf("failed with %s", errno)
	}
}

func (s *stage) errno(got, want string) {
	s.Helper()
	if got != want {
		s.Fatalf("got %q, want %q", got, want)
	}
}

func (s *stage) say(x conformer, frames ...string) {
	s.Helper()
	s.none(x.send(soon, frames...))
}

func (s *stage) hear(x conformer, frames ...string) {
	s.Helper()
	got, errno := x.recv(soon)
	if errno != "" || !same(got, frames) {
		s.Fatalf("got %q %s, want %q", got, errno, frames)
	}
}

func (s *stage) quiet(x conformer) {
	s.Helper()
	if got, errno := x.recv(s.not()); errno != "EAGAIN" {
		s.Fatalf("got %q %s, want nothing", got, errno)
	}
}

// reach sends until the subscriber hears, since a PUB does not say who is there. Each
// message has a number behind it, so that those on the way are known and taken, too.
func (s *stage) reach(pub, sub conformer, frames ...string) {
	s.Helper()
	sent, heard := 0, 0
	hears := func(d time.Duration) bool {
		got, errno := sub.recv(d)
		if errno != "" {
			return false
		}
		n, err := strconv.Atoi(got[len(got)-1])
		if err != nil || !same(got[:len(got)-1], frames) || heard != 0 && n != heard+1 {
			s.Fatalf("got %q after number %d, want %q and a number", got, heard, frames)
		}
		heard = n
		return true
	}
	s.until(fmt.Sprintf("%q is heard", frames), func() bool {
		sent++
		s.say(pub, append(slices.Clip(frames), strconv.Itoa(sent))...)
		return hears(50 * time.Millisecond)
	})
	for heard < sent && hears(soon) {
	}
}

// own looks at what only sockets of ours tell.
func (s *stage) own(x conformer, look func(*zmq.Socket)) {
	s.Helper()
	if o, ours := x.(ourSocket); ours {
		look(o.s)
	}
}

// topics makes sure how many topics of others a publisher of ours has.
func (s *stage) topics(x conformer, want int) {
	s.Helper()
	s.own(x, func(x *zmq.Socket) {
		if n, err := x.Option("TOPICS_COUNT"); n != want || err != nil {
			s.Errorf("%v topics, %v; want %d", n, err, want)
		}
	})
}

// ours makes sockets of this module.
type ours struct{ k *kit }

type ourSocket struct {
	k *kit
	s *zmq.Socket
}

var typeByName = func() map[string]zmq.Type {
	m := map[string]zmq.Type{}
	for t := zmq.Pair; t <= zmq.Channel; t++ {
		m[t.String()] = t
	}
	return m
}()

func (o ours) open(typ string, options ...setting) conformer {
	o.k.Helper()
	var opts []zmq.Option
	for _, p := range options {
		opts = append(opts, zmq.WithOption(p.name, p.value))
	}
	return ourSocket{o.k, o.k.open(typeByName[typ], opts...)}
}

func (o ourSocket) bind(endpoint string) (string, string) {
	bound, err := o.k.listen(o.s, endpoint)
	return bound, errnoOf(err)
}

func (o ourSocket) connect(endpoint string) string { return errnoOf(o.k.dial(o.s, endpoint)) }
func (o ourSocket) unbind(endpoint string) string  { return errnoOf(o.s.Unbind(endpoint)) }
func (o ourSocket) close()                         { o.s.Close() }

func (o ourSocket) set(name string, value any) string {
	return errnoOf(o.s.Set(zmq.WithOption(name, value)))
}

func (o ourSocket) subscribe(topic string, on bool) string {
	if on {
		return errnoOf(o.s.Subscribe(topic))
	}
	return errnoOf(o.s.Unsubscribe(topic))
}

func (o ourSocket) send(d time.Duration, frames ...string) string {
	ctx, cancel := context.WithTimeout(o.k.ctx, d)
	defer cancel()
	return errnoOf(o.s.SendString(ctx, frames...))
}

func (o ourSocket) recv(d time.Duration) ([]string, string) {
	ctx, cancel := context.WithTimeout(o.k.ctx, d)
	defer cancel()
	m, err := o.s.Recv(ctx)
	return text(m), errnoOf(err)
}

// errnoOf is what libzmq says for an error of ours.
func errnoOf(err error) string {
	for _, c := range []struct {
		err  error
		name string
	}{
		{zmq.ErrTerm, "ETERM"}, {zmq.ErrClosed, "ENOTSOCK"}, {zmq.ErrAgain, "EAGAIN"}, {context.DeadlineExceeded, "EAGAIN"},
		{zmq.ErrState, "EFSM"}, {zmq.ErrHostUnreachable, "EHOSTUNREACH"}, {zmq.ErrNotSupported, "ENOTSUP"},
		{zmq.ErrInvalidOption, "EINVAL"}, {zmq.ErrNoEndpoint, "ENOENT"}, {zmq.ErrAddrInUse, "EADDRINUSE"}, {zmq.ErrInvalidEndpoint, "EINVAL"},
	} {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	if err != nil {
		return fmt.Sprint(err)
	}
	return ""
}

package zyre

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/zre"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre/internal/node"
)

// Option changes how New makes a Node.
type Option func(*config) error

type config struct {
	node.Config
	groups   []string
	contests []string
	beacon   []beacon.Option
	interval time.Duration
	silent   bool // no beacon
	ways     []beacon.Discoverer
	loopback bool
	bind     string
	ipv6     bool
	own      *cert.Cert
	trusted  cert.Store
	queue    int
	hwm      int
	frames   int   // of a message's content
	bytes    int64 // and of them
	linger   time.Duration
	log      logs.Logger
	socket   []zmq.Option // how sockets log
	beaconed []beacon.Option
	network  zmq.Network // instead of the system's, for tests
	lookup   func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

func newConfig(name string, opts []Option) (*config, error) {
	c := &config{
		Config: node.Config{
			Name: name, Headers: map[string]string{},
			Evasive: 5 * time.Second, Expired: 30 * time.Second, Greet: 10 * time.Second, Reap: time.Second,
			MaxPeers: 4096, MaxCandidates: 256, MaxGroups: 1024, Dials: 10, Answers: 100,
		},
		interval: beacon.DefaultInterval, bind: "tcp://*:*", queue: 10000, hwm: 1000, frames: 1023, bytes: 16 << 20,
		linger: time.Second, lookup: net.DefaultResolver.LookupNetIP,
	}
	if _, err := rand.Read(c.ID[:]); err != nil {
		return nil, err
	}
	for _, opt := range opts {
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	c.Reap = min(c.Reap, c.Evasive/5)
	if c.loopback && c.bind == "tcp://*:*" {
		c.bind = "tcp://127.0.0.1:*"
	}
	if c.Name == "" {
		c.Name = c.ID.String()[:6]
	}
	return c, c.valid()
}

// valid checks what goes into a HELLO.
func (c *config) valid() error {
	if len(c.Name) > zre.MaxString {
		return fmt.Errorf("%w: a node's name of %d bytes: at most %d", ErrInvalidName, len(c.Name), zre.MaxString)
	}
	hello := zre.Message{Kind: zre.Hello, Name: c.Name, Headers: c.Headers}
	if _, err := hello.Append(nil); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidName, err)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalidOption, fmt.Sprintf(format, args...))
}

// WithHeader gives the node a header, which peers get with its ENTER. Names that
// begin with X- are for applications.
func WithHeader(name, value string) Option {
	return func(c *config) error { return c.setHeader(name, value) }
}

func (c *config) setHeader(name, value string) error {
	if name == "" || len(name) > zre.MaxString {
		return fmt.Errorf("%w: a header's name of %d bytes: must be 1 to %d", ErrInvalidName, len(name), zre.MaxString)
	}
	old := c.Headers
	c.Headers = maps.Clone(old)
	c.Headers[name] = value
	if err := c.valid(); err != nil {
		c.Headers = old
		return err
	}
	return nil
}

// WithGroups puts the node into groups from the beginning. See Node.Join.
func WithGroups(groups ...string) Option {
	return func(c *config) error {
		for _, group := range groups {
			if err := groupName(group); err != nil {
				return err
			}
		}
		c.groups = append(c.groups, groups...)
		return nil
	}
}

// WithContest makes the node a candidate for the leadership of groups from the beginning.
// It does not put it into them. See Node.Contest.
func WithContest(groups ...string) Option {
	return func(c *config) error {
		c.contests = append(c.contests, groups...)
		return nil
	}
}

// groupName checks the name of a group.
func groupName(group string) error {
	if group == "" || len(group) > zre.MaxString {
		return fmt.Errorf("%w: a group's name of %d bytes: must be 1 to %d", ErrInvalidName, len(group), zre.MaxString)
	}
	return nil
}

// WithUUID sets the node's UUID, which is random otherwise. No two nodes may have the
// same, and with CURVE it belongs to its key.
func WithUUID(id ID) Option {
	return func(c *config) error {
		if id == (ID{}) {
			return invalid("UUID of zeros: must be something else")
		}
		c.ID = node.ID(id)
		return nil
	}
}

// WithPort sets the UDP port of the beacons, which all nodes that are to meet share.
// The default is 5670.
func WithPort(port int) Option { return WithBeacon(beacon.WithPort(port)) }

// WithInterface beacons on these interfaces only: see beacon.WithInterface.
func WithInterface(specs ...string) Option { return WithBeacon(beacon.WithInterface(specs...)) }

// WithBeacon passes options on to the node's beacon.
func WithBeacon(opts ...beacon.Option) Option {
	return func(c *config) error {
		c.beacon = append(c.beacon, opts...)
		return nil
	}
}

// WithLoopback keeps the node on this host: it meets nodes of this host only, and
// cannot be reached from others.
func WithLoopback(on bool) Option {
	return func(c *config) error {
		c.loopback = on
		c.beacon = append(c.beacon, beacon.WithLoopback(on))
		return nil
	}
}

// WithInterval sets the time between two beacons. The default is a second. A node that
// has more than 50 peers beacons more rarely, in proportion to their number, but often
// enough for a peer that would take missing beacons for silence: at the latest when
// four fifths of the first of WithTimeouts have passed.
func WithInterval(d time.Duration) Option {
	return func(c *config) error {
		if d < time.Millisecond {
			return invalid("beacon interval %v: must be at least 1ms", d)
		}
		c.interval = d
		return nil
	}
}

// WithBind sets where the node listens: "tcp://10.1.2.3:*", or with a port that a
// firewall lets through. The default is a free port on all addresses. The beacon says
// only the port: peers dial the address that the beacon came from.
func WithBind(endpoint string) Option {
	return func(c *config) error {
		c.bind = endpoint
		return nil
	}
}

// WithIPv6 uses IPv6 beside IPv4: it beacons to ff02::1 as well, and listens on both.
func WithIPv6(on bool) Option {
	return func(c *config) error {
		if c.ipv6 = on; !on {
			return nil
		}
		c.beacon = append(c.beacon, beacon.WithBroadcast(true), beacon.WithMulticast("ff02::1", 1))
		return nil
	}
}

// WithTimeouts sets after which silence a peer counts as evasive, and after which as
// gone. The defaults are 5 and 30 seconds.
func WithTimeouts(evasive, expired time.Duration) Option {
	return func(c *config) error {
		if evasive < 10*time.Millisecond || expired < evasive {
			return invalid("timeouts %v and %v: the first must be at least 10ms, and the second not less", evasive, expired)
		}
		c.Evasive, c.Expired = evasive, expired
		c.Greet = min(c.Greet, expired)
		return nil
	}
}

// WithCurve encrypts all links, and lets in the peers whose public key trusted has.
// A nil store lets every key in: links are secret then, and a UUID is its key's, but
// anybody may take part. own must have its secret key.
//
// A node whose key the store does not have is not dialled, and so learns neither name nor
// headers nor groups. One whose key a store with OnChange withdraws exits at once, as
// Revoked.
func WithCurve(own *cert.Cert, trusted cert.Store) Option {
	return func(c *config) error {
		if own == nil {
			return invalid("no certificate")
		}
		c.own, c.trusted, c.Key = own, trusted, own.Public()
		return nil
	}
}

// WithQueue sets how many events wait for one iterator or channel. Above it messages
// are dropped and counted, above twice as many every event, and either when 64 MiB
// wait: of the peer that has most there, unless all have as much. The default is 10,000.
func WithQueue(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("queue of %d events: must be at least 1", n)
		}
		c.queue = n
		return nil
	}
}

// WithSendHWM sets how many messages wait for one peer before Whisper and Shout wait
// for room. The default is 1,000.
func WithSendHWM(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("high-water mark %d: must be at least 1", n)
		}
		c.hwm = n
		return nil
	}
}

// WithMaxMessage bounds a message of WHISPER and SHOUT, sent or received, in frames and in
// bytes of them all. The default is 1,023 frames and 16 MiB. What is above it is not
// sent (ErrTooLarge); a peer that sends it all the same is told so and loses its connection,
// and exits. All nodes of a network should have the same bounds; zyre in C has none.
func WithMaxMessage(frames int, bytes int64) Option {
	return func(c *config) error {
		if frames < 1 || bytes < 1 {
			return invalid("a message of at most %d frames and %d bytes: must be at least 1", frames, bytes)
		}
		c.frames, c.bytes = frames, bytes
		return nil
	}
}

// WithMaxPeers bounds how many peers the node has; more are turned away. The default
// is 4,096. When all places are taken, a peer from an address that has fewer of them (of
// IPv6: a network of 64 bits) takes that of the newest from the address with the most,
// which exits as Crowded: one host can't keep the others out.
func WithMaxPeers(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return invalid("at most %d peers: must be at least 1", n)
		}
		c.MaxPeers = n
		return nil
	}
}

// WithLinger sets how long Close waits for messages to be sent. The default is a
// second.
func WithLinger(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return invalid("linger %v: must not be negative", d)
		}
		c.linger = d
		return nil
	}
}

// WithNetwork lets the node's links use n in place of the system's network, as for tests in
// memory. Beacons go on as they were: see package zyretest, which replaces both.
func WithNetwork(n zmq.Network) Option {
	return func(c *config) error {
		c.network = n
		return nil
	}
}

// WithLogger logs the comings and goings of peers at debug level. The default is
// silence.
func WithLogger(log zerolog.Logger) Option {
	return func(c *config) error {
		c.log = c.log.Zerolog(log)
		c.socket = append(c.socket, zmq.WithLogger(log))
		c.beaconed = append(c.beaconed, beacon.WithLogger(log))
		return nil
	}
}

// WithSlog is WithLogger for log/slog. With both options the node and its beacon write to
// both, its sockets to the later one.
func WithSlog(log *slog.Logger) Option {
	return func(c *config) error {
		if log == nil {
			return invalid("nil logger")
		}
		c.log = c.log.Slog(log)
		c.socket = append(c.socket, zmq.WithSlog(log))
		c.beaconed = append(c.beaconed, beacon.WithSlog(log))
		return nil
	}
}

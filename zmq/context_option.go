package zmq

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ContextOption is a setting of a Context.
type ContextOption func(*Context) error

// contextOptions are the settings of a Context. They do not change once it is made.
type contextOptions struct {
	maxSockets int
	maxMsg     int // 0: no limit
	ioThreads  int
	ipv6       bool
	blocky     bool
	copies     bool
	prefix     string
	cpus       map[int]struct{}
	kept       map[string]int // what has no meaning here, by name
}

// Limits of a Context, as in libzmq.
const (
	defaultMaxSockets = 1023
	socketLimit       = 65535
	maxThreadPrefix   = 16
	msgSize           = 64 // of libzmq's zmq_msg_t
)

func contextDefaults() contextOptions {
	return contextOptions{maxSockets: defaultMaxSockets, ioThreads: 1, blocky: true}
}

// contextRow is one option of a Context.
type contextRow struct {
	name string // libzmq's, without ZMQ_
	with string // the Go function that sets it
	rule string // what a value must be; "" when any is right
	says string
	set  func(c *Context, v any) error // nil: it can only be read
	get  func(c *Context) any          // nil: it can only be set
}

var contextTable = []contextRow{
	{"IO_THREADS", "WithIOThreads", natural.text, "kept, but with 0 there is only inproc", contextNumber(natural, func(c *Context, n int) { c.ioThreads = n }), func(c *Context) any { return c.ioThreads }},
	{"MAX_SOCKETS", "WithMaxSockets", socketNumber.text, "sockets; one more is ErrTooManySockets", contextNumber(socketNumber, func(c *Context, n int) { c.maxSockets = n }), func(c *Context) any { return c.maxSockets }},
	{"SOCKET_LIMIT", "", "", "the most that MAX_SOCKETS can be", nil, func(*Context) any { return socketLimit }},
	{"MAX_MSGSZ", "WithMaxSend", count.text, "bytes of a message that is sent", contextNumber(count, func(c *Context, n int) { c.maxMsg = n }), func(c *Context) any { return sendLimit(c) }},
	{"MSG_T_SIZE", "", "", "bytes of libzmq's message header", nil, func(*Context) any { return msgSize }},
	{"IPV6", "WithContextIPv6", "", "the default of new sockets", contextFlag(func(c *Context, on bool) { c.ipv6 = on }), func(c *Context) any { return c.ipv6 }},
	{"BLOCKY", "WithBlocky", "", "off: new sockets do not linger", contextFlag(func(c *Context, on bool) { c.blocky = on }), func(c *Context) any { return c.blocky }},
	{"ZERO_COPY_RECV", "", "", "kept: received frames are never copied", contextFlag(func(c *Context, on bool) { c.copies = !on }), func(c *Context) any { return !c.copies }},
	{"THREAD_PRIORITY", "", natural.text, "kept: goroutines have none", contextNumber(natural, func(c *Context, n int) { c.keepNumber("THREAD_PRIORITY", n) }), nil},
	{"THREAD_SCHED_POLICY", "", natural.text, "kept: the Go scheduler decides", contextNumber(natural, func(c *Context, n int) { c.keepNumber("THREAD_SCHED_POLICY", n) }), func(c *Context) any { return c.number("THREAD_SCHED_POLICY", -1) }},
	{"THREAD_AFFINITY_CPU_ADD", "", natural.text, "kept: the Go scheduler decides", contextNumber(natural, (*Context).addCPU), nil},
	{"THREAD_AFFINITY_CPU_REMOVE", "", "one that was added", "kept: the Go scheduler decides", removeCPU, nil},
	{"THREAD_NAME_PREFIX", "", "of 16 bytes at most", "kept: goroutines have no names", setThreadPrefix, func(c *Context) any { return c.prefix }},
}

func contextByName(name string) *contextRow {
	name = strings.TrimPrefix(name, "ZMQ_")
	for i := range contextTable {
		if contextTable[i].name == name {
			return &contextTable[i]
		}
	}
	return nil
}

var socketNumber = rule[int]{text: fmt.Sprintf("1 to %d", socketLimit), ok: func(n int) bool { return n >= 1 && n <= socketLimit }}

func contextNumber(r rule[int], set func(c *Context, n int)) func(*Context, any) error {
	return func(c *Context, v any) error {
		n, err := as[int](v)
		if err == nil {
			err = r.check(n)
		}
		if err == nil {
			set(c, n)
		}
		return err
	}
}

func contextFlag(set func(c *Context, on bool)) func(*Context, any) error {
	return func(c *Context, v any) error {
		on, err := as[bool](v)
		if err == nil {
			set(c, on)
		}
		return err
	}
}

// sendLimit is what libzmq says where there is no limit.
func sendLimit(c *Context) int {
	if c.maxMsg == 0 {
		return math.MaxInt32
	}
	return c.maxMsg
}

func (c *Context) keepNumber(name string, n int) {
	if c.kept == nil {
		c.kept = map[string]int{}
	}
	c.kept[name] = n
}

func (c *Context) number(name string, def int) int {
	if n, ok := c.kept[name]; ok {
		return n
	}
	return def
}

func (c *Context) addCPU(n int) {
	if c.cpus == nil {
		c.cpus = map[int]struct{}{}
	}
	c.cpus[n] = struct{}{}
}

func removeCPU(c *Context, v any) error {
	n, err := as[int](v)
	if err != nil {
		return err
	}
	if _, has := c.cpus[n]; !has {
		return errors.New("must be one that was added")
	}
	delete(c.cpus, n)
	return nil
}

// setThreadPrefix takes a number, too, as libzmq does.
func setThreadPrefix(c *Context, v any) error {
	if n, ok := integer(v); ok {
		v = fmt.Sprint(n)
	}
	text, err := as[string](v)
	if err == nil && len(text) > maxThreadPrefix {
		err = fmt.Errorf("must be of %d bytes at most", maxThreadPrefix)
	}
	if err == nil {
		c.prefix = text
	}
	return err
}

// WithContextOption sets an option of a Context by libzmq's name, with or without
// ZMQ_; value is a number, for flags also a bool, for THREAD_NAME_PREFIX a string.
func WithContextOption(name string, value any) ContextOption {
	return func(c *Context) error {
		row := contextByName(name)
		if row == nil || row.set == nil {
			return fmt.Errorf("%w: a Context has no option %q to be set", ErrInvalidOption, name)
		}
		if err := row.set(c, value); err != nil {
			return fmt.Errorf("%w: %s = %v: %v", ErrInvalidOption, row.name, value, err)
		}
		return nil
	}
}

// Option reads an option of the Context by libzmq's name, with or without ZMQ_.
//
// Errors: ErrInvalidOption when there is none of that name, or it can't be read.
func (c *Context) Option(name string) (any, error) {
	row := contextByName(name)
	if row == nil || row.get == nil {
		return nil, fmt.Errorf("%w: a Context has no option %q to be read", ErrInvalidOption, name)
	}
	return row.get(c), nil
}

// WithIOThreads is a hint from libzmq's world: how many threads serve connections.
// Here goroutines do, as many as there are processors, and the number changes
// nothing; but 0 says that there are to be no connections: Bind and Connect then
// know only inproc. Default 1. (ZMQ_IO_THREADS)
func WithIOThreads(n int) ContextOption { return WithContextOption("IO_THREADS", n) }

// WithMaxSockets bounds the sockets of a Context, 1 to 65535. Default 1023.
// (ZMQ_MAX_SOCKETS)
func WithMaxSockets(n int) ContextOption { return WithContextOption("MAX_SOCKETS", n) }

// WithMaxSend bounds a message that is sent by a socket of the Context, in bytes;
// 0 means no bound, which is the default. (ZMQ_MAX_MSGSZ)
func WithMaxSend(n int) ContextOption { return WithContextOption("MAX_MSGSZ", n) }

// WithContextIPv6 makes IPv6 the default of new sockets. (ZMQ_IPV6)
func WithContextIPv6(on bool) ContextOption { return WithContextOption("IPV6", on) }

// WithBlocky false makes a linger time of 0 the default of new sockets. (ZMQ_BLOCKY)
func WithBlocky(on bool) ContextOption { return WithContextOption("BLOCKY", on) }

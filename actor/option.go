package actor

import "time"

// Option changes how an actor is made.
type Option func(*config)

type config struct {
	name     string
	mailbox  int
	output   int
	overflow Overflow
	ready    time.Duration
	registry *Registry
}

// defaults is the config of every actor without options.
var defaults config

func configure(opts []Option) *config {
	if len(opts) == 0 {
		return &defaults
	}
	c := new(config)
	for _, o := range opts {
		o(c)
	}
	return c
}

// WithName names the actor. The name is in its errors' texts and, as the label
// "actor", in profiles of its goroutine.
func WithName(name string) Option { return func(c *config) { c.name = name } }

// WithMailbox sets how many messages wait for the actor at most; the default is
// 2000, as for a czmq actor.
func WithMailbox(n int) Option { return func(c *config) { c.mailbox = n } }

// WithOutput sets how many messages of the actor wait to be received by its
// owner at most; the default is 2000. At that number its Send waits.
func WithOutput(n int) Option { return func(c *config) { c.output = n } }

// WithOverflow says what becomes of a message for a full mailbox; the default is
// Block.
func WithOverflow(o Overflow) Option { return func(c *config) { c.overflow = o } }

// WithReadyTimeout ends an actor that is not ready after d. Without it, only the
// context bounds how long Spawn waits.
func WithReadyTimeout(d time.Duration) Option { return func(c *config) { c.ready = d } }

// WithRegistry enters the actor, which needs a name, into r until it ends.
func WithRegistry(r *Registry) Option { return func(c *config) { c.registry = r } }

// Overflow is what becomes of a message for a full mailbox.
type Overflow uint8

// The policies. A blocked Send ends with its context or the actor.
const (
	Block   Overflow = iota // Send waits for room
	DropNew                 // the message is dropped and counted: see Stats
	Fail                    // Send returns ErrMailboxFull
)

// String returns the policy's name.
func (o Overflow) String() string {
	switch o {
	case Block:
		return "Block"
	case DropNew:
		return "DropNew"
	case Fail:
		return "Fail"
	}
	return "unknown"
}

package actor

import (
	"fmt"
	"time"

	"github.com/go-zactor/zactor/internal/logs"
)

// Option changes how an actor or a supervisor is made. An option with an invalid
// value, or of the other kind, is an error of the constructor: ErrOption.
type Option struct {
	name  string
	of    scope
	apply func(*config) error
}

// scope is which constructors take an option.
type scope uint8

const (
	ofActor scope = 1 << iota
	ofSupervisor
	ofBoth = ofActor | ofSupervisor
)

func (s scope) String() string {
	if s == ofSupervisor {
		return "a supervisor"
	}
	return "an actor"
}

type config struct {
	name     string
	mailbox  int
	output   int
	overflow Overflow
	ready    time.Duration
	stop     time.Duration
	slow     time.Duration
	registry *Registry
	groups   []string
	log      logs.Logger
	listed   *subject // of one actor with a name
	counted  bool     // listed or slow is set

	intensity intensity // of a supervisor
	backoff   backoff   // of a supervisor
}

// stopTimeout is how long a Close waits for a function, unless an option says
// otherwise.
const stopTimeout = 5 * time.Second

// defaults is the config of every actor without options.
var defaults = config{stop: stopTimeout}

// configure returns the config of an actor. from has the defaults; it is not
// changed.
func configure(from *config, opts []Option) (*config, error) {
	if len(opts) == 0 {
		return from, nil
	}
	c := new(config)
	*c = *from
	return c, c.take(ofActor, opts)
}

func (c *config) take(s scope, opts []Option) error {
	for _, o := range opts {
		if o.of&s == 0 {
			return fmt.Errorf("%w: %s is no option of %s", ErrOption, o.name, s)
		}
		if err := o.apply(c); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrOption, o.name, err)
		}
	}
	return nil
}

func option(name string, of scope, set func(*config)) Option {
	return Option{name, of, func(c *config) error { set(c); return nil }}
}

// positive is an option whose value must be above zero.
func positive[N int | time.Duration](name string, of scope, n N, set func(*config)) Option {
	return Option{name, of, func(c *config) error {
		if n <= 0 {
			return fmt.Errorf("%v: must be above 0", n)
		}
		set(c)
		return nil
	}}
}

// WithName names the actor. The name is in its errors' texts and, as the label
// "actor", in profiles of its goroutine; package observe shows actors that have one.
func WithName(name string) Option {
	return option("WithName", ofActor, func(c *config) { c.name = name })
}

// WithMailbox sets how many messages wait for the actor at most; the default is
// 2000, as for a czmq actor.
func WithMailbox(n int) Option {
	return positive("WithMailbox", ofActor, n, func(c *config) { c.mailbox = n })
}

// WithOutput sets how many messages of an Actor wait to be received by its owner
// at most; the default is 2000. At that number its Send waits.
func WithOutput(n int) Option {
	return positive("WithOutput", ofActor, n, func(c *config) { c.output = n })
}

// WithOverflow says what becomes of a message for a full mailbox; the default is
// Block.
func WithOverflow(o Overflow) Option {
	return Option{"WithOverflow", ofActor, func(c *config) error {
		if o > Fail {
			return fmt.Errorf("%d: must be Block, DropNew or Fail", o)
		}
		c.overflow = o
		return nil
	}}
}

// WithReadyTimeout ends an actor that is not ready after d. Without it, only the
// context bounds how long Spawn and New wait. Given to a supervisor it holds for
// its children, which have 10 s otherwise.
func WithReadyTimeout(d time.Duration) Option {
	return positive("WithReadyTimeout", ofBoth, d, func(c *config) { c.ready = d })
}

// WithStopTimeout sets how long a function may take to return when it is told to;
// the default is 5 s. After that Close returns ErrStuck. Given to a supervisor it
// holds for its children: one that is late is reported as Stuck; at the end of Run
// the supervisor goes on without it; when it was to be restarted with its siblings
// the supervisor gives up, because no actor may run twice.
func WithStopTimeout(d time.Duration) Option {
	return positive("WithStopTimeout", ofBoth, d, func(c *config) { c.stop = d })
}

// WithSlow has the event Slow tell of every message that a typed actor has worked
// on for d. It costs a timer a message.
func WithSlow(d time.Duration) Option {
	return positive("WithSlow", ofActor, d, func(c *config) { c.slow, c.counted = d, true })
}

// WithRegistry enters the actor, which needs a name, into r until it ends.
func WithRegistry(r *Registry) Option {
	return option("WithRegistry", ofActor, func(c *config) { c.registry = r })
}

// WithGroup makes the actor a member of groups of its registry: see
// Registry.Group.
func WithGroup(names ...string) Option {
	return option("WithGroup", ofActor, func(c *config) { c.groups = names })
}

// WithIntensity sets how many failures are tolerated within d: at one more the
// supervisor gives up. The default is 10 in 10 s. Under OneForOne, whose children
// are independent, the failures of each child are counted by themselves; under the
// other strategies those of all. A child that has run for d counts as recovered:
// its next failure is its first.
func WithIntensity(n int, d time.Duration) Option {
	return Option{"WithIntensity", ofSupervisor, func(c *config) error {
		if n < 0 || d <= 0 {
			return fmt.Errorf("%d in %v: must be at least 0, within more than 0", n, d)
		}
		c.intensity = intensity{most: n, within: d}
		return nil
	}}
}

// WithBackoff sets how long a child waits for its restart: not at all after its
// first failure, about least after the second in a row, and then twice as long
// each time, up to most. The default is from 10 ms to 5 s.
func WithBackoff(least, most time.Duration) Option {
	return Option{"WithBackoff", ofSupervisor, func(c *config) error {
		if least <= 0 || most < least {
			return fmt.Errorf("%v to %v: must be above 0 and in order", least, most)
		}
		c.backoff.least, c.backoff.most = least, most
		return nil
	}}
}

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

// Package base has what the options of patterns are alike in, beside internal/option:
// who an option is for, and what is passed on to the sockets.
//
//	type config struct {
//		base.Config
//		...
//	}
//
//	var options = base.Of(ErrInvalidOption, func(c *config) *base.Config { return &c.Config })
//
//	func WithSocket(opts ...zmq.Option) Option { return options.Socket(opts...) }
package base

import (
	"log/slog"
	"slices"

	"github.com/go-zactor/zactor/internal/option"
	"github.com/go-zactor/zactor/zmq"
)

// Role is who is configured, by the name of its constructor: "NewBroker".
type Role string

// Config is the part that the configurations of patterns share.
type Config struct {
	Role   Role
	Socket []zmq.Option // for every socket, after those of the pattern
}

// Options makes the options of one package, which change a C.
type Options[C any] struct {
	option.Family[C]
	at func(*C) *Config
}

// Of makes Options. Their errors match sentinel; at is where a C has what is common.
func Of[C any](sentinel error, at func(*C) *Config) Options[C] {
	return Options[C]{option.Of[C](sentinel), at}
}

// Only is an option that some have, and that is an error with the others.
func (o Options[C]) Only(name string, opt func(*C) error, who ...Role) func(*C) error {
	return func(c *C) error {
		if role := o.at(c).Role; !slices.Contains(who, role) {
			return o.Invalid("%s is for %v, not for %s", name, who, role)
		}
		return opt(c)
	}
}

// Socket is WithSocket: it passes options on to every socket.
func (o Options[C]) Socket(opts ...zmq.Option) func(*C) error {
	opts = slices.Clone(opts)
	return func(c *C) error {
		o.at(c).Socket = append(o.at(c).Socket, opts...)
		return nil
	}
}

// Slog is WithSlog, for the sockets.
func (o Options[C]) Slog(l *slog.Logger) func(*C) error {
	if l == nil {
		return func(*C) error { return o.Invalid("nil logger") }
	}
	return o.Socket(zmq.WithSlog(l))
}

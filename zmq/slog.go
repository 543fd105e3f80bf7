package zmq

import "log/slog"

// WithSlog is WithLogger for programs that log with log/slog; with both, both get each
// line. Nil is none. (Programs whose slog should end in zerolog use zerolog's own
// NewSlogHandler.)
func WithSlog(l *slog.Logger) Option { return newOption("LOGGER", l) }

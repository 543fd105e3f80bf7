package logs

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// A Level says how much a line matters. The numbers are zerolog's.
type Level int8

// The levels.
const (
	Trace Level = iota - 1
	Debug
	Info
	Warn
	Error
)

// String is the level in lower case.
func (v Level) String() string { return zerolog.Level(v).String() }

// slog is the level in log/slog; TRACE lies as far below DEBUG as DEBUG below INFO.
func (v Level) slog() slog.Level { return slog.Level(4 * (v - Info)) }

// A Logger writes to the loggers that it was made with. The zero value writes nothing.
// It is as small as a pointer, and may be used from any goroutine.
type Logger struct{ to *sinks }

// sinks are the loggers that lines go to. They do not change.
type sinks struct {
	zero *zerolog.Logger
	slog *slog.Logger
	*root
}

// root is what a Logger shares with those that With makes of it.
type root struct {
	panics atomic.Uint64
	limits limits
}

// Zerolog returns a Logger that writes to z, and not to the zerolog logger of l.
func (l Logger) Zerolog(z zerolog.Logger) Logger {
	s := l.copy()
	s.zero = &z
	return Logger{s}
}

// Slog returns a Logger that writes to sl, and not to the slog logger of l. Nil is
// none.
func (l Logger) Slog(sl *slog.Logger) Logger {
	s := l.copy()
	s.slog = sl
	return Logger{s}
}

func (l Logger) copy() *sinks {
	if l.to == nil {
		return &sinks{root: new(root)}
	}
	s := *l.to
	return &s
}

// With returns a Logger that writes fields in each of its lines.
func (l Logger) With(fields ...Field) (with Logger) {
	if l.to == nil {
		return l
	}
	with = l // also if a logger panics
	s := l.copy()
	defer s.contain()
	if s.zero != nil {
		c := s.zero.With()
		for _, f := range fields {
			c = f.context(c)
		}
		z := c.Logger()
		s.zero = &z
	}
	if s.slog != nil {
		attrs := make([]slog.Attr, 0, len(fields))
		for _, f := range fields {
			attrs = append(attrs, f.attr())
		}
		s.slog = slog.New(s.slog.Handler().WithAttrs(attrs))
	}
	return Logger{s}
}

// Enabled reports whether a line of the level would be written, without allocating:
// ask it before a line that is costly to prepare.
func (l Logger) Enabled(v Level) (is bool) {
	if l.to == nil {
		return false
	}
	defer l.to.contain()
	return l.to.zerolog(v) || l.to.slogs(v)
}

func (s *sinks) zerolog(v Level) bool {
	return s.zero != nil && s.zero.GetLevel() <= zerolog.Level(v) && zerolog.GlobalLevel() <= zerolog.Level(v)
}

func (s *sinks) slogs(v Level) bool {
	return s.slog != nil && s.slog.Enabled(context.Background(), v.slog())
}

// Panics is how many lines were lost because a logger panicked.
func (l Logger) Panics() uint64 {
	if l.to == nil {
		return 0
	}
	return l.to.panics.Load()
}

// Trace writes a line of that level.
func (l Logger) Trace(text string, fields ...Field) { l.to.write(2, Trace, text, 0, fields) }

// Debug writes a line of that level.
func (l Logger) Debug(text string, fields ...Field) { l.to.write(2, Debug, text, 0, fields) }

// Info writes a line of that level.
func (l Logger) Info(text string, fields ...Field) { l.to.write(2, Info, text, 0, fields) }

// Warn writes a line of that level.
func (l Logger) Warn(text string, fields ...Field) { l.to.write(2, Warn, text, 0, fields) }

// Error writes a line of that level.
func (l Logger) Error(text string, fields ...Field) { l.to.write(2, Error, text, 0, fields) }

// Write writes a line of any level.
func (l Logger) Write(v Level, text string, fields ...Field) { l.to.write(2, v, text, 0, fields) }

// write hands a line to each logger; skip is how many frames lie between the runtime
// and the one that logs.
func (s *sinks) write(skip int, v Level, text string, id ID, fields []Field) {
	if s == nil {
		return
	}
	if s.zero != nil {
		s.writeZerolog(skip+1, v, text, id, fields)
	}
	if s.slog != nil {
		s.writeSlog(skip+1, v, text, id, fields)
	}
}

func (s *sinks) writeZerolog(skip int, v Level, text string, id ID, fields []Field) {
	defer s.contain()
	e := s.zero.WithLevel(zerolog.Level(v))
	if e == nil {
		return
	}
	e.CallerSkipFrame(skip)
	if id != 0 {
		e.Str(eventKey, id.String())
	}
	for _, f := range fields {
		f.zerolog(e)
	}
	e.Msg(text)
}

func (s *sinks) writeSlog(skip int, v Level, text string, id ID, fields []Field) {
	defer s.contain()
	if !s.slogs(v) {
		return
	}
	var caller [1]uintptr
	runtime.Callers(skip+1, caller[:])
	r := slog.NewRecord(time.Now(), v.slog(), text, caller[0])
	if id != 0 {
		r.AddAttrs(slog.String(eventKey, id.String()))
	}
	for _, f := range fields {
		if a := f.attr(); a.Key != "" {
			r.AddAttrs(a)
		}
	}
	_ = s.slog.Handler().Handle(context.Background(), r)
}

// contain is deferred around what a user's logger does.
func (s *sinks) contain() {
	if recover() != nil {
		s.panics.Add(1)
	}
}

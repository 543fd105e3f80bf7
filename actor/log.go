package actor

import (
	"log/slog"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/internal/logs"
)

// WithLogger has a supervisor write the events of its children to l, and an actor
// without a supervisor its own: failures and what is stuck at Warn and Error, the
// rest at Debug. A supervisor's logger is called on a goroutine of its own, for up to
// 10,000 events that wait: a slow one holds up nobody.
func WithLogger(l zerolog.Logger) Option {
	return option("WithLogger", ofBoth, func(c *config) { c.log = c.log.Zerolog(l) })
}

// WithSlog is WithLogger for log/slog. Both may be given.
func WithSlog(l *slog.Logger) Option {
	return option("WithSlog", ofBoth, func(c *config) { c.log = c.log.Slog(l) })
}

// level is how much an event matters.
func (e Event) level() logs.Level {
	switch e.Kind {
	case Stuck, GaveUp:
		return logs.Error
	case NotReady, DeadLetter, Slow, Missed, Undelivered:
		return logs.Warn
	case Exited:
		if e.Err != nil {
			return logs.Warn
		}
	}
	return logs.Debug
}

// write writes e to a log.
func (e Event) write(l logs.Logger) {
	v := e.level()
	if !l.Enabled(v) {
		return
	}
	fields := make([]logs.Field, 0, 4)
	if e.Kind == Missed {
		l.Log(logs.ActorMissed, logs.Uint("events", e.N))
		return
	}
	fields = append(fields, logs.Str("actor", e.Child))
	if e.Err != nil {
		fields = append(fields, logs.Err(e.Err))
	}
	if e.Type != "" {
		fields = append(fields, logs.Str("message", e.Type))
	}
	if e.Kind == Undelivered {
		fields = append(fields, logs.Uint("messages", e.N))
	}
	if e.Kind == Restarting {
		fields = append(fields, logs.Dur("delay", e.Delay))
	}
	if id, has := logIDs[e.Kind]; has && v > logs.Debug {
		l.Log(id, fields...)
		return
	}
	l.Write(v, "actor: "+logTexts[e.Kind], fields...)
}

// logIDs are the lines that docs/events.md explains: those of what is wrong.
var logIDs = map[EventKind]logs.ID{
	Exited: logs.ActorFailed, NotReady: logs.ActorNotReady, Stuck: logs.ActorStuck, GaveUp: logs.ActorGaveUp,
	DeadLetter: logs.ActorDeadLetter, Slow: logs.ActorSlow, Undelivered: logs.ActorUnsent,
}

var logTexts = [...]string{
	"started", "ready", "not ready in time", "exited", "restarting", "ended", "does not return", "supervisor gives up",
	"message lost with a failed life", "mailbox full", "slow message", "events missed", "closed with messages undelivered",
}

// logEvents starts the goroutine that writes the log, unless there is none to write.
// It ends with the feed.
func (s *Supervisor) logEvents() {
	if s.config.log == (logs.Logger{}) || s.logged != nil {
		return
	}
	done := make(chan struct{})
	s.logged = done
	events := s.events.queue().Events(s.ctx)
	log := s.config.log
	go func() {
		defer close(done)
		for e := range events {
			if err := guarded("actor: log", func() { e.write(log) }); err != nil {
				log.Limited(logs.Contained, "", logs.Err(err))
			}
		}
	}()
}

// endLog waits until what has happened is written, but not for long: a logger that
// hangs is the program's.
func (s *Supervisor) endLog() {
	s.mu.Lock()
	done := s.logged
	s.mu.Unlock()
	if done == nil {
		return
	}
	t := time.NewTimer(s.config.stop)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

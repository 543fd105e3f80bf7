package zmq

import (
	"context"
	"encoding/json"
	"log/slog"
	"sort"

	"github.com/rs/zerolog"
)

// WithSlog is WithLogger for programs that log with log/slog. (Programs whose slog
// should end in zerolog use zerolog's own NewSlogHandler.)
func WithSlog(l *slog.Logger) Option { return WithLogger(zerolog.New(slogWriter{l})) }

// slogWriter turns zerolog's JSON lines into slog records.
type slogWriter struct{ l *slog.Logger }

var slogLevels = map[zerolog.Level]slog.Level{
	zerolog.TraceLevel: slog.LevelDebug - 4,
	zerolog.DebugLevel: slog.LevelDebug,
	zerolog.InfoLevel:  slog.LevelInfo,
	zerolog.WarnLevel:  slog.LevelWarn,
	zerolog.ErrorLevel: slog.LevelError,
	zerolog.FatalLevel: slog.LevelError,
	zerolog.PanicLevel: slog.LevelError,
}

func (w slogWriter) Write(p []byte) (int, error) { return w.WriteLevel(zerolog.InfoLevel, p) }

// WriteLevel is called by zerolog with one line.
func (w slogWriter) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	ctx := context.Background()
	if !w.l.Enabled(ctx, slogLevels[level]) {
		return len(p), nil
	}
	var fields map[string]any
	if err := json.Unmarshal(p, &fields); err != nil {
		return 0, err
	}
	text, _ := fields[zerolog.MessageFieldName].(string)
	for _, own := range []string{zerolog.MessageFieldName, zerolog.LevelFieldName, zerolog.TimestampFieldName} {
		delete(fields, own)
	}
	attrs := make([]slog.Attr, 0, len(fields))
	for name, value := range fields {
		attrs = append(attrs, slog.Any(name, value))
	}
	sort.Slice(attrs, func(i, k int) bool { return attrs[i].Key < attrs[k].Key })
	w.l.LogAttrs(ctx, slogLevels[level], text, attrs...)
	return len(p), nil
}

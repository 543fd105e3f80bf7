package logs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// textSlog writes lines without their time.
func textSlog(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func TestFieldsOfBothLoggers(t *testing.T) {
	var z, s bytes.Buffer
	l := Logger{}.Zerolog(zerolog.New(&z)).Slog(textSlog(&s, slog.LevelDebug))
	l = l.With(Str("socket", "PUSH"), Int("n", -1))
	l.Warn("refused", Str("a", "x y"), Int("b", -2), Uint("c", 1<<63), Bool("d", true), Dur("e", 1500*time.Millisecond),
		Err(errors.New("no")), Stringer("f", netip.MustParseAddr("::1")), Any("g", []int{1}))
	l.Info("quiet", Err(nil))
	for _, c := range []struct{ name, got, want string }{
		{"zerolog", z.String(), `{"level":"warn","socket":"PUSH","n":-1,"a":"x y","b":-2,"c":9223372036854775808,"d":true,"e":1500,"error":"no","f":"::1","g":[1],"message":"refused"}
{"level":"info","socket":"PUSH","n":-1,"message":"quiet"}
`},
		{"slog", s.String(), `level=WARN msg=refused socket=PUSH n=-1 a="x y" b=-2 c=9223372036854775808 d=true e=1.5s error=no f=::1 g=[1]
level=INFO msg=quiet socket=PUSH n=-1
`},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, c.got, c.want)
		}
	}
}

// The zero Logger, and one without a slog logger, write nothing and fall over nothing.
func TestSilence(t *testing.T) {
	for _, l := range []Logger{{}, Logger{}.Slog(nil), Logger{}.Zerolog(zerolog.Nop()), Logger{}.Zerolog(zerolog.Logger{})} {
		l = l.With(Str("a", "b"))
		l.Error("x")
		l.Log(AuthMalformed)
		l.Limited(AuthMalformed, "k")
		l.Flush()
		if l.Panics() != 0 {
			t.Error("silence panics")
		}
	}
	if (Logger{}).Enabled(Error) || (Logger{}).Zerolog(zerolog.Nop()).Enabled(Error) {
		t.Error("silence is enabled")
	}
}

func TestLevels(t *testing.T) {
	for level := Trace; level <= Error; level++ {
		var z, s bytes.Buffer
		l := Logger{}.Zerolog(zerolog.New(&z).Level(zerolog.Level(level))).Slog(textSlog(&s, level.slog()))
		l.Trace("trace")
		l.Debug("debug")
		l.Info("info")
		l.Warn("warn")
		l.Error("error")
		l.Write(level, level.String())
		want := 6 - int(level-Trace)
		if n, m := strings.Count(z.String(), "\n"), strings.Count(s.String(), "\n"); n != want || m != want {
			t.Errorf("from %v on: %d and %d lines, want %d", level, n, m, want)
		}
		if l.Enabled(level-1) || !l.Enabled(level) {
			t.Errorf("Enabled is wrong around %v", level)
		}
	}
	if Trace.slog() >= slog.LevelDebug || Warn.slog() != slog.LevelWarn || Error.slog() != slog.LevelError {
		t.Error("the levels of slog are others")
	}
}

// The place that a logger names is that of the call, not one in this package.
func TestCaller(t *testing.T) {
	var z, s bytes.Buffer
	l := Logger{}.Zerolog(zerolog.New(&z).With().Caller().Logger()).
		Slog(slog.New(slog.NewTextHandler(&s, &slog.HandlerOptions{AddSource: true})))
	l.Info("a")
	l.Log(AuthMalformed)
	l.Limited(AuthMalformed, "k")
	for _, line := range strings.Split(strings.TrimSpace(z.String()+s.String()), "\n") {
		if !strings.Contains(line, "logger_test.go:") {
			t.Errorf("no line of the test is named: %s", line)
		}
	}
}

// angry panics wherever it can.
type angry struct{ enabled bool }

func (a angry) Write([]byte) (int, error) { panic("writer") }
func (a angry) Enabled(context.Context, slog.Level) bool {
	if !a.enabled {
		panic("enabled")
	}
	return true
}
func (a angry) Handle(context.Context, slog.Record) error { panic("handler") }
func (a angry) WithAttrs([]slog.Attr) slog.Handler        { panic("attrs") }
func (a angry) WithGroup(string) slog.Handler             { return a }
func (a angry) String() string                            { panic("stringer") }

func TestPanicsAreContained(t *testing.T) {
	var s bytes.Buffer
	l := Logger{}.Zerolog(zerolog.New(angry{})).Slog(textSlog(&s, slog.LevelDebug))
	l.Info("heard")
	if l.Panics() != 1 || !strings.Contains(s.String(), "heard") {
		t.Errorf("%d panics; the other logger wrote %q", l.Panics(), s.String())
	}
	l.With(Str("a", "b")).Info("also")
	if l.Panics() != 2 {
		t.Errorf("%d panics, want those of all that With made too", l.Panics())
	}
	for _, h := range []angry{{}, {enabled: true}} {
		l := Logger{}.Slog(slog.New(h))
		l.Enabled(Info)
		l.Info("x")
		l.With(Str("a", "b")).Error("y")
		if l.Panics() < 2 {
			t.Errorf("%d panics of a handler", l.Panics())
		}
	}
	l = Logger{}.Zerolog(zerolog.New(io.Discard))
	l.Info("x", Stringer("v", angry{}), Any("w", nil))
	l.Info("x", Stringer("v", nil))
	if l.Panics() != 1 {
		t.Errorf("%d panics of a value", l.Panics())
	}
}

func TestAllocations(t *testing.T) {
	off := Logger{}.Zerolog(zerolog.New(io.Discard).Level(zerolog.WarnLevel)).Slog(textSlog(io.Discard, slog.LevelWarn))
	on := Logger{}.Zerolog(zerolog.New(io.Discard))
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"silent", func() { Logger{}.Debug("x", Str("a", "b"), Int("c", 1)) }},
		{"below the level", func() { off.Debug("x", Str("a", "b"), Int("c", 1)) }},
		{"the question", func() { off.Enabled(Debug) }},
		{"zerolog", func() { on.Info("x", Str("a", "b"), Int("c", 1)) }},
	} {
		if n := testing.AllocsPerRun(100, c.f); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func BenchmarkBelowTheLevel(b *testing.B) {
	l := Logger{}.Zerolog(zerolog.New(io.Discard).Level(zerolog.WarnLevel))
	b.ReportAllocs()
	for b.Loop() {
		l.Debug("x", Str("a", "b"), Int("c", 1))
	}
}

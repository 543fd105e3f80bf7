package zloop_test

import (
	"errors"
	"io"
	"iter"
	"net"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

// Whatever handler panics, that reaches Run's caller, and the loop may be run again: the
// others are called.
func TestHandlersAreContained(t *testing.T) {
	closed := make(chan int)
	close(closed)
	full := make(chan int, 8)
	for name, register := range map[string]func(*testing.T, *zloop.Loop, func() error) (busy *zloop.Handle){
		"After":  func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle { l.After(0, fn); return nil },
		"Every":  func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle { l.Every(ms, fn); return nil },
		"Times":  func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle { l.Times(ms, 2, fn); return nil },
		"Ticket": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle { l.Ticket(ms, fn); return nil },
		"Post":   func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle { _ = l.Post(fn); return nil },
		"Reader": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			return l.Reader(always{}, func(msg.Msg) error { return fn() })
		},
		"Writer": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle { return l.Writer(always{}, fn) },
		"TryRecv": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			return l.Reader(receiver{try: fn}, func(msg.Msg) error { return nil })
		},
		"Poll": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			return l.Writer(receiver{poll: fn}, func() error { return nil })
		},
		"Chan": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			full <- 1
			zloop.Chan(l, full, func(int) error { return fn() })
			return nil
		},
		"Each": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			zloop.Each(l, iter.Seq[int](func(yield func(int) bool) { yield(1) }), func(int) error { return fn() })
			return nil
		},
		"Conn": func(t *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			l.Conn(says(t, "x"), func([]byte) error { return fn() })
			return nil
		},
		"Stream": func(t *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			l.Stream(says(t, "a\n"), zloop.Lines(10), func([]byte) error { return fn() })
			return nil
		},
		"OnRoom": func(t *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			s := l.Stream(says(t, ""), zloop.Lines(10), func([]byte) error { return nil }, zloop.WithWriteBuffer(1))
			s.OnRoom(fn)
			if first, second := s.Send([]byte("a")), s.Send([]byte("b")); first != nil || !errors.Is(second, zloop.ErrFull) {
				t.Errorf("sent with %v and %v", first, second)
			}
			return nil
		},
		"OnEnd": func(_ *testing.T, l *zloop.Loop, fn func() error) *zloop.Handle {
			zloop.Chan(l, closed, func(int) error { return nil }).OnEnd(func(error) error { return fn() })
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				full = make(chan int, 8)
				l := newLoop()
				bad := true
				busy := register(t, l, func() error {
					if bad {
						panic("mine")
					}
					return nil
				})
				reaches(t, l, "mine")
				if busy != nil {
					busy.Stop() // it would have something in every pass
				}
				goesOn(t, l, &bad)
			})
		})
	}
	t.Run("WithOnEnd", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			bad := true
			l := newLoop(zloop.WithOnEnd(func(*zloop.Handle, error) error {
				if bad {
					panic("mine")
				}
				return nil
			}))
			zloop.Chan(l, closed, func(int) error { return nil })
			reaches(t, l, "mine")
			goesOn(t, l, &bad)
		})
	})
}

// reaches has the loop run into a panic.
func reaches(t *testing.T, l *zloop.Loop, what string) {
	t.Helper()
	defer func() {
		t.Helper()
		if v := recover(); v != what {
			t.Errorf("Run's caller got %v, want the panic %q", v, what)
		}
	}()
	t.Errorf("Run returned %v", l.Run(t.Context()))
}

// goesOn makes sure that the loop works, and lets go of everything.
func goesOn(t *testing.T, l *zloop.Loop, bad *bool) {
	t.Helper()
	*bad = false
	fired := 0
	l.After(0, count(&fired))
	runFor(t, l, 10*ms)
	if fired != 1 {
		t.Errorf("a timer fired %d times", fired)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// A source that panics on the goroutine that reads or writes it ends its handle, with the
// reason, and nothing else. So does one that ends that goroutine.
func TestSourcesAreContained(t *testing.T) {
	for how, disaster := range map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit} {
		for name, register := range map[string]func(*testing.T, *zloop.Loop) *zloop.Handle{
			"Conn": func(t *testing.T, l *zloop.Loop) *zloop.Handle {
				return l.Conn(badConn{Conn: says(t, ""), read: disaster}, func([]byte) error { return nil })
			},
			"Stream, reading": func(t *testing.T, l *zloop.Loop) *zloop.Handle {
				return l.Stream(badConn{Conn: says(t, ""), read: disaster}, zloop.Lines(10), func([]byte) error { return nil }).Handle
			},
			"Stream, writing": func(t *testing.T, l *zloop.Loop) *zloop.Handle {
				s := l.Stream(badConn{Conn: says(t, ""), write: disaster}, zloop.Lines(10), func([]byte) error { return nil })
				if err := s.Send([]byte("a")); err != nil {
					t.Error(err)
				}
				return s.Handle
			},
			"Each": func(_ *testing.T, l *zloop.Loop) *zloop.Handle {
				return zloop.Each(l, iter.Seq[int](func(func(int) bool) { disaster() }), func(int) error { return nil })
			},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newLoop()
					ended := errors.New("it did not end")
					h := register(t, l).OnEnd(func(err error) error { ended = err; return nil })
					fired := 0
					l.After(5*ms, count(&fired))
					runFor(t, l, 10*ms)
					if !errors.Is(ended, zloop.ErrPanic) || !errors.Is(h.Err(), zloop.ErrPanic) || fired != 1 {
						t.Errorf("the handle ended with %v, its Err is %v; a timer fired %d times", ended, h.Err(), fired)
					}
					if err := l.Close(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// A connection that says it has written more than it was given, or less than nothing, is
// not believed.
func TestWriteThatLies(t *testing.T) {
	for _, n := range []int{-1, 1 << 20} {
		synctest.Test(t, func(t *testing.T) {
			l := newLoop()
			s := l.Stream(badConn{Conn: says(t, ""), lie: n}, zloop.Lines(10), func([]byte) error { return nil })
			if err := s.Send([]byte("a")); err != nil {
				t.Error(err)
			}
			runFor(t, l, 10*ms)
			if err := s.Flush(t.Context()); !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("said %d: Flush: %v", n, err)
			}
			_ = l.Close()
		})
	}
}

// says is a connection over which one thing comes, and that takes everything.
func says(t *testing.T, text string) net.Conn {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	go func() { _, _ = theirs.Write([]byte(text)) }()
	go func() { _, _ = io.Copy(io.Discard, theirs) }()
	return ours
}

type badConn struct {
	net.Conn
	read, write func()
	lie         int
}

func (c badConn) Read(b []byte) (int, error) {
	if c.read != nil {
		c.read()
	}
	return c.Conn.Read(b)
}

func (c badConn) Write(b []byte) (int, error) {
	if c.write != nil {
		c.write()
	}
	if c.lie != 0 {
		return c.lie, io.ErrShortWrite
	}
	return c.Conn.Write(b)
}

// always is ready, and has messages.
type always struct{}

func (always) TryRecv() (msg.Msg, error)            { return msg.NewString("x"), nil }
func (always) Poll() zmq.PollEvents                 { return zmq.PollIn | zmq.PollOut }
func (always) Notify(chan<- struct{}) (stop func()) { return func() {} }

// receiver calls what may panic.
type receiver struct {
	always
	try, poll func() error
}

func (r receiver) TryRecv() (msg.Msg, error) {
	if r.try != nil {
		_ = r.try()
	}
	return msg.NewString("x"), nil
}

func (r receiver) Poll() zmq.PollEvents {
	if r.poll != nil {
		_ = r.poll()
	}
	return zmq.PollIn | zmq.PollOut
}

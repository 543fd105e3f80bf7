package zloop

import "reflect"

// Chan calls fn with each value that c delivers. No goroutine stands between:
// a value is received only when its handler is called with it, so that the
// channel's own bound holds, and to stop the handle loses nothing. When c is
// closed the handle ends with ErrClosed: see WithOnEnd.
func Chan[T any](l *Loop, c <-chan T, fn func(T) error) *Handle {
	if c == nil || fn == nil {
		return l.refusedHandle(c, "Chan")
	}
	return l.add(c, chanSource[T]{c: c, fn: fn}, nil)
}

// channel is a source that is looked at in every pass, and that a sleep has to
// wait for by itself, since nobody tells when a channel has something.
type channel interface {
	selectCase() reflect.SelectCase
	received(v reflect.Value, ok bool) (ended, err error)
}

type chanSource[T any] struct {
	passive
	c  <-chan T
	fn func(T) error
}

func (s chanSource[T]) turn() (ran bool, ended, err error) {
	select {
	case v, ok := <-s.c:
		if !ok {
			return false, ErrClosed, nil
		}
		return true, nil, s.fn(v)
	default:
		return false, nil, nil
	}
}

func (s chanSource[T]) selectCase() reflect.SelectCase { return recvFrom(s.c) }

func (s chanSource[T]) received(v reflect.Value, ok bool) (ended, err error) {
	if !ok {
		return ErrClosed, nil
	}
	var t T
	reflect.ValueOf(&t).Elem().Set(v) // and not v.Interface().(T), which fails for a nil interface
	return nil, s.fn(t)
}

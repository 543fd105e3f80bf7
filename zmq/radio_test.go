package zmq_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// radioSend sends to a group.
func radioSend(k *kit, radio *zmq.Socket, group, body string) {
	k.Helper()
	m := msg.NewString(body)
	m.SetGroup(group)
	k.ok(radio.Send(k.ctx, m))
}

// radioWant receives a message of a group.
func radioWant(k *kit, dish *zmq.Socket, group, body string) {
	k.Helper()
	m, err := dish.Recv(k.ctx)
	k.ok(err)
	if m.Group() != group || m.Len() != 1 || string(m.Frames[0]) != body {
		k.Fatalf("got %q in %q, want %q in %q", m.Frames, m.Group(), body, group)
	}
	m.Release()
}

// A group is a whole name, and not a prefix as a topic is.
func TestRadioGroups(t *testing.T) {
	over(t, func(k *kit) {
		radio, endpoint := k.bound(zmq.Radio)
		tv, both := k.connect(zmq.Dish, endpoint), k.connect(zmq.Dish, endpoint)
		k.ok(tv.Join("tv"))
		k.ok(both.Join("tv"))
		k.ok(both.Join("")) // a group as any other
		k.ok(radio.WaitSubscribers(k.ctx, "tv", 2))
		k.ok(radio.WaitSubscribers(k.ctx, "", 1))
		for i, group := range []string{"tv", "t", "tv1", "TV", "", "nobody", "tv"} {
			radioSend(k, radio, group, fmt.Sprint(i))
		}
		k.send(radio, "7") // the group ""
		radioWant(k, tv, "tv", "0")
		radioWant(k, tv, "tv", "6")
		radioWant(k, both, "tv", "0")
		radioWant(k, both, "", "4")
		radioWant(k, both, "tv", "6")
		radioWant(k, both, "", "7")
		k.silent(tv)
		if d := radio.Stats().Drops; d.Total() != 0 {
			k.Errorf("%+v", d)
		}
	})
}

func TestDishLeaves(t *testing.T) {
	over(t, func(k *kit) {
		radio, dish := k.pair(zmq.Radio, zmq.Dish)
		k.ok(dish.Join("a"))
		k.ok(dish.Join("b"))
		k.ok(radio.WaitSubscribers(k.ctx, "a", 1))
		k.ok(radio.WaitSubscribers(k.ctx, "b", 1))
		radioSend(k, radio, "a", "before")
		k.until("it has arrived", func() bool { return dish.Stats().Unread == 1 })
		k.ok(dish.Leave("a"))
		radioSend(k, radio, "b", "after") // what of a was on its way is filtered
		radioWant(k, dish, "b", "after")
		k.until("the radio knows", func() bool { return radio.WaitSubscribers(ended, "a", 1) != nil })
		if d := dish.Stats().Drops; d.Unwanted != 1 {
			k.Errorf("%+v", d)
		}
	})
}

func TestJoinRules(t *testing.T) {
	k := alone(t, "inproc")
	dish := k.open(zmq.Dish)
	long := strings.Repeat("g", 255)
	k.ok(dish.Join(long))
	err := dish.Join(long + "g")
	k.is(err, zmq.ErrInvalidGroup)
	k.mentions(err, "256", "255")
	k.is(dish.Join(long), zmq.ErrInvalidGroup)
	k.is(dish.Leave("not joined"), zmq.ErrInvalidGroup)
	k.ok(dish.Leave(long))
	k.is(dish.Leave(long), zmq.ErrInvalidGroup)
	k.is(dish.Subscribe("x"), zmq.ErrNotSupported)
	for _, typ := range []zmq.Type{zmq.Sub, zmq.Radio, zmq.Gather} {
		k.is(k.open(typ).Join("g"), zmq.ErrNotSupported)
		k.is(k.open(typ).Leave("g"), zmq.ErrNotSupported)
	}
	m := msg.NewString("x")
	m.SetGroup(long + "g")
	k.is(k.open(zmq.Radio).Send(k.ctx, m), zmq.ErrInvalidGroup)
	k.ok(dish.Close())
	k.is(dish.Join("x"), zmq.ErrClosed)
}

// A radio that comes later, or again, hears of all groups.
func TestDishTellsEachRadio(t *testing.T) {
	networked(t, func(k *kit) {
		first, endpoint := k.bound(zmq.Radio)
		dish := k.connect(zmq.Dish, endpoint)
		k.ok(dish.Join("a"))
		k.ok(dish.Join("b"))
		k.ok(dish.Join("gone"))
		k.ok(dish.Leave("gone"))
		k.ok(first.WaitSubscribers(k.ctx, "b", 1))
		k.ok(first.Close())
		second := k.open(zmq.Radio)
		k.until("the endpoint is free", func() bool {
			_, err := k.listen(second, endpoint)
			return err == nil
		})
		k.ok(second.WaitSubscribers(k.ctx, "a", 1))
		k.ok(second.WaitSubscribers(k.ctx, "b", 1))
		k.is(second.WaitSubscribers(ended, "gone", 1), ended.Err())
		radioSend(k, second, "b", "again")
		radioWant(k, dish, "b", "again")
	})
}

// A RADIO that connects to a bound DISH works as well.
func TestRadioConnects(t *testing.T) {
	over(t, func(k *kit) {
		dish, endpoint := k.bound(zmq.Dish)
		k.ok(dish.Join("g"))
		radio := k.connect(zmq.Radio, endpoint)
		k.ok(radio.WaitSubscribers(k.ctx, "g", 1))
		radioSend(k, radio, "g", "hello")
		radioWant(k, dish, "g", "hello")
	})
}

func TestRadioPeerGone(t *testing.T) {
	over(t, func(k *kit) {
		radio, endpoint := k.bound(zmq.Radio)
		gone, stays := k.connect(zmq.Dish, endpoint), k.connect(zmq.Dish, endpoint)
		k.ok(gone.Join("g"))
		k.ok(stays.Join("g"))
		k.ok(radio.WaitSubscribers(k.ctx, "g", 2))
		k.ok(gone.Close())
		k.until("one is gone", func() bool { return radio.WaitSubscribers(ended, "g", 2) != nil })
		radioSend(k, radio, "g", "x")
		radioWant(k, stays, "g", "x")
	})
}

// A slow dish loses messages, which are counted, and keeps nobody waiting; with
// NODROP it is waited for.
func TestRadioAtTheMark(t *testing.T) {
	over(t, func(k *kit) {
		radio, endpoint := k.bound(zmq.Radio, zmq.WithSendHWM(2), zmq.WithSendBuffer(4096))
		dish := k.connect(zmq.Dish, endpoint, zmq.WithRecvHWM(2), zmq.WithRecvBuffer(4096))
		k.ok(dish.Join("g"))
		k.ok(radio.WaitSubscribers(k.ctx, "g", 1))
		body := strings.Repeat("x", 32<<10)
		const n = 50 // small buffers are slow: what decides is that one is at the mark
		for range n {
			radioSend(k, radio, "g", body)
		}
		drops := radio.Stats().Drops.HWM
		if drops == 0 || drops >= n {
			k.Fatalf("%d of %d dropped", drops, n)
		}
		for range n - drops {
			radioWant(k, dish, "g", body)
		}

		k.ok(radio.Set(zmq.WithXPubNoDrop(true)))
		all := k.blocked(func() error {
			for range n {
				m := msg.NewString(body)
				m.SetGroup("g")
				if err := radio.Send(k.ctx, m); err != nil {
					return err
				}
			}
			return nil
		})
		for range n {
			radioWant(k, dish, "g", body)
		}
		k.ok(k.result(all))
		if now := radio.Stats().Drops.HWM; now != drops {
			k.Errorf("%d dropped with NODROP", now-drops)
		}
	})
}

// Many messages of many groups share chunks: each keeps its own group.
func TestDishManyGroups(t *testing.T) {
	over(t, func(k *kit) {
		radio, endpoint := k.bound(zmq.Radio, zmq.WithSendHWM(0))
		dish := k.connect(zmq.Dish, endpoint, zmq.WithRecvHWM(0))
		for g := range 5 {
			k.ok(dish.Join(fmt.Sprint(g)))
			k.ok(radio.WaitSubscribers(k.ctx, fmt.Sprint(g), 1))
		}
		const n = 500
		for i := range n {
			radioSend(k, radio, fmt.Sprint(i/3%7), fmt.Sprint(i))
		}
		var kept []msg.Msg
		for i := range n {
			if i/3%7 >= 5 {
				continue
			}
			m, err := dish.Recv(k.ctx)
			k.ok(err)
			kept = append(kept, m)
		}
		at := 0
		for i := range n {
			if i/3%7 >= 5 {
				continue
			}
			if m := kept[at]; m.Group() != fmt.Sprint(i/3%7) || string(m.Frames[0]) != fmt.Sprint(i) {
				k.Fatalf("message %d is %q in %q", i, m.Frames, m.Group())
			}
			kept[at].Release()
			at++
		}
	})
}

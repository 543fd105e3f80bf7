package majordomo_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/majordomo"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

func newCert(t *testing.T) *cert.Cert {
	t.Helper()
	k, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Encrypted between all three. Who has no key, or takes another broker for this one, is
// neither given requests nor answered.
func TestCurve(t *testing.T) {
	own := newCert(t)
	known := majordomo.WithCurveClient(newCert(t), own.Public())
	mistaken := majordomo.WithCurveClient(newCert(t), newCert(t).Public())
	plain := majordomo.WithSocket()
	simulate(t, zmqtest.Faults{}, func(w *world) {
		b := w.broker(majordomo.WithCurveServer(own), majordomo.WithSocket(zmq.WithAllowAnyKey(true)))
		w.runs(b)
		for name, opt := range map[string]majordomo.Option{"plain": plain, "mistaken": mistaken} {
			w.runs(w.worker("upper", func(context.Context, *majordomo.Request) (msg.Msg, error) {
				t.Errorf("the %s worker is asked", name)
				return msg.Msg{}, nil
			}, opt))
			c := w.client(opt, majordomo.WithAttempts(2))
			if _, err := c.Call(w.ctx, "upper", msg.NewString("x")); !errors.Is(err, majordomo.ErrNoAnswer) {
				t.Errorf("the %s client: %v", name, err)
			}
		}
		if s := b.Stats(); s.Requests != 0 || s.Workers != 0 {
			t.Errorf("of those without a key: %v", s)
		}
		w.runs(w.worker("upper", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
			if err := r.Partial(ctx, msg.NewString("part")); err != nil {
				return msg.Msg{}, err
			}
			return upper(ctx, r)
		}, known))
		c := w.client(known)
		w.call(c, "upper", "secret", "SECRET")
		if has, err := c.Has(w.ctx, "upper"); err != nil || !has {
			t.Errorf("has: %v, %v", has, err)
		}
		// The request and mmi.service, which the broker answers by itself.
		if s := b.Stats(); s.Workers != 1 || s.Answers != 2 || s.Partials != 1 {
			t.Errorf("%v", s)
		}
	})
}

// What a worker and a client tell of a broker that is gone. (What a broker tells is in the tests of its core.)
func TestEvents(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		k, c := w.worker("upper", upper), w.client(majordomo.WithAttempts(2))
		worker, client := k.Chan(w.ctx), c.Chan(w.ctx)
		b := w.broker()
		broker := b.Chan(w.ctx)
		stop := w.runs(b)
		w.runs(k)
		if e := <-worker; e != (majordomo.Event{Kind: majordomo.Offered, Service: "upper", Peer: endpoint}) {
			t.Errorf("%v", e)
		}
		if e := <-broker; e.Kind != majordomo.WorkerReady || e.Service != "upper" || e.Peer == "" {
			t.Errorf("%v", e)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if e := <-worker; e.Kind != majordomo.BrokerLost || e.Service != "upper" || e.Peer != endpoint || e.Err == nil {
			t.Errorf("%v", e)
		}
		_, err := c.Call(w.ctx, "upper", msg.NewString("x"))
		if !errors.Is(err, majordomo.ErrNoAnswer) {
			t.Error(err)
		}
		for i, kind := range []majordomo.EventKind{majordomo.Retry, majordomo.GaveUp} {
			if e := <-client; e.Kind != kind || e.Peer != endpoint || e.Attempt != i+1 || e.Err == nil {
				t.Errorf("attempt %d: %v", i+1, e)
			}
		}
	})
}

// Whoever reads slowly is told how many events are missing.
func TestEventsMissed(t *testing.T) {
	simulate(t, zmqtest.Faults{}, func(w *world) {
		const many = 1500 // more than wait
		b := w.broker()
		events := b.Events(w.ctx)
		w.runs(b)
		bad, err := zmq.NewDealer(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := bad.Connect(endpoint); err != nil {
			t.Fatal(err)
		}
		for range many {
			if err := bad.SendString(w.ctx, "nonsense"); err != nil {
				t.Fatal(err)
			}
		}
		for b.Stats().Malformed < many {
			time.Sleep(time.Millisecond)
		}
		told, missed := 0, 0
		for e := range events {
			switch {
			case e.Kind == majordomo.Missed && e.N > 0:
				missed += int(e.N)
			case e.Kind == majordomo.Malformed && errors.Is(e.Err, majordomo.ErrProtocol) && e.Peer != "":
				told++
			default:
				t.Errorf("%v", e)
			}
			if told+missed >= many {
				break
			}
		}
		if missed == 0 || told+missed != many {
			t.Errorf("%d told, %d missed", told, missed)
		}
	})
}

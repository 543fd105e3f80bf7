package docs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/observe"
	"github.com/go-zactor/zactor/observe/prom"
	"github.com/go-zactor/zactor/pattern/clone"
	"github.com/go-zactor/zactor/pattern/lastvalue"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/pattern/majordomo"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
	"github.com/go-zactor/zactor/zyre"
	"github.com/go-zactor/zactor/zyretest"
)

// The pieces of code of the pages. Each stands in a function with an Output, so that it is
// compiled and run; what a page leaves out (errors of calls that it is not about, the end)
// stands around the piece.

// page:begin account
type withdraw struct { // a question: it is answered with an int
	amount int
	actor.Answer[int]
}

var errPoor = errors.New("not enough")

func account(c *actor.Context[any]) (actor.Handler[any], error) {
	balance := 100 // belongs to this life of the actor: no lock
	return func(c *actor.Context[any], m any) error {
		switch m := m.(type) {
		case *withdraw:
			if m.amount > balance {
				return m.Fail(errPoor)
			}
			balance -= m.amount
			return m.Reply(balance)
		}
		return nil
	}, nil
}

// page:end

func Example_actor() {
	ctx := context.Background()
	// page:begin ask
	a, err := actor.New(ctx, account)
	if err != nil {
		panic(err)
	}
	left, err := actor.Ask(ctx, a, &withdraw{amount: 30})
	fmt.Println(left, err)
	_, err = actor.Ask(ctx, a, &withdraw{amount: 100})
	fmt.Println(err)
	fmt.Println(a.Close())
	// page:end

	// Output:
	// 70 <nil>
	// not enough
	// <nil>
}

func Example_supervisor() {
	ctx, cancel := context.WithCancel(context.Background())
	// page:begin supervise
	sup, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		panic(err)
	}
	acc, err := actor.Supervise(sup, "account", account, actor.Permanent)
	if err != nil {
		panic(err)
	}
	ended := make(chan error)
	go func() { ended <- sup.Run(ctx) }()

	left, err := actor.Ask(ctx, acc, &withdraw{amount: 1})
	fmt.Println(left, err)
	cancel() // Ctrl-C
	fmt.Println(<-ended)
	// page:end

	// Output:
	// 99 <nil>
	// <nil>
}

func Example_frames() {
	ctx := context.Background()
	// page:begin spawn
	echo, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := p.Reply(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	answer, err := echo.Ask(ctx, msg.NewString("hello", "frames"))
	fmt.Println(answer.PopString(), answer.PopString(), err)
	// page:end
	fmt.Println(echo.Close())
	// Output:
	// hello frames <nil>
	// <nil>
}

func Example_pipeline() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	// page:begin pipeline
	push, err := zmq.NewPush(ctx)
	if err != nil {
		panic(err)
	}
	endpoint, err := push.Bind("tcp://127.0.0.1:*")
	if err != nil {
		panic(err)
	}
	done := make(chan string)
	for range 3 { // workers: any number, anywhere, at any time
		pull, err := zmq.NewPull(ctx)
		if err != nil {
			panic(err)
		}
		if err := pull.Connect(endpoint); err != nil {
			panic(err)
		}
		go func() {
			for m, err := range pull.Messages(ctx) {
				if err != nil {
					return
				}
				done <- m.PopString()
			}
		}()
	}
	for _, job := range []string{"a", "b", "c", "d", "e", "f"} {
		if err := push.SendString(ctx, job); err != nil { // waits while all are busy
			panic(err)
		}
	}
	// page:end
	var all []string
	for range 6 {
		all = append(all, <-done)
	}
	slices.Sort(all)
	fmt.Println(all)
	// Output: [a b c d e f]
}

func Example_publish() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	// page:begin publish
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		panic(err)
	}
	endpoint, err := pub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		panic(err)
	}
	sub, err := zmq.NewSub(ctx)
	if err != nil {
		panic(err)
	}
	if err := sub.Subscribe("weather."); err != nil { // a prefix
		panic(err)
	}
	if err := sub.Connect(endpoint); err != nil {
		panic(err)
	}
	// Who is not there yet misses what is published: wait for it where that matters.
	if err := pub.WaitSubscribers(ctx, "weather.", 1); err != nil {
		panic(err)
	}
	for _, text := range []string{"sport.basel 3:1", "weather.basel sunny"} {
		if err := pub.SendString(ctx, text); err != nil {
			panic(err)
		}
	}
	text, err := sub.RecvString(ctx)
	fmt.Println(text, err)
	// page:end

	// Output: weather.basel sunny <nil>
}

func Example_router() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	// page:begin router
	router, err := zmq.NewRouter(ctx)
	if err != nil {
		panic(err)
	}
	endpoint, err := router.Bind("tcp://127.0.0.1:*")
	if err != nil {
		panic(err)
	}
	dealer, err := zmq.NewDealer(ctx)
	if err != nil {
		panic(err)
	}
	if err := dealer.Connect(endpoint); err != nil {
		panic(err)
	}
	if err := dealer.SendString(ctx, "a job"); err != nil {
		panic(err)
	}
	m, err := router.Recv(ctx) // who it came from, and what
	if err != nil {
		panic(err)
	}
	who, what := m.Pop(), m.PopString()
	if err := router.Send(ctx, msg.New(who, []byte("done: "+what))); err != nil {
		panic(err)
	}
	text, err := dealer.RecvString(ctx)
	fmt.Println(text, err)
	// page:end

	// Output: done: a job <nil>
}

func Example_curve() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	// page:begin curve
	server, err := cert.New() // or cert.Load("/etc/app/server_secret")
	if err != nil {
		panic(err)
	}
	ada, err := cert.New()
	if err != nil {
		panic(err)
	}
	trusted := cert.NewMemStore(ada) // or cert.NewDirStore(ctx, "/etc/app/clients")

	a, err := auth.New(ctx) // who gets in, for all sockets of ctx's zmq.Context
	if err != nil {
		panic(err)
	}
	a.Curve(auth.AnyDomain, trusted)

	pull, err := zmq.NewPull(ctx, zmq.WithCurveServer(server))
	if err != nil {
		panic(err)
	}
	endpoint, err := pull.Bind("tcp://127.0.0.1:*")
	if err != nil {
		panic(err)
	}
	push, err := zmq.NewPush(ctx, zmq.WithCurveClient(ada, server.Public()))
	if err != nil {
		panic(err)
	}
	if err := push.Connect(endpoint); err != nil {
		panic(err)
	}
	if err := push.SendString(ctx, "in secret"); err != nil {
		panic(err)
	}
	m, err := pull.Recv(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.PopString(), m.Peer().UserID == ada.Public())
	// page:end
	// page:begin revoke
	if err := a.Revoke(ada.Public()); err != nil { // ends its connections, and refuses new ones
		panic(err)
	}
	// page:end
	for len(pull.Peers()) > 0 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("peers:", len(pull.Peers()))

	// Output:
	// in secret true
	// peers: 0
}

func Example_zyre() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	port := zyre.WithPort(5691) // no other test is there
	// page:begin zyre
	ann, err := zyre.New(ctx, "ann", zyre.WithGroups("room"), zyre.WithLoopback(true), port)
	if err != nil {
		panic(err)
	}
	defer ann.Close()
	bob, err := zyre.New(ctx, "bob", zyre.WithGroups("room"), zyre.WithLoopback(true), port)
	if err != nil {
		panic(err)
	}
	defer bob.Close()
	for e := range bob.Events(ctx) { // all since New, and then what comes
		if e.Kind == zyre.Join { // ann is in the room
			break
		}
	}
	if err := bob.Shout(ctx, "room", msg.NewString("hello")); err != nil {
		panic(err)
	}
	for e := range ann.Events(ctx) {
		switch e.Kind {
		case zyre.Enter:
			fmt.Println(e.Name, "is there")
		case zyre.Shout:
			fmt.Println(e.Name, "says", e.Msg.PopString())
			return
		}
	}
	// page:end

	// Output:
	// bob is there
	// bob says hello
}

func Example_gossip() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// page:begin gossip
	hub, err := gossip.New(ctx)
	if err != nil {
		panic(err)
	}
	defer hub.Close()
	endpoint, err := hub.Bind("tcp://127.0.0.1:*")
	if err != nil {
		panic(err)
	}
	node, err := gossip.New(ctx)
	if err != nil {
		panic(err)
	}
	defer node.Close()
	if err := node.Connect(endpoint); err != nil {
		panic(err)
	}
	if err := node.Publish("service/web", "tcp://10.0.0.7:80", time.Minute); err != nil {
		panic(err)
	}
	for e := range hub.Events(ctx) {
		fmt.Println(e.Kind, e.Key, e.Value)
		break
	}
	// page:end

	// Output: found service/web tcp://10.0.0.7:80
}

func Example_lazypirate() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	server, _ := zmq.NewRep(ctx)
	endpoint, _ := server.Bind("tcp://127.0.0.1:*")
	go func() {
		for m, err := range server.Messages(ctx) {
			if err != nil || server.Send(ctx, m) != nil {
				return
			}
		}
	}()
	endpoints := []string{endpoint}
	// page:begin lazypirate
	caller, err := lazypirate.New(ctx, endpoints, lazypirate.WithTimeout(time.Second), lazypirate.WithAttempts(5))
	if err != nil {
		panic(err)
	}
	defer caller.Close()
	answer, err := caller.Call(ctx, msg.NewString("are you there?"))
	// page:end
	fmt.Println(answer.PopString(), err)
	// Output: are you there? <nil>
}

func Example_majordomo() {
	ctx, cancel := context.WithCancel(context.Background())
	// page:begin majordomo
	broker, err := majordomo.NewBroker(majordomo.WithBind("tcp://127.0.0.1:*"))
	if err != nil {
		panic(err)
	}
	sup, err := actor.NewSupervisor(actor.OneForOne)
	if err != nil {
		panic(err)
	}
	if _, err := sup.Add("broker", actor.ServiceFunc(broker), actor.Permanent); err != nil {
		panic(err)
	}
	ended := make(chan error)
	go func() { ended <- sup.Run(ctx) }()
	endpoints, err := broker.Endpoints(ctx)
	if err != nil {
		panic(err)
	}
	worker, err := majordomo.NewWorker(endpoints[0], "add", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
		return msg.NewString(r.Body.PopString() + "+" + r.Body.PopString()), nil
	})
	if err != nil {
		panic(err)
	}
	if _, err := sup.Add("worker", actor.ServiceFunc(worker), actor.Permanent); err != nil {
		panic(err)
	}
	client, err := majordomo.NewClient(ctx, endpoints)
	if err != nil {
		panic(err)
	}
	defer client.Close()
	answer, err := client.Call(ctx, "add", msg.NewString("1", "2"))
	fmt.Println(answer.PopString(), err)
	// page:end
	cancel()
	fmt.Println(<-ended)
	// Output:
	// 1+2 <nil>
	// <nil>
}

func Example_lastvalue() {
	ctx, cancel := context.WithCancel(context.Background())
	// page:begin lastvalue
	cache, err := lastvalue.New(lastvalue.WithBind("tcp://127.0.0.1:*"))
	if err != nil {
		panic(err)
	}
	ended := make(chan error)
	go func() { ended <- cache.Run(ctx) }()
	if err := cache.Publish(msg.NewString("weather/Bern", "12 degrees")); err != nil {
		panic(err)
	}
	endpoints, err := cache.Endpoints(ctx)
	if err != nil {
		panic(err)
	}
	late, err := zmq.NewSub(ctx) // or a SUB in any other language
	if err != nil {
		panic(err)
	}
	if err := errors.Join(late.Subscribe("weather/"), late.Connect(endpoints[0])); err != nil {
		panic(err)
	}
	m, err := late.Recv(ctx)
	fmt.Println(m.PopString(), m.PopString(), err)
	// page:end
	cancel()
	fmt.Println(<-ended)
	// Output:
	// weather/Bern 12 degrees <nil>
	// <nil>
}

func Example_clone() {
	network := zmqtest.NewNetwork(1, zmqtest.Faults{})
	zctx := zmq.NewContext(context.Background(), zmq.WithNetwork(network))
	defer zctx.Close()
	ctx, cancel := context.WithCancel(zctx)
	// page:begin clone
	server, err := clone.NewServer(clone.WithBind("tcp://127.0.0.1:5556")) // and the two ports above
	if err != nil {
		panic(err)
	}
	ended := make(chan error)
	go func() { ended <- server.Run(ctx) }()
	hall, err := clone.NewClient(ctx, []string{"tcp://127.0.0.1:5556"}, clone.WithSubtree("/lights/"))
	if err != nil {
		panic(err)
	}
	switches, err := clone.NewClient(ctx, []string{"tcp://127.0.0.1:5556"})
	if err != nil {
		panic(err)
	}
	if err := switches.Set(ctx, "/lights/hall", []byte("on")); err != nil {
		panic(err)
	}
	for e := range hall.Events(ctx) {
		fmt.Println(e.Kind, e.Key, string(e.Value))
		break
	}
	// page:end
	cancel()
	fmt.Println(<-ended, hall.Close(), switches.Close())

	// Output:
	// found /lights/hall on
	// <nil> <nil> <nil>
}

func Example_observe() {
	ctx := zmq.NewContext(context.Background())
	defer ctx.Close()
	// page:begin observe
	mux := http.NewServeMux()
	mux.Handle("/zactor/", http.StripPrefix("/zactor", observe.Handler()))
	// page:end
	// page:begin prom
	registry := prometheus.NewRegistry()
	registry.MustRegister(prom.Collector())
	// page:end
	// page:begin stats
	orders, err := zmq.NewPush(ctx, zmq.WithName("orders"), zmq.WithSlog(slog.New(slog.NewJSONHandler(os.Stderr, nil))))
	if err != nil {
		panic(err)
	}
	fmt.Println("stats:", orders.Stats())
	// page:end
	families, err := registry.Gather()
	fmt.Println(len(families) > 0, err)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/zactor/healthz", nil))
	fmt.Println(w.Code)
	// Output:
	// stats: nothing yet
	// true <nil>
	// 200
}

func Example_unsent() {
	ctx := context.Background()
	// page:begin unsent
	push, err := zmq.NewPush(ctx)
	if err != nil {
		panic(err)
	}
	if err := push.Connect("tcp://127.0.0.1:1"); err != nil { // nobody is there
		panic(err)
	}
	if err := push.SendString(ctx, "waits"); err != nil {
		panic(err)
	}
	down, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	var unsent *zmq.UnsentError
	if err := push.Shutdown(down); errors.As(err, &unsent) {
		fmt.Println("not sent:", unsent.N)
	}
	// page:end

	// Output: not sent: 1
}

func Example_lan() {
	ctx := context.Background()
	// page:begin lan
	lan := zyretest.NewLAN(1, zmqtest.Faults{Delay: time.Millisecond})
	ann, err := zyre.New(ctx, "ann", lan.Host("10.0.0.1")...)
	if err != nil {
		panic(err)
	}
	defer ann.Close()
	bob, err := zyre.New(ctx, "bob", lan.Host("10.0.0.2")...)
	if err != nil {
		panic(err)
	}
	defer bob.Close()
	for e := range ann.Events(ctx) {
		fmt.Println(e.Kind, e.Name)
		break
	}
	// page:end

	// Output: ENTER bob
}

// The piece of the page about tests, which is one.
//
// page:begin bubble
func TestHoursInAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := zmqtest.NewNetwork(1, zmqtest.Faults{})
		ctx := zmq.NewContext(context.Background(), zmq.WithNetwork(network))
		defer ctx.Close()

		pull, err := zmq.NewPull(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pull.Bind("tcp://10.0.0.1:5555"); err != nil {
			t.Fatal(err)
		}
		push, err := zmq.NewPush(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := push.Connect("tcp://10.0.0.1:5555"); err != nil {
			t.Fatal(err)
		}
		if err := push.WaitConnected(ctx, 1); err != nil {
			t.Fatal(err)
		}
		network.Partition() // nothing arrives, nobody is told
		if err := push.SendString(ctx, "late"); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(3*time.Hour, network.Heal)
		start := time.Now()
		text, err := pull.RecvString(ctx)
		if err != nil || text != "late" || time.Since(start) != 3*time.Hour {
			t.Errorf("%q after %v: %v", text, time.Since(start), err)
		}
	})
}

// page:end

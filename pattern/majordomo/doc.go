// Package majordomo is the Majordomo pattern of the Guide, chapter 4: clients ask for
// services by name, workers offer them, and a broker between them hands each request to a
// worker that is free and alive. It speaks MDP 0.2 (RFC 18), and MMI (RFC 8), so that each
// of the three may be written in another language.
//
//	broker, err := majordomo.NewBroker(majordomo.WithBind("tcp://*:5555"))
//	err = broker.Run(ctx)
//
//	worker, err := majordomo.NewWorker("tcp://broker:5555", "upper", func(ctx context.Context, r *majordomo.Request) (msg.Msg, error) {
//		return msg.New(bytes.ToUpper(r.Body.Pop())), nil
//	})
//	err = worker.Run(ctx)
//
//	client, err := majordomo.NewClient(ctx, []string{"tcp://broker:5555"})
//	answer, err := client.Call(ctx, "upper", msg.NewString("hello"))
//
// # What is promised
//
// Call returns an answer that a worker gave to this request, or an error that says why
// there is none. A request may be worked on more than once: MDP assumes that this is
// harmless. It is sent again by the client, when no answer comes in time or the broker is
// lost, and by the broker, when the worker that had it is lost before it has answered
// (WithDeliveries). A worker has one request at a time, and is taken for lost when its
// connection ends, or when it has been silent for so long as WithHeartbeat says; it works
// and sends heartbeats at the same time, so that long work is no silence.
//
// The broker holds requests in memory, bounded (WithQueue), in the order in which they
// came, one queue a service. A client can fill a quarter of that. A broker that ends
// forgets them: clients ask again. What it drops is counted and told by an Event.
//
// # Supervised
//
// Broker and Worker are services: actor.ServiceFunc makes actors of them, and each may be
// run again after its Run has returned.
//
//	supervisor.Add("broker", actor.ServiceFunc(broker), actor.Permanent)
//
// # Security
//
// MDP has none of its own: use CURVE. WithCurveServer is for the broker, with an
// authenticator of package auth, and WithCurveClient for the others. Whoever is let in may
// ask for every service and offer every service.
package majordomo

// Package clone shares a table of keys and values among programs: the Clone pattern of the
// Guide, chapter 5, by the Clustered Hashmap Protocol (RFC 12).
//
// A server has the table, in memory. Clients have a copy of it, or of a subtree, get a
// snapshot when they come, and every change after that:
//
//	server, err := clone.NewServer(clone.WithBind("tcp://*:5556")) // and the two ports above
//	err = server.Run(ctx)
//
//	client, err := clone.NewClient(ctx, []string{"tcp://server:5556"})
//	err = client.Set(ctx, "/lights/hall", []byte("on"))
//	for e := range client.Events(ctx) {
//		fmt.Println(e.Kind, e.Key, string(e.Value))
//	}
//
// # What is promised
//
// A nil from Set or Delete means that the server has applied it and this client has heard
// it: until then it is said again, with the same UUID, so that it is applied once. All
// clients see the changes of a key in the order in which the server applied them. A reader
// that is slow misses steps, never the outcome.
//
// A client whose connection breaks, whose server is silent, or that was too slow and missed
// something asks for a new snapshot, from the next of its servers where it has several, and
// tells its readers what is different. Until then it has the old table, and Synced says so.
//
// A server that is restarted has an empty table, and so have its clients then: two servers
// do not know of each other. The programs that own keys set them again when they see them
// lost. For a table without a server see package gossip; for a stream without holes
// zmq.WithDurable.
//
// # Bounds
//
// A server has at most as many keys and bytes as WithLimits says, 65,536 and 64 MiB; what is
// beyond is dropped, told by an Event, and never acknowledged. Keys have 1 to 255 bytes.
//
// # Supervised
//
// Server is a service: supervisor.Add("table", actor.ServiceFunc(server), actor.Permanent).
// A Client belongs to an actor whose Setup makes it with the actor's context: it ends with
// that life, and the next one has a Client of its own, with the same table.
package clone

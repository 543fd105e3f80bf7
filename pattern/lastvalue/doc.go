// Package lastvalue publishes values of which a subscriber that comes late gets the last
// ones at once: last value caching, of the Guide's chapter 5.
//
// A [Cache] keeps the last message of each topic. Programs publish into it, or it takes
// what other publishers publish:
//
//	cache, err := lastvalue.New(lastvalue.WithBind("tcp://*:5556"))
//	go cache.Run(ctx)
//	err = cache.Publish(msg.NewString("weather/Bern", "12 degrees"))
//
//	cache, err := lastvalue.New(lastvalue.WithBind("tcp://*:5556"), lastvalue.WithSource("tcp://sensors:5555"))
//	err = cache.Run(ctx) // between publishers and subscribers
//
// Subscribers are plain SUB sockets, in any language. The first frame of a message is its
// topic, of 0 to 255 bytes; the frames after it are the value.
//
// # What is promised
//
// A subscription is answered with the last value of each topic that it matches, oldest
// change first, and after that with every new value. Each value comes once, also where
// several subscriptions of a subscriber match it; see [WithRepeat] for forwarders.
//
// A subscriber gets the values of a topic in their order, and never an older one after a
// newer one. One that is too slow, at the send high-water mark, is not sent what it has no
// room for: when it has room again it gets the newest value of each topic that has changed
// since. So it may miss steps, and never the outcome, however slow it is. [Stats] and
// [Event] say who is behind and how many steps were skipped.
//
// The values belong to the Cache and not to Run: a supervisor that restarts it loses none.
// A process that is restarted begins with none, unless its source is a Cache itself: then
// it has all of them when it is connected.
//
// # Bounds
//
// A Cache has at most as many topics and bytes as [WithLimits] says, 65,536 and 64 MiB. A
// topic beyond is refused: Publish returns ErrFull, and for a source's there is an Event;
// or with [WithEviction] the topic whose last change is the oldest makes room. What waits
// for one subscriber is bounded by its socket's send high-water mark, 1,000 messages; the
// rest is a place in the Cache, not a copy. A subscriber may have 65,536 subscriptions.
//
// # Supervised
//
// A Cache is a service: supervisor.Add("weather", actor.ServiceFunc(cache), actor.Permanent).
//
// # When to take something else
//
// Where every step counts, and not the last value alone, zmq.WithDurable keeps them for
// subscribers that are away. Where subscribers write as well, see pattern/clone; where
// there is to be no server, package gossip.
package lastvalue

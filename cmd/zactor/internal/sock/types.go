package sock

import "github.com/go-zactor/zactor/zmq"

// kind is one socket type as a command.
type kind struct {
	name  string
	typ   zmq.Type
	short string
	sends bool
	recvs bool
	turns bool   // requests and replies strictly in turn
	topic string // what -s is, for the types that have it
}

const (
	prefix = "subscribe to what begins with `PREFIX`; may be repeated (default everything)"
	group  = "join this `GROUP`; may be repeated"
)

var kinds = []kind{
	{name: "pub", typ: zmq.Pub, short: "Publish to subscribers", sends: true},
	{name: "sub", typ: zmq.Sub, short: "Print what is published", recvs: true, topic: prefix},
	{name: "xpub", typ: zmq.XPub, short: "Publish, and print subscriptions as they come", sends: true, recvs: true},
	{name: "xsub", typ: zmq.XSub, short: "Print what is published, and send subscriptions", sends: true, recvs: true, topic: prefix},
	{name: "push", typ: zmq.Push, short: "Send work to pullers, in turn", sends: true},
	{name: "pull", typ: zmq.Pull, short: "Print what is pushed", recvs: true},
	{name: "req", typ: zmq.Req, short: "Send requests and print the replies", sends: true, recvs: true, turns: true},
	{name: "rep", typ: zmq.Rep, short: "Print requests and reply", sends: true, recvs: true, turns: true},
	{name: "pair", typ: zmq.Pair, short: "Talk with one peer, both ways", sends: true, recvs: true},
	{name: "dealer", typ: zmq.Dealer, short: "Talk with routers, repliers and dealers", sends: true, recvs: true},
	{name: "router", typ: zmq.Router, short: "Talk with many peers; the first frame is the peer's id", sends: true, recvs: true},
	{name: "stream", typ: zmq.Stream, short: "Talk with plain TCP peers; the first frame is the peer's id", sends: true, recvs: true},
	{name: "radio", typ: zmq.Radio, short: "Send to groups", sends: true},
	{name: "dish", typ: zmq.Dish, short: "Print what is sent to groups", recvs: true, topic: group},
	{name: "client", typ: zmq.Client, short: "Talk with servers", sends: true, recvs: true},
	{name: "server", typ: zmq.Server, short: "Talk with clients; routing_id says with which", sends: true, recvs: true},
	{name: "scatter", typ: zmq.Scatter, short: "Send work to gatherers, in turn", sends: true},
	{name: "gather", typ: zmq.Gather, short: "Print what is scattered", recvs: true},
	{name: "peer", typ: zmq.Peer, short: "Talk with many peers; routing_id says with which", sends: true, recvs: true},
	{name: "channel", typ: zmq.Channel, short: "Talk with one peer, both ways, in single frames", sends: true, recvs: true},
}

// answers reports whether the type can answer what it has received.
func (k kind) answers() bool {
	return k.sends && k.recvs && k.typ != zmq.Req && k.typ != zmq.XPub && k.typ != zmq.XSub
}

package frame

import "strconv"

// Kind is a message's id.
type Kind byte

// The kinds.
const (
	Hello   Kind = iota + 1 // a client's first: send me what you have, and what comes
	Publish                 // a tuple
	Ping                    // a client is alive
	Pong                    // the answer
	Invalid                 // the hub does not know the client: it must say HELLO first
)

var kindNames = [...]string{Hello: "HELLO", Publish: "PUBLISH", Ping: "PING", Pong: "PONG", Invalid: "INVALID"}

// String is the kind's name.
func (k Kind) String() string {
	if k < Hello || k > Invalid {
		return "message " + strconv.Itoa(int(k))
	}
	return kindNames[k]
}

// Bounds.
const (
	// MaxKey is the longest key.
	MaxKey = 255
	// MaxTrailer is the most that may follow a message's fields.
	MaxTrailer = 256
	// Overhead is the most that a PUBLISH has beside its value.
	Overhead = 4 + 1 + MaxKey + 4 + 4 + MaxTrailer
)

// Message is a zgossip message. Key, Value and TTL are of a Publish.
type Message struct {
	Kind  Kind
	Key   string
	Value string
	TTL   uint32 // milliseconds; 0: for ever

	// Ours says that the trailer is there: the sender is a zactor.
	Ours    bool
	Deleted bool   // Publish
	Number  uint64 // Publish: the stamp; else: the digest
}

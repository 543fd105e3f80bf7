package zre

import "strconv"

// Kind is a message's id.
type Kind byte

// The kinds. RFC 36 has those up to PingOK, zyre 2.x the others.
const (
	Hello Kind = iota + 1
	Whisper
	Shout
	Join
	Leave
	Ping
	PingOK
	Elect
	Leader
	Goodbye
)

var kindNames = [...]string{
	Hello: "HELLO", Whisper: "WHISPER", Shout: "SHOUT", Join: "JOIN", Leave: "LEAVE",
	Ping: "PING", PingOK: "PING-OK", Elect: "ELECT", Leader: "LEADER", Goodbye: "GOODBYE",
}

// String is the kind's name in the specification.
func (k Kind) String() string {
	if k < Hello || k > Goodbye {
		return "message " + strconv.Itoa(int(k))
	}
	return kindNames[k]
}

// MaxString is the most that a string may have: a name, a group, a header's name
// or an endpoint.
const MaxString = 255

// MaxHead is the most that is written as a message's first frame, and MaxRead the most
// that is read. Only a HELLO can come near: it has all headers of a node, and its groups;
// zyre in C knows no bound.
const (
	MaxHead = 64 << 10
	MaxRead = 1 << 20
)

// Message is a ZRE message. Which fields count depends on its Kind; the others
// are zero.
type Message struct {
	Kind Kind
	Seq  uint16

	Endpoint string            // Hello: where the sender's inbox is
	Groups   []string          // Hello: those that the sender is in
	Status   byte              // Hello, Join, Leave: the sender's group status
	Name     string            // Hello
	Headers  map[string]string // Hello
	Group    string            // Shout, Join, Leave, Elect, Leader
	Node     string            // Elect, Leader: a UUID as text
	Content  [][]byte          // Whisper, Shout
}

// field is one value of a message's body: how it is written and how it is read.
type field struct {
	write func(*writer, *Message)
	read  func(*reader, *Message)
}

var (
	endpointField = field{
		func(w *writer, m *Message) { w.text("endpoint", m.Endpoint) },
		func(r *reader, m *Message) { m.Endpoint = r.String8() },
	}
	groupsField = field{
		func(w *writer, m *Message) { w.list("group", m.Groups) },
		func(r *reader, m *Message) { m.Groups = r.list() },
	}
	statusField = field{
		func(w *writer, m *Message) { w.b = append(w.b, m.Status) },
		func(r *reader, m *Message) { m.Status = r.Byte() },
	}
	nameField = field{
		func(w *writer, m *Message) { w.text("name", m.Name) },
		func(r *reader, m *Message) { m.Name = r.String8() },
	}
	headersField = field{
		func(w *writer, m *Message) { w.table(m.Headers) },
		func(r *reader, m *Message) { m.Headers = r.table() },
	}
	groupField = field{
		func(w *writer, m *Message) { w.text("group", m.Group) },
		func(r *reader, m *Message) { m.Group = r.String8() },
	}
	nodeField = field{
		func(w *writer, m *Message) { w.text("node", m.Node) },
		func(r *reader, m *Message) { m.Node = r.String8() },
	}
)

// bodies are the fields of each kind, in their order on the wire.
var bodies = [...][]field{
	Hello:   {endpointField, groupsField, statusField, nameField, headersField},
	Whisper: {},
	Shout:   {groupField},
	Join:    {groupField, statusField},
	Leave:   {groupField, statusField},
	Ping:    {},
	PingOK:  {},
	Elect:   {groupField, nodeField},
	Leader:  {groupField, nodeField},
	Goodbye: {},
}

// carries reports whether a kind has content frames.
func (k Kind) carries() bool { return k == Whisper || k == Shout }

package wire

import "encoding/binary"

// CommandKind tells the commands apart that may come after the handshake.
type CommandKind uint8

// The kinds of commands in traffic. Unknown is a well-formed command with a name
// that we do not know; RFC 37 lets a peer send it, and a receiver ignores it.
const (
	Unknown CommandKind = iota
	Ping
	Pong
	Subscribe
	Cancel
	Join
	Leave
	Error
	// Message is none, and never parsed: Data is a message of one frame that goes out
	// before all others.
	Message

	// What zactor's sockets tell each other beyond the protocol; see extension.go.
	Resume
	Begin
	Taken
	Missed
	Again
	Unheeded
)

// Command is a parsed command. Data aliases the frame it came from.
type Command struct {
	Kind CommandKind
	TTL  uint16 // of a Ping, in tenths of a second
	Data []byte // context, topic, group or reason, as the kind has it
}

const (
	// MaxPingContext is how much of a PING's context a PONG carries back.
	MaxPingContext = 16
	// MaxPingTTL is the greatest TTL we send. libzmq keeps the TTL in sixteen bits
	// of milliseconds: 656 tenths become 64 ms there and cut the connection.
	MaxPingTTL = 655
	// MaxGroup is the longest name of a group of RADIO and DISH.
	MaxGroup = 255
)

// The names of the commands on the wire, each with its length before it.
const (
	namePing      = "\x04PING"
	namePong      = "\x04PONG"
	nameSubscribe = "\x09SUBSCRIBE"
	nameCancel    = "\x06CANCEL"
	nameJoin      = "\x04JOIN"
	nameLeave     = "\x05LEAVE"
	nameError     = "\x05ERROR"
)

// splitCommand cuts a command into its name, with the length byte before it, and
// its data. It fails if there is no name or if the name overruns the body.
func splitCommand(body []byte) (name, data []byte, ok bool) {
	if len(body) == 0 || body[0] == 0 || len(body) <= int(body[0]) {
		return nil, nil, false
	}
	end := 1 + int(body[0])
	return body[:end], body[end:], true
}

// ParseCommand reads the body of a COMMAND frame that came after the handshake.
// A command of the handshake is an error here.
func ParseCommand(body []byte) (Command, error) {
	name, data, ok := splitCommand(body)
	if !ok {
		return Command{}, Malformed(CodeMalformedCommand, "command of %d bytes without a whole name", len(body))
	}
	switch string(name) {
	case namePing:
		return parsePing(data)
	case namePong:
		return Command{Kind: Pong, Data: data}, nil
	case nameSubscribe:
		return Command{Kind: Subscribe, Data: data}, nil
	case nameCancel:
		return Command{Kind: Cancel, Data: data}, nil
	case nameJoin:
		return parseGroup(Join, data)
	case nameLeave:
		return parseGroup(Leave, data)
	case nameError:
		return parseError(data)
	case NameHello, NameWelcome, NameInitiate, NameReady, NameMessage:
		return Command{}, Malformed(CodeUnexpectedCommand, "%s in traffic", name[1:])
	}
	if kind, ok := extensions[string(name)]; ok {
		return Command{Kind: kind, Data: data}, nil
	}
	return Command{Kind: Unknown, Data: data}, nil
}

func parsePing(data []byte) (Command, error) {
	if len(data) < 2 {
		return Command{}, Malformed(CodeMalformedCommand, "PING without a whole TTL")
	}
	return Command{Kind: Ping, TTL: binary.BigEndian.Uint16(data), Data: data[2:]}, nil
}

func parseGroup(kind CommandKind, group []byte) (Command, error) {
	if len(group) > MaxGroup {
		return Command{}, Malformed(CodeMalformedCommand, "group of %d bytes, the limit is %d", len(group), MaxGroup)
	}
	return Command{Kind: kind, Data: group}, nil
}

// parseError takes the reason, which has its own length, from an ERROR command.
func parseError(data []byte) (Command, error) {
	if len(data) == 0 || len(data) != 1+int(data[0]) {
		return Command{}, Malformed(CodeMalformedError, "ERROR whose reason does not have its length")
	}
	return Command{Kind: Error, Data: data[1:]}, nil
}

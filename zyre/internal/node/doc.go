// Package node is a ZRE node without clock, sockets and goroutines: beacons,
// messages, outcomes of dials and the time go in, and its Host is told what to
// dial, to send and to report. Package zyre puts it on sockets; its tests put it
// on a clock of their own. It is not safe for use by several goroutines.
//
// # The life of a peer
//
//	candidate  a beacon was heard. A bounded table; it costs nobody anything.
//	expected   we have dialled it and sent HELLO; its own has not come.
//	greeted    its HELLO has come; our link to it does not stand yet, and what
//	           it sends is held.
//	ready      both: the application hears ENTER.
//	evasive    ready, but silent for longer than Config.Evasive. An edge, and
//	           so is the way back.
//	doomed     something says that it has left, which anybody could have made
//	           up: it is asked with a PING and goes if it does not answer.
//	gone       EXIT. A beacon makes it a candidate again.
//
// # What is believed
//
// A beacon proves nothing. It makes a candidate, and one whose port is zero makes
// a PING. Candidates are dialled as a Budget allows, and a dial that leads to a
// HELLO gives its place back, so that a network of real peers comes together
// quickly and a flood of made-up ones gets ten dials a second.
//
// A HELLO is believed as far as its connection is: it is answered at the address
// that it came from, at the port that it names. With CURVE its key must be the one
// that the connection has proved, and the first key of a UUID is the only one. In
// clear, a peer that is alive is displaced only from its own address.
//
// Messages count when they come in sequence. A gap from the peer's own connection
// ends it; from another one it makes the peer doomed.
package node

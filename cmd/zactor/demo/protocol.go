package demo

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-zactor/zactor/msg"
)

// The first frame of a message says what it is; the others are its fields, as
// text. Among nodes, by zyre's own WHISPER, and between a guest's DEALER and a node's
// ROUTER, both ways:
//
//	WHISPER number      to be answered with ECHO and the same number
//	ECHO number
//
// Nodes say who they are by zyre. A guest has no more than its one link, and says
//
//	HELLO name [news]   who I am, as in my certificate. It is answered with a HELLO, and
//	                    where the node's news are published. Who names news of its own
//	                    is no guest, and is not whispered to.
//
// From PUB to SUB:
//
//	NEWS id number      id is the publisher's, numbers rise by one from 1
//
// Between boss and nodes, tasks and results, and reports in JSON:
//
//	TASK number         to be answered with RESULT, the number and its square
//	RESULT number square
//	EVENT json
//	STATUS json
//
// And in an actor's mailbox:
//
//	PANIC               panic, with the next task in hand
//	RETRY               to the stranger: try again to join
//	FINISH              send nothing new, and report when all is answered
const (
	msgHello   = "HELLO"
	msgWhisper = "WHISPER"
	msgEcho    = "ECHO"
	msgNews    = "NEWS"

	msgTask   = "TASK"
	msgResult = "RESULT"

	msgEvent  = "EVENT"
	msgStatus = "STATUS"

	orderPanic  = "PANIC"
	orderRetry  = "RETRY"
	orderFinish = "FINISH"
)

// An event is something that happened, as nodes report it and views show it.
type event struct {
	Kind   string `json:"kind"` // one of those below
	Node   string `json:"node"`
	ID     string `json:"id,omitempty"` // of the node's life: a restart makes another
	Peer   string `json:"peer,omitempty"`
	PeerID string `json:"peer_id,omitempty"`
	Detail string `json:"detail,omitempty"` // an endpoint, or why
}

// The kinds of events.
const (
	eventStart   = "start"   // the node is there; Detail is its endpoint
	eventEnter   = "enter"   // the node and the peer have said HELLO to each other
	eventExit    = "exit"    // the node has lost the peer; Detail says why
	eventJoin    = "join"    // a guest has said HELLO; Detail is its address
	eventDepart  = "depart"  // a guest is gone
	eventPanic   = "panic"   // the node's actor has failed; Detail is its error
	eventRestart = "restart" // the supervisor starts it again
	eventLie     = "lie"     // the peer claims another's name; Detail says which
	eventDeny    = "deny"    // the authenticator refuses Node at the address Peer; Detail says why
	eventRefused = "refused" // Node was refused; Detail is its own error
	eventTrusted = "trusted" // Node's key has come into the store
)

// A status is how a node is doing.
type status struct {
	Node   string        `json:"node"`
	ID     string        `json:"id"`
	Uptime time.Duration `json:"uptime"` // of this life, by the node's own clock
	Peers  int           `json:"peers"`
	Counts counts        `json:"counts"`
	RTT    quantiles     `json:"rtt"`
	Link   string        `json:"link"`  // the mechanism of all links, or of one that is not CURVE
	Queue  int           `json:"queue"` // messages that wait in its sockets
	Drops  uint64        `json:"drops"` // messages its sockets have dropped
	Guests []guestStatus `json:"guests,omitempty"`
	Final  bool          `json:"final,omitempty"` // the answer to FINISH
}

// A guestStatus is how a guest of a node is doing.
type guestStatus struct {
	Name     string    `json:"name"`
	ID       string    `json:"id"`
	Endpoint string    `json:"endpoint"`
	Link     string    `json:"link"`
	Messages uint64    `json:"messages"`
	RTT      quantiles `json:"rtt"`
}

// counts are what a node has counted in its life.
type counts struct {
	Received uint64 `json:"received"` // messages of every kind
	Whispers uint64 `json:"whispers"`
	Echoes   uint64 `json:"echoes"`
	Orphaned uint64 `json:"orphaned"` // whispers whose peer left before it answered
	Silent   uint64 `json:"silent"`   // whispers that a peer who stayed never answered
	News     uint64 `json:"news"`
	Gaps     uint64 `json:"gaps"` // news that are missing between two that came
	Tasks    uint64 `json:"tasks"`
}

func (c counts) add(o counts) counts {
	return counts{
		Received: c.Received + o.Received,
		Whispers: c.Whispers + o.Whispers,
		Echoes:   c.Echoes + o.Echoes,
		Orphaned: c.Orphaned + o.Orphaned,
		Silent:   c.Silent + o.Silent,
		News:     c.News + o.News,
		Gaps:     c.Gaps + o.Gaps,
		Tasks:    c.Tasks + o.Tasks,
	}
}

// number writes a number as the frame of a message.
func number(n uint64) string { return strconv.FormatUint(n, 10) }

// popNumber takes a number off a message.
func popNumber(m *msg.Msg) (uint64, bool) {
	n, err := strconv.ParseUint(m.PopString(), 10, 64)
	return n, err == nil
}

// report makes the message of an event or a status.
func report(kind string, v any) (msg.Msg, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return msg.Msg{}, fmt.Errorf("report: %w", err)
	}
	return msg.New([]byte(kind), b), nil
}

// longestName is how much of a name that a peer gives itself is shown.
const longestName = 32

// plainName makes a peer's name fit to be shown: what is not a plain name is
// quoted, and cut, so that nobody can write to our terminal.
func plainName(s string) string {
	if s != "" && len(s) <= longestName && strings.IndexFunc(s, notPlain) < 0 {
		return s
	}
	return strconv.QuoteToASCII(s[:min(len(s), longestName)])
}

func notPlain(r rune) bool {
	switch {
	case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return false
	}
	return !strings.ContainsRune("-_.", r)
}

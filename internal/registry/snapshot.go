package registry

import "time"

// Snapshot is how one subject stood at one moment.
type Snapshot struct {
	Kind string    `json:"kind"`
	ID   uint64    `json:"id"`
	Name string    `json:"name,omitempty"` // the program's, "" without one
	Type string    `json:"type,omitempty"` // of a socket: PUSH
	Born time.Time `json:"born"`

	// Rank is the place of the name among those of its kind, as they were first seen, from
	// 1; 0 without a name, Beyond when there are too many. It never changes.
	Rank int `json:"-"`

	Brief bool `json:"-"` // only Name, Type and Numbers are wanted

	State   string   `json:"state"`             // in a word
	Unwell  []string `json:"unwell,omitempty"`  // what it should do and does not, one sentence each
	Numbers []Number `json:"numbers,omitempty"` // counters and levels
	Links   []Link   `json:"links,omitempty"`   // its endpoints and peers
	Facts   []Fact   `json:"facts,omitempty"`   // what else there is to say
}

// Number is a counter or a level. Label tells numbers of one name apart: the reason of
// a drop, the direction of messages.
type Number struct {
	Name  string  `json:"name"`
	Label string  `json:"label,omitempty"`
	Value float64 `json:"value"`
	Total bool    `json:"total,omitempty"` // it only grows
}

// Count adds a counter.
func (s *Snapshot) Count(name, label string, n uint64) {
	s.Numbers = append(s.Numbers, Number{name, label, float64(n), true})
}

// Level adds a number that may fall again.
func (s *Snapshot) Level(name string, n int) {
	s.Numbers = append(s.Numbers, Number{Name: name, Value: float64(n)})
}

// Fact is something to know.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Say adds a fact, unless it is empty.
func (s *Snapshot) Say(name, value string) {
	if value != "" {
		s.Facts = append(s.Facts, Fact{name, value})
	}
}

// Link is an endpoint, a connection or a node that is known.
type Link struct {
	Role     string `json:"role"`     // bound, connected, or peer
	Endpoint string `json:"endpoint"` // the own one
	Remote   string `json:"remote,omitempty"`
	Peer     string `json:"peer,omitempty"` // its name, or its short id
	State    string `json:"state"`
	Error    string `json:"error,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
	// RetryIn is the time until the next attempt, in seconds.
	RetryIn float64   `json:"retryIn,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Queued  int       `json:"queued,omitempty"`
	Unread  int       `json:"unread,omitempty"`

	SentMessages     uint64 `json:"sentMessages,omitempty"`
	SentBytes        uint64 `json:"sentBytes,omitempty"`
	ReceivedMessages uint64 `json:"receivedMessages,omitempty"`
	ReceivedBytes    uint64 `json:"receivedBytes,omitempty"`
}

// Roles of a Link.
const (
	Bound     = "bound"
	Connected = "connected"
	Peer      = "peer"
)

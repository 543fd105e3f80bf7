package members

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/figures"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
)

// Problem is why the member is alone: no seed answers, or who answers has another key or
// label. It is nil when there are others, or no seeds to ask.
func (m *Members) Problem() error {
	if m.list.NumMembers() > 1 {
		return nil
	}
	if err := m.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// unanswered tells that no seed answers.
func (m *Members) unanswered(err error) {
	err = fmt.Errorf("members: no seed answers: %s", strings.Join(strings.Fields(err.Error()), " "))
	m.trouble.Store(&err)
	m.notices.Down("", err)
	m.config.log.Limited(logs.MembersNoSeed, "", logs.Err(err), logs.Dur("retry_in", m.config.rejoin))
}

// answered tells that there is another member.
func (m *Members) answered() {
	m.trouble.Store(nil)
	m.notices.Up("")
}

// Notices returns what is wrong now, as Problem has it, and then what happens, until ctx
// ends or the member is closed: that no seed answers (Peer is empty), that one does
// again, members that are refused (ErrRefused) because there are too many, or because
// they have another key or label. Members that come and go are Events.
//
// A subscription begins at the call. A slow reader is told how many it has missed.
func (m *Members) Notices(ctx context.Context) iter.Seq[beacon.Notice] { return m.notices.Events(ctx) }

// foreign are the words by which memberlist says that another one can't be understood.
var foreign = []string{
	"could decrypt the message", "Decrypt packet failed", "encryption is not configured",
	"remote state is not encrypted", "unacceptable label",
}

// foreignIn is which of these words a line has, "" when it has none.
func foreignIn(text string) string {
	for _, words := range foreign {
		if strings.Contains(text, words) {
			return words
		}
	}
	return ""
}

// heardForeign counts and tells a line of memberlist's about a member that can't be
// understood.
func (m *Members) heardForeign(words, text string) {
	m.strangers.Add(1)
	_, from, _ := strings.Cut(text, "from=")
	if i := strings.LastIndexByte(from, ':'); i > 0 {
		from = from[:i] // its port is another one each time
	}
	m.notices.Refused(from, fmt.Errorf("%w: it has another key or label: give all members the same WithSecretKey and WithLabel (%s)", ErrRefused, text))
	m.config.log.Limited(logs.MembersForeign, from+" "+words, logs.Str("reason", text), logs.Str("peer", from))
}

// subject is the member as the registry of this process knows it.
type subject Members

// RegistrySnapshot implements registry.Subject.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	m := (*Members)(h)
	r.State = "ready"
	if err := m.Problem(); err != nil {
		r.State = "waiting"
		r.Say("problem", strings.TrimPrefix(err.Error(), "members: "))
	}
	r.Links = append(r.Links, registry.Link{Role: registry.Bound, Endpoint: "members://" + m.Endpoint(), State: "listening"})
	st := m.Stats()
	r.Count("refused", "members full", st.Refused)
	r.Count("refused", "foreign", st.Foreign)
	r.Count("refused", "crowded", st.Crowded)
	r.Count("dropped", "rateLimited", st.Limited)
	for _, f := range figures.List(st) {
		r.Numbers = append(r.Numbers, registry.Number{Name: f.Name, Value: f.Value, Total: f.Total})
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.known {
		if s.from.IsValid() {
			r.Links = append(r.Links, registry.Link{Role: registry.Peer, Endpoint: "members://" + s.from.String(), Peer: s.id, State: "ready"})
		}
	}
}

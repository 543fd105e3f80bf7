package prom

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/go-zactor/zactor/internal/registry"
)

// metric is one name: what it is made of, and what it is called.
type metric struct {
	kind   string // of the subjects
	number string // of theirs
	name   string
	label  string // the name of the number's label; empty: it has none
	fixed  string // only the number with this value of it, and label's value is this
	total  bool
	help   string
	desc   *prometheus.Desc
	row    int // where it stands in the table
}

// table is the list of metrics.
var table = []metric{
	{kind: "socket", number: "messages", name: "zactor_socket_messages_total", label: "dir", total: true, help: "Messages that Send accepted (out) and Recv returned (in)."},
	{kind: "socket", number: "bytes", name: "zactor_socket_bytes_total", label: "dir", total: true, help: "Bytes of the frames of these messages."},
	{kind: "socket", number: "drops", name: "zactor_socket_drops_total", label: "reason", total: true, help: "Messages that were not delivered, by reason."},
	{kind: "socket", number: "tooLarge", name: "zactor_socket_oversize_total", label: "dir", total: true, help: "Messages over a limit, of a peer (received) or refused by one (sent)."},
	{kind: "socket", number: "handshakes", name: "zactor_socket_handshakes_total", total: true, help: "Handshakes that succeeded."},
	{kind: "socket", number: "handshakeFailures", name: "zactor_socket_handshake_failures_total", label: "reason", total: true, help: "Handshakes that failed, by reason."},
	{kind: "socket", number: "disconnects", name: "zactor_socket_disconnects_total", total: true, help: "Connections that ended."},
	{kind: "socket", number: "reconnects", name: "zactor_socket_reconnects_total", total: true, help: "Attempts to connect again."},
	{kind: "socket", number: "gaps", name: "zactor_socket_gaps_total", total: true, help: "Times that messages were lost on their way to the socket."},
	{kind: "socket", number: "panics", name: "zactor_socket_panics_total", total: true, help: "Panics that were contained."},
	{kind: "socket", number: "queued", name: "zactor_socket_queue_messages", label: "dir", fixed: "out", help: "Messages that wait to be written."},
	{kind: "socket", number: "unread", name: "zactor_socket_unread_messages", help: "Messages that wait to be received."},
	{kind: "socket", number: "connected", name: "zactor_socket_peers", help: "Peers that are there."},
	{kind: "actor", number: "mailbox", name: "zactor_actor_mailbox", help: "Messages that wait for the actor."},
	{kind: "actor", number: "restarts", name: "zactor_actor_restarts_total", total: true, help: "Lives of a supervised actor after the first."},
	{kind: "actor", number: "messages", name: "zactor_actor_messages_total", total: true, help: "Messages that the actor has received."},
	{kind: "actor", number: "dropped", name: "zactor_actor_dropped_total", total: true, help: "Messages that a full mailbox dropped."},
	{kind: "actor", number: "deadLetters", name: "zactor_actor_dead_letters_total", total: true, help: "Messages that were in hand when a life failed."},
	{kind: "actor", number: "expired", name: "zactor_actor_expired_total", total: true, help: "Questions that were not worked on, because their asker had left."},
	{kind: "actor", number: "open", name: "zactor_actor_open", help: "Questions that were received and are not answered yet."},
	{kind: "space", number: "sends", name: "zactor_remote_messages_total", total: true, help: "Messages of other nodes that were given to actors here."},
	{kind: "space", number: "asks", name: "zactor_remote_asks_total", total: true, help: "Questions of other nodes that actors here have begun."},
	{kind: "space", number: "dropped", name: "zactor_remote_dropped_total", total: true, help: "Messages of other nodes for which there was no room, or whose actor ended first."},
	{kind: "space", number: "denied", name: "zactor_remote_denied_total", total: true, help: "Messages of other nodes that may not use the actor."},
	{kind: "space", number: "unknown", name: "zactor_remote_unknown_total", total: true, help: "Messages of other nodes whose type the actor's protocol does not have."},
	{kind: "space", number: "expired", name: "zactor_remote_expired_total", total: true, help: "Questions of other nodes whose asker waited no longer."},
	{kind: "space", number: "silenced", name: "zactor_remote_silenced_total", total: true, help: "Times that a node did not answer, and was passed over from then on."},
	{kind: "space", number: "waiting", name: "zactor_remote_waiting", help: "Messages of other nodes that wait for actors here."},
	{kind: "space", number: "asking", name: "zactor_remote_asking", help: "Questions to actors of other nodes that are not answered yet."},
	{kind: "node", number: "peers", name: "zactor_zyre_peers", help: "Peers that have entered."},
	{kind: "node", number: "refused", name: "zactor_zyre_refused_total", label: "by", total: true, help: "Nodes that were refused: by us, or we by them."},
	{kind: "authenticator", number: "allowed", name: "zactor_auth_allowed_total", total: true, help: "Peers that were let in."},
	{kind: "authenticator", number: "denied", name: "zactor_auth_denied_total", total: true, help: "Peers that were refused."},
	{kind: "authenticator", number: "withdrawn", name: "zactor_auth_withdrawn_total", total: true, help: "Connections that lost their permission."},
	{kind: "gossip", number: "links", name: "zactor_gossip_links", help: "Links to other nodes that work."},
	{kind: "gossip", number: "tuples", name: "zactor_gossip_tuples", help: "Tuples in the table."},
	{kind: "gossip", number: "refused", name: "zactor_gossip_refused_total", label: "reason", total: true, help: "Tuples, messages and peers that were refused, by reason."},
	{kind: "gossip", number: "redials", name: "zactor_gossip_redials_total", total: true, help: "Hubs that did not answer any more."},
	{kind: "members", number: "members", name: "zactor_members_alive", help: "Members that are alive, this one among them."},
	{kind: "members", number: "refused", name: "zactor_members_refused_total", label: "reason", total: true, help: "Members that were refused, or have another key or label."},
	{kind: "beacon", number: "sent", name: "zactor_beacon_sent_total", total: true, help: "Beacons sent, one for each interface and interval."},
	{kind: "beacon", number: "sendErrors", name: "zactor_beacon_send_errors_total", total: true, help: "Beacons that an interface did not take."},
	{kind: "beacon", number: "received", name: "zactor_beacon_received_total", total: true, help: "Datagrams read from the port."},
	{kind: "beacon", number: "dropped", name: "zactor_beacon_drops_total", label: "reason", total: true, help: "Datagrams that were not delivered, by reason."},
	{kind: process, number: foldedNames, name: "zactor_folded_names", label: "kind", help: "Names of what lives that have no series of their own: WithMaxNames."},
	{kind: process, number: "panics", name: "zactor_panics_total", total: true, help: "Panics that were contained where nothing else counts them."},
	{kind: "mdns", number: "sent", name: "zactor_mdns_sent_total", total: true, help: "Packets sent."},
	{kind: "mdns", number: "sendErrors", name: "zactor_mdns_send_errors_total", total: true, help: "Packets that an interface did not take."},
	{kind: "mdns", number: "received", name: "zactor_mdns_received_total", total: true, help: "Packets read from the port."},
	{kind: "mdns", number: "dropped", name: "zactor_mdns_drops_total", label: "reason", total: true, help: "Packets that were not used, by reason."},
}

const (
	// process is the kind of what belongs to no subject, and has no name.
	process = "process"
	// foldedNames is the number of names under registry.Others.
	foldedNames = "foldedNames"
)

// labels of a metric, in the order in which values come.
func (m *metric) labels() []string {
	var list []string
	if m.kind != process {
		list = append(list, m.kind)
	}
	if m.kind == "socket" {
		list = append(list, "type")
	}
	if m.label != "" {
		list = append(list, m.label)
	}
	return list
}

type source struct{ kind, number string }

// byNumber finds the metric of a number.
var byNumber = map[source]*metric{}

// kinds are those whose subjects have names, in the order of the table.
var kinds []string

func init() {
	for i := range table {
		m := &table[i]
		m.row = i
		m.desc = prometheus.NewDesc(m.name, m.help, m.labels(), nil)
		byNumber[source{m.kind, m.number}] = m
		if m.kind != process && !slices.Contains(kinds, m.kind) {
			kinds = append(kinds, m.kind)
		}
	}
}

// takes is the value of the metric's own label for a number, "" when it has none.
func (m *metric) takes(n registry.Number) string {
	switch {
	case m.label == "":
		return ""
	case m.fixed != "":
		return m.fixed
	}
	return n.Label
}

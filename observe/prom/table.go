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
	{kind: "space", number: "overShare", name: "zactor_remote_over_share_total", total: true, help: "Of the dropped: those of addresses whose nodes hold all that they may."},
	{kind: "space", number: "evicted", name: "zactor_remote_evicted_total", total: true, help: "Of the dropped: those that made room for others."},
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
	{kind: "members", number: "dropped", name: "zactor_members_drops_total", label: "reason", total: true, help: "Packets that were not used, by reason."},
	{kind: "mdns", number: "sent", name: "zactor_mdns_sent_total", total: true, help: "Packets sent."},
	{kind: "mdns", number: "sendErrors", name: "zactor_mdns_send_errors_total", total: true, help: "Packets that an interface did not take."},
	{kind: "mdns", number: "received", name: "zactor_mdns_received_total", total: true, help: "Packets read from the port."},
	{kind: "mdns", number: "dropped", name: "zactor_mdns_drops_total", label: "reason", total: true, help: "Packets that were not used, by reason."},
	{kind: "mdns", number: "muted", name: "zactor_mdns_muted_total", total: true, help: "Times that an address was not heard for a second, because it floods."},
	{kind: "pattern", number: "calls", name: "zactor_pattern_calls_total", total: true, help: "Calls of clients and callers."},
	{kind: "pattern", number: "requests", name: "zactor_pattern_requests_total", total: true, help: "Requests that brokers and workers have taken."},
	{kind: "pattern", number: "answers", name: "zactor_pattern_answers_total", total: true, help: "Answers that clients got, workers sent and brokers handed on."},
	{kind: "pattern", number: "partials", name: "zactor_pattern_partials_total", total: true, help: "Parts of answers, before the last one."},
	{kind: "pattern", number: "failed", name: "zactor_pattern_failed_total", total: true, help: "Calls that returned an error."},
	{kind: "pattern", number: "retries", name: "zactor_pattern_retries_total", total: true, help: "Attempts of clients and callers after the first one of a call."},
	{kind: "pattern", number: "redelivered", name: "zactor_pattern_redelivered_total", total: true, help: "Requests of lost workers that went to other ones."},
	{kind: "pattern", number: "dropped", name: "zactor_pattern_dropped_total", total: true, help: "Requests, answers and updates that brokers and servers gave up."},
	{kind: "pattern", number: "malformed", name: "zactor_pattern_malformed_total", total: true, help: "Messages that are not of the pattern's protocol."},
	{kind: "pattern", number: "workersLost", name: "zactor_pattern_workers_lost_total", total: true, help: "Workers that were lost to a broker."},
	{kind: "pattern", number: "offers", name: "zactor_pattern_offers_total", total: true, help: "Times that a worker has offered itself to a broker."},
	{kind: "pattern", number: "brokerLost", name: "zactor_pattern_broker_lost_total", total: true, help: "Times that a worker has lost its broker."},
	{kind: "pattern", number: "workers", name: "zactor_pattern_workers", help: "Workers that a broker has."},
	{kind: "pattern", number: "busy", name: "zactor_pattern_busy", help: "Workers that have a request."},
	{kind: "pattern", number: "services", name: "zactor_pattern_services", help: "Services that have a worker or a request."},
	{kind: "pattern", number: "queued", name: "zactor_pattern_queued", help: "Requests that wait for a worker."},
	{kind: "pattern", number: "keys", name: "zactor_pattern_keys", help: "Keys of a clone's table."},
	{kind: "pattern", number: "topics", name: "zactor_pattern_topics", help: "Topics that a lastvalue cache has values of."},
	{kind: "pattern", number: "bytes", name: "zactor_pattern_bytes", help: "Bytes that a broker, a table or a cache keeps."},
	{kind: "pattern", number: "subscribers", name: "zactor_pattern_subscribers", help: "Subscribers of a lastvalue cache."},
	{kind: "pattern", number: "behind", name: "zactor_pattern_behind", help: "Subscribers that have not got all values yet."},
	{kind: "pattern", number: "snapshots", name: "zactor_pattern_snapshots_total", total: true, help: "Tables that a clone's server has sent, or its client has got."},
	{kind: "pattern", number: "updates", name: "zactor_pattern_updates_total", total: true, help: "Updates that a clone's server has applied."},
	{kind: "pattern", number: "changes", name: "zactor_pattern_changes_total", total: true, help: "Changes that a clone's client has heard."},
	{kind: "pattern", number: "sets", name: "zactor_pattern_sets_total", total: true, help: "Sets of a clone's client that were acknowledged."},
	{kind: "pattern", number: "resent", name: "zactor_pattern_resent_total", total: true, help: "Sets of a clone's client that were said again."},
	{kind: "pattern", number: "lost", name: "zactor_pattern_lost_total", total: true, help: "Times that a clone's client has lost its server, or missed changes."},
	{kind: "pattern", number: "expired", name: "zactor_pattern_expired_total", total: true, help: "Keys of a clone's table whose time to live was over."},
	{kind: "pattern", number: "published", name: "zactor_pattern_published_total", total: true, help: "Values that a lastvalue cache has taken."},
	{kind: "pattern", number: "sent", name: "zactor_pattern_sent_total", total: true, help: "Messages that a lastvalue cache has queued for subscribers."},
	{kind: "pattern", number: "skipped", name: "zactor_pattern_skipped_total", total: true, help: "Steps that subscribers which were behind did not get."},
	{kind: "pattern", number: "refused", name: "zactor_pattern_refused_total", total: true, help: "Values and subscriptions that a lastvalue cache did not take."},
	{kind: "pattern", number: "evicted", name: "zactor_pattern_evicted_total", total: true, help: "Values of a lastvalue cache that made room for others."},
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
	if m.kind == "socket" || m.kind == "pattern" {
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

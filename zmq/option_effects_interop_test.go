//go:build interop && linux

package zmq_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// optionEffect is what can be seen of an option: at a peer, at the kernel, or at the
// socket itself. The play fails when it isn't seen.
type optionEffect struct {
	options string // names, with blanks between
	scheme  string
	says    string
	play    func(e *effects)
}

// optionEffects are played with ours and with libzmq as the side that has the option.
var optionEffects = []optionEffect{
	{"LINGER", "tcp", "after Close a late peer gets what waits; with 0 nothing", effectLinger},
	{"SNDTIMEO RCVTIMEO", "tcp", "Send and Recv that can't go on end with EAGAIN", effectTimeouts},
	{"MAXMSGSIZE", "tcp", "a message of that size arrives, a byte more ends the connection; differs: 0 is no limit here, and in libzmq not even a handshake fits", effectMaxMsgSize},
	{"RECONNECT_IVL", "tcp", "a lost peer is dialled again after it, not before; with -1 never", effectReconnect},
	{"RECONNECT_IVL_MAX", "tcp", "the intervals that CONNECT_RETRIED tells double up to it", effectReconnectMax},
	{"RECONNECT_STOP", "tcp", "what refused the connection (1), or failed in the handshake (2), is not dialled again; differs: libzmq never dials again after a failed handshake, and what 4 and 8 mean (DESIGN.md, section 5)", effectReconnectStop},
	{"CONNECT_TIMEOUT", "tcp", "an attempt at a listener that is full ends, and is retried", effectConnectTimeout},
	{"HANDSHAKE_IVL", "tcp", "a peer that says nothing is hung up on; with 0 it is not", effectHandshake},
	{"HEARTBEAT_IVL HEARTBEAT_TTL", "tcp", "PINGs come, with the time to live in tenths of a second", effectPing},
	{"HEARTBEAT_TIMEOUT", "tcp", "a peer that does not answer PINGs is hung up on; one that answers is not; differs: 0 is as long as HEARTBEAT_IVL here, as the man page has it, and in libzmq no limit", effectHeartbeatTimeout},
	{"METADATA", "tcp", "it stands in READY", effectMetadata},
	{"ROUTING_ID", "tcp", "it stands in READY as Identity", effectRoutingID},
	{"STREAM_NOTIFY", "tcp", "a STREAM receives an empty message for a new connection; with 0 only data", effectStreamNotify},
	{"IPV6 IPV4ONLY", "tcp", "a wildcard is reached over ::1, or is not", effectIPv6},
	{"TCP_ACCEPT_FILTER", "tcp", "an address in the range is greeted, another one hung up on", effectAcceptFilter},
	{"IPC_FILTER_PID IPC_FILTER_UID IPC_FILTER_GID", "ipc", "our process, user and group are greeted, others hung up on", effectIPCFilter},
	{"SOCKS_PROXY", "tcp", "the proxy is asked for the endpoint's address and port", effectSocks},
	{"SOCKS_USERNAME SOCKS_PASSWORD", "tcp", "the proxy is told them (RFC 1929)", effectSocksLogin},
	{"USE_FD", "tcp", "a listener that was made elsewhere takes connections", effectUseFD},
	{"SNDBUF RCVBUF TOS TCP_KEEPALIVE TCP_KEEPALIVE_CNT TCP_KEEPALIVE_IDLE TCP_KEEPALIVE_INTVL TCP_MAXRT BINDTODEVICE", "tcp",
		"the kernel has them for connections that were dialled, and that were accepted", effectKernel},
	{"BACKLOG", "tcp", "the kernel has it for the listener; differs: 0 is the system's most here, and one connection in libzmq", effectBacklog},
	{"RATE MULTICAST_HOPS MULTICAST_MAXTPDU", "tcp", "packets of a publisher over epgm: how fast, how long, and how many routers the kernel has", effectMulticast},
	{"PLAIN_SERVER PLAIN_USERNAME PLAIN_PASSWORD ZAP_DOMAIN", "tcp", "an authenticator is asked about the name and the password, and told the domain", effectPlain},
	{"CURVE_SERVER CURVE_PUBLICKEY CURVE_SECRETKEY CURVE_SERVERKEY", "tcp", "an authenticator is asked about the client's key; messages arrive; another server key keeps them away", effectCurve},
	{"MECHANISM TYPE LAST_ENDPOINT", "tcp", "they are read as what was chosen, made and bound", effectReadOnly},
	{"EVENTS", "tcp", "POLLIN with a message and POLLOUT with a peer, and neither without", effectEvents},
	{"XPUB_NODROP", "tcp", "Send to a full subscriber is EAGAIN; without it the message is dropped", effectNoDrop},
}

// effectPlays are the options whose effect is a play of the table of behaviours.
var effectPlays = map[string]string{
	"SNDHWM": "SNDHWM and RCVHWM: a full peer is EAGAIN, and nothing is lost", "RCVHWM": "SNDHWM and RCVHWM: a full peer is EAGAIN, and nothing is lost",
	"CONFLATE": "CONFLATE keeps the last message", "IMMEDIATE": "IMMEDIATE: nothing waits for a peer that is not there",
	"ROUTER_MANDATORY": "ROUTER_MANDATORY: it is EHOSTUNREACH", "ROUTER_HANDOVER": "ROUTER_HANDOVER: a new peer takes a name over",
	"CONNECT_ROUTING_ID": "CONNECT_ROUTING_ID names the peer of the next connect", "PROBE_ROUTER": "PROBE_ROUTER sends an empty message to each new peer",
	"REQ_RELAXED":   "REQ_RELAXED and REQ_CORRELATE: a late reply is not taken for the next",
	"REQ_CORRELATE": "REQ_RELAXED and REQ_CORRELATE: a late reply is not taken for the next",
	"SUBSCRIBE":     "a subscription is a prefix of the first frame", "UNSUBSCRIBE": "two subscriptions need two cancellations",
	"XPUB_VERBOSE": "XPUB_VERBOSE tells every subscription", "XPUB_VERBOSER": "XPUB_VERBOSER tells every cancellation, too",
	"XPUB_MANUAL": "XPUB_MANUAL: subscribed is what the program says", "XPUB_WELCOME_MSG": "XPUB_WELCOME_MSG comes first",
	"INVERT_MATCHING":          "INVERT_MATCHING sends what does not match",
	"XPUB_MANUAL_LAST_VALUE":   "XPUB_MANUAL_LAST_VALUE: the next message is for the last one to subscribe",
	"XSUB_VERBOSE_UNSUBSCRIBE": "XSUB_VERBOSE_UNSUBSCRIBE tells every cancellation", "ONLY_FIRST_SUBSCRIBE": "ONLY_FIRST_SUBSCRIBE: behind a subscription no frame is one",
	"ROUTER_NOTIFY": "ROUTER_NOTIFY: an empty message when a peer comes and when it goes",
	"HELLO_MSG":     "HELLO_MSG is the first on a connection", "DISCONNECT_MSG": "DISCONNECT_MSG is received when an accepted peer goes",
	"HICCUP_MSG": "HICCUP_MSG is received when a connected peer is lost",
}

// effectUnseen are the options whose effect is not compared, and why.
var effectUnseen = map[string]string{
	"RECOVERY_IVL":       "how much a publisher over epgm keeps; lost packets are had again in internal/interop/pgm_test.go",
	"MULTICAST_LOOP":     "in libzmq IP_MULTICAST_LOOP is 0 in the kernel whatever is set, and over the loopback interface packets come back in any case; ours: zmq/dgram_test.go",
	"ZAP_ENFORCE_DOMAIN": "kept: who asks the authenticator obeys it here in any case",
	"RCVMORE":            "always 0 here, where messages are whole; between the parts of one libzmq says 1",
	"THREAD_SAFE":        "read only: 1 here, 0 there but for its drafts",
	"AFFINITY":           "kept: which of libzmq's threads serve a connection can't be seen from outside",
	"LOOPBACK_FASTPATH":  "kept: it is Windows' only",
	"IN_BATCH_SIZE":      "kept: bytes of one read, which no peer sees; a draft",
	"OUT_BATCH_SIZE":     "kept: bytes of one write, which no peer sees; a draft",
	"ROUTER_RAW":         "refused here, and given up in libzmq: STREAM",
	"PRIORITY":           "a draft that this libzmq was built without; ours: internal/transport",
	"BUSY_POLL":          "not in libzmq 4.3.4; ours: internal/transport",
	"TOPICS_COUNT":       "not in libzmq 4.3.4; ours: zmq/topics_test.go",
	"SWAP":               "ZeroMQ 2's, given up in libzmq; ours: zmq/swap_test.go",
}

func init() {
	for _, f := range zmq.OptionFacts() {
		switch {
		case strings.HasPrefix(f.Name, "GSSAPI"):
			effectUnseen[f.Name] = "refused: there is no GSSAPI here"
		case strings.HasPrefix(f.Name, "VMCI"), strings.HasPrefix(f.Name, "NORM"):
			effectUnseen[f.Name] = "kept: neither this libzmq nor zactor has the transport"
		case strings.HasPrefix(f.Name, "WSS"):
			effectUnseen[f.Name] = "a draft that this libzmq was built without; ours: zmq/ws_test.go"
		}
	}
}

// What each option does is the same in libzmq.
func TestInteropOptionEffects(t *testing.T) {
	for _, f := range optionEffects {
		t.Run(strings.ReplaceAll(f.options, " ", ","), func(t *testing.T) {
			t.Parallel()
			onBothSides(t, f.scheme, f.play)
		})
	}
}

// onBothSides plays with ours and with libzmq as side A.
func onBothSides(t *testing.T, scheme string, play func(e *effects)) {
	for _, side := range []string{"zactor", "libzmq"} {
		t.Run(side, func(t *testing.T) {
			k := newKit(t, scheme)
			e := &effects{stage: &stage{kit: k, A: ours{k}, B: ours{k}}, pid: os.Getpid()}
			if side == "libzmq" {
				peer := startTheirs(k, e.spare()...)
				e.A, e.pid, e.libzmq = peer, peer.PID(), true
			}
			play(e)
		})
	}
}

// Every option with libzmq's name has an effect that is shown, or a reason why not;
// docs/conformance.md lists them.
func TestInteropOptionEffectsListed(t *testing.T) {
	shown := map[string]string{}
	for _, f := range optionEffects {
		for _, name := range strings.Fields(f.options) {
			shown[name] = f.says
		}
	}
	plays := map[string]string{}
	for _, b := range slices.Concat(behaviours, drafts) {
		plays[b.name] = "played above: "
	}
	for _, b := range drafts {
		plays[b.name] = "played above, among ours only (a draft): "
	}
	var order []string
	names := map[string][]string{}
	for _, f := range zmq.OptionFacts() {
		var says []string
		if play, ok := effectPlays[f.Name]; ok {
			if plays[play] == "" {
				t.Errorf("%s is shown by %q, which is no behaviour", f.Name, play)
			}
			says = append(says, plays[play]+play)
		}
		if s, ok := shown[f.Name]; ok {
			says = append(says, s)
		}
		if why, ok := effectUnseen[f.Name]; ok {
			says = append(says, "not compared: "+why)
		}
		switch {
		case f.Ours && says == nil:
			continue
		case len(says) != 1:
			t.Errorf("%s must have one effect, or a reason why not: %q", f.Name, says)
			continue
		}
		if names[says[0]] == nil {
			order = append(order, says[0])
		}
		names[says[0]] = append(names[says[0]], f.Name)
	}
	var page bytes.Buffer
	page.WriteString(effectsHead)
	for _, says := range order {
		fmt.Fprintf(&page, "| %s | %s |\n", strings.Join(names[says], ", "), says)
	}
	zmq.CheckSection(t, "conformance.md", "effects", page.Bytes())
}

const effectsHead = `## Options, by what they do

Made by ` + "`go test -tags interop -run InteropOptionEffectsListed ./zmq -update`" + `. Each effect is a play in
zmq/option_effects_*_interop_test.go, once with zactor and once with libzmq 4.3.4 as the
side that has the option; it is seen by a raw peer, by the kernel (whose settings are read
from the other process's descriptors), or by the socket itself:
` + "`go test -tags interop -run InteropOptionEffects ./zmq`" + `.

| Option | Effect, the same in both but for what is said to differ |
|---|---|
`

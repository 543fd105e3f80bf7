//go:build interop

package zmq_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/zmq"
)

// notHere are the options of libzmq that have no row, and why.
var notHere = map[string]string{
	"BLOCKY": "it is an option of a context, there too",
	"FD":     "a socket has no descriptor: Poller, Notify and Chan take its place",
}

// reason is why answers differ. Options: "" is any.
type reason struct {
	options string // names, with blanks between
	applies func(c optionCase, theirs, ours optionAnswer) bool
	why     string
}

// reasons are tried in order, and docs/conformance.md has them.
var reasons = []reason{
	{"LINGER", isDefault, "Close waits for half a minute, and then says what was not sent, instead of for ever"},
	{"MAXMSGSIZE", isDefault, "a stranger must not fill the memory; -1 is there for who wants no bound"},
	{"HANDSHAKE_IVL", isDefault, "an honest handshake is done in a fraction of it, and a silent one holds a place"},
	{"BACKLOG", isDefault, "a crowd that connects at once must not wait for SYNs to be repeated"},
	{"HEARTBEAT_TIMEOUT", isDefault, "0 is how libzmq takes its -1: as long as HEARTBEAT_IVL"},
	{"MAXMSGSIZE RECONNECT_STOP", nil, "a number that means nothing is a mistake of the program's"},
	{"HEARTBEAT_TTL", refusedByUs, "a negative time is a mistake; libzmq reads it as 0"},
	{"HEARTBEAT_TTL", nil, "read as it was set; on the wire it is in tenths of a second on both sides"},
	{"GSSAPI_SERVER GSSAPI_PRINCIPAL GSSAPI_SERVICE_PRINCIPAL GSSAPI_PLAINTEXT GSSAPI_PRINCIPAL_NAMETYPE GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", nil,
		"there is no GSSAPI here, and a socket must not be less safe than its program believes"},
	{"LOOPBACK_FASTPATH", func(c optionCase, _, _ optionAnswer) bool { return c.shown == "-1" }, "kept as it was set; it is Windows' only"},
	{"", isFlag, "a flag is 0 or 1: any other number is a mistake of the program's, as it is for most flags of libzmq, too"},
	{"METADATA", nil, "a property has a name behind its X-"},
	{"ROUTER_RAW", nil, "libzmq has given it up, too: a STREAM talks to plain programs"},
	{"ROUTING_ID CONNECT_ROUTING_ID", func(c optionCase, _, _ optionAnswer) bool { return strings.HasPrefix(c.shown, `"\x00`) },
		"RFC 37 keeps such names for those that a ROUTER makes itself"},
	{"CONNECT_ROUTING_ID", refusedByUs, "no routing id is longer than 255 bytes"},
	{"CONNECT_ROUTING_ID BINDTODEVICE ZAP_DOMAIN SOCKS_PROXY TCP_ACCEPT_FILTER", isEmpty, "empty takes back what was set, as NULL does"},
	{"BINDTODEVICE", nil, "Linux has no interface with a name over 15 bytes"},
	{"TCP_ACCEPT_FILTER", nil, "an address of IPv6 is understood without IPV6 set first"},
	{"IPC_FILTER_PID IPC_FILTER_UID IPC_FILTER_GID", nil, "no process, user or group has a negative number"},
	{"SOCKS_PROXY", nil, "what is no host:port can't be dialled: said when it is set, not in every attempt"},
	{"SOCKS_PASSWORD PLAIN_PASSWORD CURVE_SECRETKEY", canRead, "secrets are not read back"},
	{"PLAIN_USERNAME PLAIN_PASSWORD", isEmpty, "RFC 24 has empty ones; the server's authenticator decides"},
	{"CURVE_PUBLICKEY CURVE_SERVERKEY", isDefault, "no key is no key, not one of 32 zeros"},
	{"ZAP_DOMAIN", nil, "RFC 27's strings have no zero bytes"},
	{"USE_FD", nil, "descriptor 0 is the standard input: an int that was forgotten"},
	{"THREAD_SAFE", nil, "every socket may be used by many goroutines"},
	{"MAX_SOCKETS", nil, "no more than SOCKET_LIMIT, as the man page says"},
	{"MAX_MSGSZ", nil, "0 is no limit, and is read as the largest number; in libzmq it changes nothing"},
	{"THREAD_NAME_PREFIX", nil, "it is a text, and read back as one; a number is taken for its digits"},
}

func isDefault(c optionCase, _, _ optionAnswer) bool { return c.Value == nil }
func isEmpty(c optionCase, _, _ optionAnswer) bool {
	return c.shown == `""` || c.shown == "NULL"
}
func refusedByUs(_ optionCase, theirs, ours optionAnswer) bool {
	return theirs.Set == "" && ours.Set == "EINVAL"
}
func canRead(_ optionCase, theirs, ours optionAnswer) bool {
	return theirs.Set+theirs.Get+ours.Set == "" && ours.Get != ""
}

// isFlag is a number that is no flag, where libzmq takes any for one.
func isFlag(c optionCase, theirs, ours optionAnswer) bool {
	if _, flag := optionDefault(c).(bool); !flag && c.name != "LOOPBACK_FASTPATH" {
		return false
	}
	return c.form == isInt && refusedByUs(c, theirs, ours) && (theirs.Get != "" || theirs.Read == "1")
}

func optionDefault(c optionCase) any {
	if c.Where == "context" {
		if slices.Contains([]string{"IPV6", "BLOCKY", "ZERO_COPY_RECV"}, c.name) {
			return false
		}
		return nil
	}
	for _, f := range zmq.OptionFacts() {
		if f.Name == c.name {
			return f.Def
		}
	}
	return nil
}

// differences collects what differs, by option and reason.
type differences struct {
	count int
	lines []*difference
	types []string
	used  map[int]bool
}

type difference struct {
	name, why         string
	set, theirs, ours []string
}

func (d *differences) add(k *kit, c optionCase, theirs, ours optionAnswer) {
	k.Helper()
	d.count++
	i := slices.IndexFunc(reasons, func(r reason) bool {
		return (r.options == "" || slices.Contains(strings.Fields(r.options), c.name)) && (r.applies == nil || r.applies(c, theirs, ours))
	})
	if i < 0 {
		k.Errorf("%s %s = %s: libzmq says %v, zactor %v, for no reason that is named", c.Where, c.name, c.shown, theirs, ours)
		return
	}
	if d.used == nil {
		d.used = map[int]bool{}
	}
	d.used[i] = true
	name := c.name
	if c.Where == "context" {
		name += " (context)"
	}
	j := slices.IndexFunc(d.lines, func(l *difference) bool { return l.name == name && l.why == reasons[i].why })
	if j < 0 {
		d.lines = append(d.lines, &difference{name: name, why: reasons[i].why})
		j = len(d.lines) - 1
	}
	l := d.lines[j]
	shown := c.shown
	if c.Value == nil {
		shown = "(default)"
	}
	l.set, l.theirs, l.ours = append(l.set, shown), append(l.theirs, theirs.String()), append(l.ours, ours.String())
}

// unused makes sure that each reason has its difference.
func (d *differences) unused(k *kit) {
	for i, r := range reasons {
		if !d.used[i] {
			k.Errorf("nothing differs any more because %s", r.why)
		}
	}
}

// stableTypes are the socket types that this libzmq has.
var stableTypes = []string{"PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"}

// typeMatrix sets each option on every type, and reads its default there. A line is for
// the types on which only one of the two takes it.
func (d *differences) typeMatrix(k *kit, cases []optionCase, absent []string) {
	k.Helper()
	var list []optionCase
	for _, c := range validCases(cases, absent) {
		for _, typ := range stableTypes {
			c.typ, c.Type = typ, int(optionTypes[typ])
			list = append(list, c)
		}
	}
	theirs := libzmqAnswers(k, list)
	for i := 0; i < len(list); i += len(stableTypes) {
		var only [2][]string
		for j, typ := range stableTypes {
			c, libzmq := list[i+j], theirs[i+j]
			ours := ourAnswer(k, c)
			taken, ourTaken := libzmq.Set == "", ours.Set == ""
			if c.Value == nil {
				taken, ourTaken = libzmq.Get == "", ours.Get == ""
			}
			switch {
			case taken && !ourTaken:
				only[0] = append(only[0], typ)
			case !taken && ourTaken && c.Value != nil:
				only[1] = append(only[1], typ)
			}
		}
		c := list[i]
		what := "set"
		if c.Value == nil {
			what = "read"
		}
		if only[0] != nil || only[1] != nil {
			d.types = append(d.types, fmt.Sprintf("| %s | %s | %s | %s |", c.name, what, strings.Join(only[0], " "), strings.Join(only[1], " ")))
		}
	}
}

// validCases are the default of each option of sockets, which is read, and a value that
// can be set.
func validCases(cases []optionCase, absent []string) (list []optionCase) {
	valid := map[string]string{"BINDTODEVICE": `"lo"`, "SOCKS_PROXY": `"127.0.0.1:1080"`, "TCP_ACCEPT_FILTER": `"127.0.0.1"`,
		"METADATA": `"X-key:value"`, "PLAIN_USERNAME": `"joe"`, "PLAIN_PASSWORD": `"x"`, "CURVE_PUBLICKEY": "a key of 32 bytes",
		"CURVE_SECRETKEY": "a key of 32 bytes", "CURVE_SERVERKEY": "a key of 40 characters"}
	for _, c := range cases {
		want, special := valid[c.name]
		if !special {
			want = map[bool]string{true: `"a"`, false: "1"}[c.form == isText]
		}
		if c.Where == "socket" && !slices.Contains(absent, c.name) && (c.Value == nil || c.shown == want) && !strings.HasPrefix(c.name, "GSSAPI") {
			list = append(list, c)
		}
	}
	return list
}

// render is the section of the page.
func (d *differences) render(equal int, absent, newer []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, optionsHead, equal+d.count, equal)
	b.WriteString("\n| Option | Set to | libzmq | zactor | Why |\n|---|---|---|---|---|\n")
	for i, l := range d.lines {
		for _, m := range d.lines[i+1:] { // the same of other options
			if l.name != "" && m.why == l.why && slices.Equal(m.set, l.set) && slices.Equal(m.theirs, l.theirs) && slices.Equal(m.ours, l.ours) {
				l.name, m.name = l.name+", "+m.name, ""
			}
		}
		if l.name == "" {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", l.name, strings.Join(l.set, ", "), answersOf(l.set, l.theirs), answersOf(l.set, l.ours), l.why)
	}
	b.WriteString("\n" + typesHead + "\n\n| Option | is | only in libzmq on | only here on |\n|---|---|---|---|\n")
	b.WriteString(strings.Join(d.types, "\n") + "\n\nNot compared: ")
	fmt.Fprintf(&b, notCompared+"\n", strings.Join(absent, ", "), strings.Join(newer, ", "))
	return b.Bytes()
}

// answersOf is a list of answers in few words.
func answersOf(set, answers []string) string {
	switch {
	case len(slices.Compact(slices.Clone(answers))) == 1:
		return answers[0]
	case slices.Equal(set, answers):
		return "as set"
	}
	return strings.Join(answers, ", ")
}

const optionsHead = `## Options, value by value

Made by ` + "`go test -tags interop -run InteropOptionValues ./zmq -update`" + `; the test fails when it
is stale. Every option with libzmq's name was set to values at and beyond its edges and of
wrong sizes (text that is empty, of 255 and 256 bytes, with zero bytes; numbers of too few
and too many bytes), and read back: here and in libzmq 4.3.4, whose functions were called
as C does. Of %d answers %d are the same, and these are not. "taken" is what can be set and
not read; EINVAL is ErrInvalidOption here. What C gets wrong by the size of a buffer that is
read into has no like in Go.
`

const typesHead = `Each option was set on and read from a socket of every type. Here an option belongs to the
types that it means something to, and is ErrInvalidOption, with their names, on others;
libzmq takes many of them everywhere. These are the types on which only one of the two takes
it; what libzmq can't read and zactor can is left out:`

const notCompared = `what Debian's libzmq 4.3.4 was built without, so that all is EINVAL there
(%s), and what only other versions have (%s). FD is not here: a socket has no descriptor, and
Poller, Notify and Chan take its place.
`

//go:build interop

package zmq_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// optionCase is one value of one option, or its default, on a fresh socket or context.
type optionCase struct {
	Where  string  `json:"where"` // socket or context
	Type   int     `json:"type"`
	Option int     `json:"option"`
	Value  *string `json:"value"` // hex of what libzmq is given; "null"; nil: the default is read
	Room   int     `json:"room"`  // for what libzmq reads

	name, typ string
	shown     string     // the value, for people
	form      optionForm // of the value
	ours      any        // what WithOption is given
	made      zmq.Option // or the option, where WithOption has none
	unread    bool       // it is set only, though libzmq reads something
}

// optionForm is what libzmq takes an option to be.
type optionForm uint8

const (
	isInt optionForm = iota // 4 bytes
	isInt64
	isText
)

// optionAnswer is what setting and reading came to. Errors are names; "" is none.
type optionAnswer struct{ Set, Get, Read string }

// String is the answer in the words of the page.
func (a optionAnswer) String() string {
	switch {
	case a.Set != "":
		return a.Set
	case a.Get != "":
		return "taken"
	}
	return a.Read
}

func (a optionAnswer) same(b optionAnswer) bool {
	if a.Set != "" || b.Set != "" {
		return a.Set == b.Set
	}
	return a.Get != "" || b.Get == "" && a.Read == b.Read // what libzmq can't read is no difference
}

// optionForms are the forms of what is not plain from our own type.
var optionForms = map[string]optionForm{
	"IPC_FILTER_PID": isInt, "IPC_FILTER_UID": isInt, "IPC_FILTER_GID": isInt, "EVENTS": isInt,
	"GSSAPI_PRINCIPAL": isText, "GSSAPI_SERVICE_PRINCIPAL": isText,
	"MAXMSGSIZE": isInt64, "AFFINITY": isInt64, "SUBSCRIBE": isText, "UNSUBSCRIBE": isText,
}

func formOf(f zmq.OptionFact) optionForm {
	form, ok := optionForms[f.Name]
	switch {
	case ok:
		return form
	case f.Form == "string" || f.Form == "bytes":
		return isText
	}
	return isInt
}

// optionTexts are values of text beside those that every text is set to.
var optionTexts = map[string][]string{
	"SOCKS_PROXY":       {"127.0.0.1:1080", "127.0.0.1", ":1080"},
	"TCP_ACCEPT_FILTER": {"127.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "::1/128", "10.0.0.0/33", "nobody"},
	"BINDTODEVICE":      {"lo", "fifteen-letters", "sixteen-letters-"},
	"METADATA":          {"X-key:value", "key:value", "X-key:", "X-:value", "X-key"},
}

// optionValues are values at and beyond the edges of an option, and of wrong sizes.
func optionValues(c optionCase, f zmq.OptionFact) (list []optionCase) {
	add := func(shown, wire string, ours any) {
		c.Value, c.shown, c.ours = &wire, shown, ours
		list = append(list, c)
	}
	if c.form == isText {
		add("NULL", "null", []byte(nil))
		for _, s := range append([]string{"", "a", "\x00a", "a\x00b", strings.Repeat("a", 255), strings.Repeat("a", 256)}, optionTexts[c.name]...) {
			add(shownText(s), hex.EncodeToString([]byte(s)), s)
		}
		return list
	}
	if c.form == isInt64 {
		for _, v := range []int64{math.MinInt64, -2, -1, 0, 1, 255, 1 << 30, 1 << 40, math.MaxInt64} {
			ours := any(v)
			if c.name == "AFFINITY" {
				ours = uint64(v)
			}
			add(fmt.Sprint(v), hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, uint64(v))), ours)
		}
	} else {
		for _, v := range []int{math.MinInt32, -2, -1, 0, 1, 2, 3, 7, 15, 16, 255, 256, 6553599, 6553600, 1 << 30, math.MaxInt32} {
			add(fmt.Sprint(v), hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, uint32(v))), v)
		}
	}
	for _, n := range []int{0, 1, 2, 3, 5, 7, 9} {
		add(fmt.Sprintf("%d bytes", n), strings.Repeat("00", n), make([]byte, n))
	}
	return list
}

func shownText(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%d bytes", len(s))
	}
	return strings.ReplaceAll(strconv.Quote(s), "|", "\\|")
}

// libzmqHeader has the numbers of the options of libzmq 4.3.4, those of its drafts too.
func libzmqHeader(k *kit) (numbers map[string]int, stable []string) {
	k.Helper()
	text, err := os.ReadFile("/usr/include/zmq.h")
	k.ok(err)
	numbers = map[string]int{}
	draft := bytes.Index(text, []byte("#ifdef ZMQ_BUILD_DRAFT_API"))
	begin := bytes.Index(text, []byte("#define ZMQ_AFFINITY"))
	end := bytes.Index(text, []byte("/*  Message options"))
	old := bytes.Index(text, []byte("Deprecated options and aliases"))
	for _, m := range regexp.MustCompile(`(?m)^#define ZMQ_(\w+) (\d+)$`).FindAllSubmatchIndex(text, -1) {
		name := string(text[m[2]:m[3]])
		n, _ := strconv.Atoi(string(text[m[4]:m[5]]))
		if _, twice := numbers[name]; !twice {
			numbers[name] = n
		}
		if m[0] >= begin && m[0] < end || m[0] > old && m[0] < draft && slices.Contains([]string{"TCP_ACCEPT_FILTER", "IPC_FILTER_PID", "IPC_FILTER_UID", "IPC_FILTER_GID", "IPV4ONLY"}, name) {
			stable = append(stable, name)
		}
	}
	if len(stable) < 80 || numbers["BINDTODEVICE"] != 92 {
		k.Fatalf("zmq.h is not understood: %d options", len(stable))
	}
	return numbers, stable
}

var optionTypes = map[string]zmq.Type{}

func init() {
	for t := zmq.Pair; t <= zmq.Channel; t++ {
		optionTypes[t.String()] = t
	}
}

// madeOptions are values of the mechanisms, whose options here are made together.
func madeOptions(k *kit) map[string][]optionCase {
	own := serverKeys()
	secret := own.SecretKey().Expose()
	z85 := own.Public()
	key := own.PublicKey()
	client := zmq.WithCurveClient(own, z85)
	half := func(name, shown, wire string, o zmq.Option) optionCase {
		return optionCase{Where: "socket", name: name, typ: "DEALER", form: isText, shown: shown, Value: &wire, made: o}
	}
	flag := func(name string, o zmq.Option) optionCase {
		c := half(name, "1", "01000000", o)
		c.form = isInt
		return c
	}
	text := func(s string) string { return hex.EncodeToString([]byte(s)) }
	long := strings.Repeat("a", 256)
	bad := strings.Repeat("~", 40)
	badServer := zmq.WithCurveClient(own, bad)
	return map[string][]optionCase{
		"PLAIN_SERVER": {flag("PLAIN_SERVER", zmq.WithPlainServer())},
		"PLAIN_USERNAME": {
			half("PLAIN_USERNAME", `"joe"`, text("joe"), zmq.WithPlainClient("joe", "x")),
			half("PLAIN_USERNAME", "255 bytes", text(long[1:]), zmq.WithPlainClient(long[1:], "x")),
			half("PLAIN_USERNAME", "256 bytes", text(long), zmq.WithPlainClient(long, "x")),
			half("PLAIN_USERNAME", `""`, "", zmq.WithPlainClient("", "x")),
		},
		"PLAIN_PASSWORD": {
			half("PLAIN_PASSWORD", `"x"`, text("x"), zmq.WithPlainClient("joe", "x")),
			half("PLAIN_PASSWORD", `""`, "", zmq.WithPlainClient("joe", "")),
			half("PLAIN_PASSWORD", "256 bytes", text(long), zmq.WithPlainClient("joe", long)),
		},
		"CURVE_SERVER": {flag("CURVE_SERVER", zmq.WithCurveServer(own))},
		"CURVE_PUBLICKEY": {
			half("CURVE_PUBLICKEY", "a key of 32 bytes", hex.EncodeToString(key[:]), client),
			half("CURVE_PUBLICKEY", "a key of 40 characters", text(z85), client),
		},
		"CURVE_SECRETKEY": {half("CURVE_SECRETKEY", "a key of 32 bytes", hex.EncodeToString(secret[:]), client)},
		"CURVE_SERVERKEY": {
			half("CURVE_SERVERKEY", "a key of 40 characters", text(z85), client),
			half("CURVE_SERVERKEY", "40 characters that are no Z85", text(bad), badServer),
			half("CURVE_SERVERKEY", "39 characters", text(z85[:39]), zmq.WithCurveClient(own, z85[:39])),
			half("CURVE_SERVERKEY", "41 characters", text(z85+"a"), zmq.WithCurveClient(own, z85+"a")),
		},
	}
}

// optionCases are all that is set and read, and why the other options are not.
func optionCases(k *kit) (list []optionCase, left map[string][]string) {
	numbers, stable := libzmqHeader(k)
	made := madeOptions(k)
	left = map[string][]string{}
	known := map[string]bool{}
	for _, f := range zmq.OptionFacts() {
		n, ok := numbers[f.Name]
		known[f.Name] = true
		if !ok {
			if !f.Ours {
				left["newer"] = append(left["newer"], f.Name)
			}
			continue
		}
		typ := "DEALER"
		if len(f.Types) > 0 {
			typ = f.Types[0].String()
		}
		if f.Name == "ROUTER_RAW" {
			typ = "ROUTER"
		}
		c := optionCase{Where: "socket", Option: n, name: f.Name, typ: typ, form: formOf(f)}
		list = append(list, c)
		for _, m := range made[f.Name] {
			m.Option = n
			list = append(list, m)
		}
		if f.Settable || strings.HasSuffix(f.Name, "SUBSCRIBE") {
			list = append(list, optionValues(c, f)...)
		}
	}
	for _, name := range stable {
		if !known[name] {
			left["missing"] = append(left["missing"], name)
		}
	}
	for _, name := range zmq.ContextOptionNames() {
		n, ok := numbers[name]
		if !ok {
			n, ok = contextNumbers[name]
		}
		if !ok {
			k.Fatalf("%s has no number", name)
		}
		c := optionCase{Where: "context", Option: n, name: name}
		if name == "THREAD_PRIORITY" { // reading its number reads SOCKET_LIMIT
			c.unread = true
		} else {
			list = append(list, c)
		}
		if name == "SOCKET_LIMIT" || name == "MSG_T_SIZE" { // their numbers are read only, or another option's when set
			continue
		}
		for _, v := range []int{-2, -1, 0, 1, 2, 1023, 65535, 65536, math.MaxInt32} {
			wire := hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, uint32(v)))
			c.Value, c.shown, c.ours = &wire, fmt.Sprint(v), v
			list = append(list, c)
		}
	}
	for i := range list {
		c := &list[i]
		c.Type, c.Room = int(optionTypes[c.typ]), map[optionForm]int{isInt: 4, isInt64: 8, isText: 1024}[c.form]
		if strings.HasPrefix(c.name, "CURVE_") && c.form == isText {
			c.Room = 41 // Z85
		}
	}
	return list, left
}

// contextNumbers are those that zmq.h writes in another form.
var contextNumbers = map[string]int{"MSG_T_SIZE": 6, "SOCKET_LIMIT": 3, "IO_THREADS": 1, "MAX_SOCKETS": 2}

// libzmqAnswers asks libzmq all cases in one process.
func libzmqAnswers(k *kit, cases []optionCase) []optionAnswer {
	k.Helper()
	in, err := json.Marshal(cases)
	k.ok(err)
	ctx, cancel := context.WithTimeout(k.ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "testdata/option_probe.py")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		k.Fatalf("the probe: %v: %s", err, &stderr)
	}
	var list []optionAnswer
	k.ok(json.Unmarshal(out, &list))
	if len(list) != len(cases) {
		k.Fatalf("%d answers for %d cases", len(list), len(cases))
	}
	for i, c := range cases {
		b, err := hex.DecodeString(list[i].Read)
		k.ok(err)
		switch {
		case c.unread:
			list[i].Get = "EINVAL"
		case list[i].Set+list[i].Get != "":
		case c.form == isText && strings.HasPrefix(c.name, "CURVE_") && c.Value != nil && len(b) > 0:
			list[i].Read = "the key"
		case c.form == isText:
			list[i].Read = shownText(strings.TrimSuffix(string(b), "\x00"))
		case len(b) == 4:
			list[i].Read = fmt.Sprint(int32(binary.LittleEndian.Uint32(b)))
		case len(b) == 8:
			list[i].Read = fmt.Sprint(int64(binary.LittleEndian.Uint64(b)))
		}
	}
	return list
}

// ourAnswer is the same of ours.
func ourAnswer(k *kit, c optionCase) optionAnswer {
	if c.Where == "context" {
		return ourContextAnswer(k, c)
	}
	s, err := zmq.New(k.zctx, optionTypes[c.typ])
	k.ok(err)
	defer s.Close()
	if c.Value != nil {
		o := c.made
		if c.ours != nil {
			o = zmq.WithOption(c.name, c.ours)
		}
		switch {
		case c.name == "SUBSCRIBE":
			err = s.Subscribe(fmt.Sprintf("%s", c.ours))
		case c.name == "UNSUBSCRIBE":
			err = s.Unsubscribe(fmt.Sprintf("%s", c.ours))
		default:
			err = s.Set(o)
		}
		if err != nil {
			return optionAnswer{Set: errnoOf(err)}
		}
	}
	v, err := s.Option(c.name)
	if strings.HasPrefix(c.name, "CURVE_") && c.form == isText && c.Value != nil && v == serverKeys().Public() {
		v = "the key"
	}
	return readAnswer(v, err)
}

func ourContextAnswer(k *kit, c optionCase) optionAnswer {
	var opts []zmq.ContextOption
	if c.Value != nil {
		opts = append(opts, zmq.WithContextOption(c.name, c.ours))
	}
	zctx := zmq.NewContext(k.ctx, opts...)
	defer zctx.Close()
	if _, err := zmq.New(zctx, zmq.Pair); err != nil {
		return optionAnswer{Set: errnoOf(err)}
	}
	v, err := zctx.Option(c.name)
	return readAnswer(v, err)
}

// readAnswer is what was read, as C would have read it.
func readAnswer(v any, err error) optionAnswer {
	if err != nil {
		return optionAnswer{Get: errnoOf(err)}
	}
	switch x := v.(type) {
	case bool:
		if x {
			return optionAnswer{Read: "1"}
		}
		return optionAnswer{Read: "0"}
	case time.Duration:
		if x == zmq.Forever {
			return optionAnswer{Read: "-1"}
		}
		return optionAnswer{Read: fmt.Sprint(x.Milliseconds())}
	case string:
		if x == "the key" {
			return optionAnswer{Read: x}
		}
		return optionAnswer{Read: shownText(x)}
	case zmq.ReconnectStop:
		return optionAnswer{Read: fmt.Sprint(int(x))}
	case zmq.RouterNotify:
		return optionAnswer{Read: fmt.Sprint(int(x))}
	case uint64:
		return optionAnswer{Read: fmt.Sprint(int64(x))}
	case zmq.PollEvents:
		return optionAnswer{Read: fmt.Sprint(int(x))}
	}
	return optionAnswer{Read: fmt.Sprint(v)}
}

// Every option with libzmq's name is set to values at and beyond its edges, of wrong
// sizes too, and read back, here and in libzmq. Where the answers differ
// docs/conformance.md says so, with the reason; a difference without a reason fails, a
// reason without a difference as well.
func TestInteropOptionValues(t *testing.T) {
	k := alone(t, "inproc")
	cases, left := optionCases(k)
	theirs := libzmqAnswers(k, cases)
	absent := absentOptions(cases, theirs)
	var page differences
	equal := 0
	for i, c := range cases {
		if slices.Contains(absent, c.name) {
			continue
		}
		ours := ourAnswer(k, c)
		if theirs[i].same(ours) {
			equal++
			continue
		}
		page.add(k, c, theirs[i], ours)
	}
	t.Logf("%d answers are equal, %d differ", equal, page.count)
	if equal < 1200 {
		t.Errorf("only %d answers are equal", equal)
	}
	page.typeMatrix(k, cases, absent)
	page.unused(k)
	if slices.Sort(left["missing"]); !slices.Equal(left["missing"], slices.Sorted(maps.Keys(notHere))) {
		t.Errorf("libzmq has %v, which the table does not", left["missing"])
	}
	zmq.CheckSection(t, "conformance.md", "options", page.render(equal, absent, left["newer"]))
}

// absentOptions are those that this libzmq was built without: whatever is done with
// them is EINVAL.
func absentOptions(cases []optionCase, answers []optionAnswer) (list []string) {
	there := map[string]bool{}
	for i, c := range cases {
		if a := answers[i]; c.Value == nil && a.Get == "" || c.Value != nil && a.Set == "" {
			there[c.name] = true
		}
	}
	for _, c := range cases {
		if !there[c.name] && !slices.Contains(list, c.name) {
			list = append(list, c.name)
		}
	}
	return list
}

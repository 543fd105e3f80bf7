//go:build interop

package zmq_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// optionProbe sets each option of each case on a fresh libzmq socket, and prints what is
// read back, or the error.
const optionProbe = `
import sys, json, zmq
ctx = zmq.Context()
out = []
for c in json.load(sys.stdin):
    opt, typ = getattr(zmq, c["name"], None), getattr(zmq, c["type"])
    if opt is None:
        out.append("unknown"); continue
    s = ctx.socket(typ)
    try:
        if c["value"] is not None:
            s.setsockopt(opt, c["value"])
        try:
            out.append(str(int(s.getsockopt(opt))))
        except zmq.ZMQError:
            out.append("can't be read")
    except zmq.ZMQError as e:
        out.append("EINVAL" if e.errno == zmq.EINVAL else str(e))
    except Exception as e:
        out.append("unknown")
    s.close(0)
json.dump(out, sys.stdout)
`

type optionCase struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value *int   `json:"value"` // nil: the default
}

// optionCases are numbers at and beyond the edges of each option that is a number, a
// flag or a time.
func optionCases() (list []optionCase) {
	for _, name := range zmq.OptionNames() {
		def, types, _ := zmq.OptionInfo(name)
		switch def.(type) {
		case int, int64, uint64, bool, time.Duration, zmq.ReconnectStop, zmq.RouterNotify:
		default:
			continue
		}
		if name == "USE_FD" || strings.HasPrefix(name, "XPUB_") || strings.HasPrefix(name, "NORM_") { // set only, or not built in
			continue
		}
		typ := "DEALER"
		if len(types) > 0 {
			typ = types[0].String()
		}
		list = append(list, optionCase{Name: name, Type: typ})
		for _, v := range []int{-2, -1, 0, 1, 2, 3, 7, 255, 256, 6553599, 6553600, 1 << 30} {
			list = append(list, optionCase{name, typ, &v})
		}
	}
	return list
}

var optionTypes = map[string]zmq.Type{}

func init() {
	for t := zmq.Pair; t <= zmq.Channel; t++ {
		optionTypes[t.String()] = t
	}
}

// ourAnswer is what optionProbe would print of ours.
func ourAnswer(k *kit, c optionCase) string {
	s, err := zmq.New(k.zctx, optionTypes[c.Type])
	k.ok(err)
	defer s.Close()
	if c.Value != nil {
		if s.Set(zmq.WithOption(c.Name, *c.Value)) != nil {
			return "EINVAL"
		}
	}
	v, err := s.Option(c.Name)
	if err != nil {
		return "EINVAL"
	}
	switch x := v.(type) {
	case bool:
		if x {
			return "1"
		}
		return "0"
	case time.Duration:
		if x == zmq.Forever {
			return "-1"
		}
		return fmt.Sprint(x.Milliseconds())
	case zmq.ReconnectStop:
		return fmt.Sprint(int(x))
	case zmq.RouterNotify:
		return fmt.Sprint(int(x))
	}
	return fmt.Sprint(v)
}

// Every option with libzmq's name that is a number, a flag or a time is set to values at
// and beyond its edges and read back, here and in libzmq. Where the answers differ
// docs/options-libzmq.md says so; a difference that is not there fails.
func TestOptionsOfLibzmq(t *testing.T) {
	k := alone(t, "inproc")
	cases := optionCases()
	in, err := json.Marshal(cases)
	k.ok(err)
	ctx, cancel := context.WithTimeout(k.ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", "-c", optionProbe)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	k.ok(err)
	var theirs []string
	k.ok(json.Unmarshal(out, &theirs))
	var page bytes.Buffer
	page.WriteString(`# Options beside libzmq

Made by ` + "`go test -tags interop -run OptionsOfLibzmq ./zmq -update`" + `; the test fails when it is
stale. Every option that is a number, a flag or a time was set to values at and beyond its
edges and read back, here and in libzmq 4.3.4 (through pyzmq). These answers differ; all
others are equal. Of options that libzmq can set and not read only the setting is compared;
those that it does not have in its stable API are left out. EINVAL is ErrInvalidOption here.

| Option | Set to | libzmq | zactor |
|---|---|---|---|
`)
	equal, differ := 0, 0
	for i, c := range cases {
		if theirs[i] == "unknown" || theirs[i] == "can't be read" && c.Value == nil {
			continue
		}
		ours := ourAnswer(k, c)
		if ours == theirs[i] || theirs[i] == "can't be read" && c.Value != nil && ours != "EINVAL" {
			equal++
			continue
		}
		differ++
		set := "(default)"
		if c.Value != nil {
			set = fmt.Sprint(*c.Value)
		}
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", c.Name, set, theirs[i], ours)
	}
	t.Logf("%d answers are equal, %d differ", equal, differ)
	if equal < 200 {
		t.Errorf("only %d answers are equal", equal)
	}
	zmq.CheckDoc(t, "options-libzmq.md", page.Bytes())
}

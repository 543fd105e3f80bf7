package sock

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
	"github.com/go-zactor/zactor/zmq"
)

// flags are those of the socket commands.
type flags struct {
	connect, bind []string
	topics        []string
	groupTo       string
	data          []string
	file          string
	count         int
	interval      time.Duration
	timeout       time.Duration
	id            string
	hex           bool
	quoted        bool
	raw           bool
	echo          bool
	exec          string
	sendOnly      bool
	recvOnly      bool
	noWait        bool
}

func (f *flags) add(set *pflag.FlagSet, k kind) {
	set.StringArrayVarP(&f.connect, "connect", "c", nil, "connect to this `ENDPOINT`; may be repeated")
	set.StringArrayVarP(&f.bind, "bind", "b", nil, "bind this `ENDPOINT`; may be repeated")
	set.IntVarP(&f.count, "count", "n", 0, "end after `N` messages")
	set.DurationVarP(&f.timeout, "timeout", "t", 0, "give up when nothing moves for this `TIME`, such as 5s (default never)")
	set.BoolVar(&f.hex, "hex", false, "messages as hexadecimal digits")
	set.BoolVar(&f.quoted, "quoted", false, "messages as strings in quotes")
	set.BoolVar(&f.raw, "raw", false, "messages as bytes, with nothing between them")
	if k.topic != "" {
		set.StringArrayVarP(&f.topics, "subscribe", "s", nil, k.topic)
	}
	if k.sends {
		set.StringArrayVarP(&f.data, "data", "D", nil, "send `TEXT`, or with --hex or --quoted what it says; given again, another frame")
		set.StringVarP(&f.file, "file", "F", "", "send a `FILE`: in pieces of 128 KiB, or with --json, --hex, --quoted a line a message; - is standard input")
		set.DurationVarP(&f.interval, "interval", "i", 0, "send one message every `TIME`; --data again and again")
	}
	switch k.typ {
	case zmq.Pub, zmq.XPub:
		set.BoolVar(&f.noWait, "no-wait", false, "publish even before the first subscriber is there")
	case zmq.Radio:
		set.StringVarP(&f.groupTo, "group", "g", "", "send to this `GROUP`")
		set.BoolVar(&f.noWait, "no-wait", false, "send even before a peer has joined")
	case zmq.Req, zmq.Dealer, zmq.Router:
		set.StringVar(&f.id, "id", "", "the `NAME` by which a router knows this socket")
	}
	if k.answers() {
		set.BoolVar(&f.echo, "echo", false, "send every message back")
	}
	if k.recvs && k.typ != zmq.Req && k.typ != zmq.XPub {
		set.StringVar(&f.exec, "exec", "", "run `CMD` for every message, with the message as its input; its output is the answer")
	}
	if k.sends && k.recvs && !k.turns {
		set.BoolVar(&f.sendOnly, "send-only", false, "print nothing that comes, and end when all is sent")
		set.BoolVar(&f.recvOnly, "recv-only", false, "send nothing, and don't read standard input")
	}
}

const formHint = "--json, --hex, --quoted and --raw are four ways to write the same"

// check refuses what can't be meant.
func (f *flags) check(app *cli.App, k kind) error {
	forms := 0
	for _, on := range []bool{app.JSON, f.hex, f.quoted, f.raw} {
		if on {
			forms++
		}
	}
	one := k.name + " -c :5555 connects to port 5555 of this machine, -b :5555 binds it"
	switch {
	case len(f.connect)+len(f.bind) == 0:
		return cli.Usage("zactor "+one, "no endpoint: it is to connect or to bind")
	case forms > 1:
		return cli.Usage(formHint, "more than one of --json, --hex, --quoted and --raw")
	case f.count < 0:
		return cli.Usage("", "-n %d: must be 0 or more", f.count)
	case f.interval < 0:
		return cli.Usage("", "-i %v: must be 0 or more", f.interval)
	case f.timeout < 0:
		return cli.Usage("", "-t %v: must be 0 or more", f.timeout)
	case len(f.data) > 0 && f.file != "":
		return cli.Usage("", "-D and -F: a message is either text or a file")
	case f.echo && f.exec != "":
		return cli.Usage("", "--echo and --exec: a message has one answer")
	case f.sendOnly && f.recvOnly:
		return cli.Usage("", "--send-only and --recv-only: nothing is left to do")
	case f.recvOnly && (len(f.data) > 0 || f.file != "" || f.echo):
		return cli.Usage("", "--recv-only: there is something to send")
	case (f.echo || f.exec != "") && (len(f.data) > 0 || f.file != "") && k.sends:
		return cli.Usage("", "--echo and --exec make the answers: leave -D and -F out")
	case k.typ == zmq.Dish && len(f.topics) == 0:
		return cli.Usage("zactor dish -b :5555 -s GROUP", "a dish hears only the groups that it has joined")
	case k.typ == zmq.Radio && f.groupTo == "" && !app.JSON:
		return cli.Usage(`zactor radio -c :5555 -g GROUP; or --json, with "group" in each message`, "a radio sends to groups: which?")
	}
	return nil
}

// input is the form of what is sent.
func (f *flags) input(app *cli.App) form.Form {
	switch {
	case app.JSON:
		return form.JSON
	case f.hex:
		return form.Hex
	case f.quoted:
		return form.Quoted
	case f.raw:
		return form.Raw
	}
	return form.Text
}

// output is the form of what is printed.
func (f *flags) output(app *cli.App) form.Form {
	if in := f.input(app); in != form.Text || !app.Terminal() {
		return in
	}
	return form.Safe
}

package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/chart"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/wire"
)

const about = `Find out who is at an endpoint: the version of ZMTP and the mechanism, always; its socket
type, whether we are let in and how long PINGs take, if our credentials are right.

  zactor ping :5555
  zactor ping tcp://h:5555 --curve-server KEY --cert mine     confirms that the server has that key

A ping takes no message from anybody. So it does not complete the handshake with a PUSH, a
DEALER, a PAIR, a SCATTER or a CHANNEL, which would give it some, or have no place for
others. A key is confirmed and never learnt: nothing that a peer says names its own.

It ends with 0 if we were let in, 1 if what is there is no ZeroMQ socket, 3 if nobody is
there or says nothing, 4 if it wants other credentials.`

type flags struct {
	count    int
	interval time.Duration
	timeout  time.Duration
	as       string
}

// Command is zactor ping.
func Command(app *cli.App) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:     "ping ENDPOINT",
		Short:   "Find out who is at an endpoint, and how long it takes to answer",
		Long:    about,
		GroupID: "see",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f.as = strings.ToUpper(f.as)
			if err := f.check(); err != nil {
				return err
			}
			return f.run(c.Context(), app, args[0])
		},
	}
	c.Flags().IntVarP(&f.count, "count", "n", 10, "send so many `PINGS`")
	c.Flags().DurationVarP(&f.interval, "interval", "i", 50*time.Millisecond, "wait for this `TIME` between two")
	c.Flags().DurationVarP(&f.timeout, "timeout", "t", 5*time.Second, "wait for this `TIME` for each answer")
	c.Flags().StringVar(&f.as, "as", "", "come as a socket of this `TYPE`, such as SUB; else what fits is found out")
	return c
}

// types are those that speak ZMTP.
var types = []string{"PAIR", "PUB", "SUB", "XPUB", "XSUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH",
	"SERVER", "CLIENT", "RADIO", "DISH", "GATHER", "SCATTER", "PEER", "CHANNEL"}

func (f *flags) check() error {
	switch {
	case f.count < 0:
		return cli.Usage("", "-n %d: must be 0 or more", f.count)
	case f.interval < 0:
		return cli.Usage("", "-i %v: must be 0 or more", f.interval)
	case f.timeout <= 0:
		return cli.Usage("", "-t %v: must be more than 0", f.timeout)
	case f.as != "" && !slices.Contains(types, f.as):
		return cli.Usage("one of "+strings.Join(types, ", "), "--as %q: no socket type", f.as)
	}
	return nil
}

// finding is what a ping has found out.
type finding struct {
	Endpoint  string         `json:"endpoint"`
	Connect   time.Duration  `json:"connect_ns"`
	Greeting  time.Duration  `json:"greeting_ns"`
	Version   string         `json:"version"`
	Mechanism string         `json:"mechanism,omitempty"`
	Server    bool           `json:"server,omitempty"` // of the mechanism
	Type      string         `json:"type,omitempty"`
	As        string         `json:"as,omitempty"`
	In        bool           `json:"in"`
	Verdict   string         `json:"verdict"`
	Trips     *chart.Summary `json:"round_trips,omitempty"`

	hist *chart.Hist
}

// newPinger reads the endpoint and the credentials.
func newPinger(app *cli.App, s cli.Security, text string, f *flags) (*pinger, error) {
	ep, err := endpoint.Parse(cli.Endpoint(text))
	if err == nil {
		err = ep.ForConnect()
	}
	if err != nil {
		return nil, cli.Usage(cli.EndpointHint, "%w", err)
	}
	if ep.Scheme == endpoint.UDP || ep.Scheme == endpoint.Inproc || ep.Multicast() {
		return nil, cli.Usage("tcp, ipc, ws and wss have peers that answer", "%s: nobody answers there", ep)
	}
	k, err := credentials(&s)
	return &pinger{flags: f, app: app, ep: ep, keys: k}, err
}

func (f *flags) run(ctx context.Context, app *cli.App, text string) error {
	p, err := newPinger(app, app.Security, text, f)
	if err != nil {
		return err
	}
	found, err := p.ping(ctx)
	if found.Version != "" {
		if e := show(app, found); err == nil {
			err = e
		}
	}
	return err
}

// pinger is one ping.
type pinger struct {
	*flags
	app  *cli.App
	ep   endpoint.Endpoint
	keys keys
}

// call connects and hears the greeting.
func (p *pinger) call(ctx context.Context) (*line, greeting, func(), error) {
	l, hangUp, err := p.dial(ctx)
	if err != nil {
		return nil, greeting{}, nil, &cli.Error{Code: cli.ExitNobody, Err: fmt.Errorf("%s: %w", p.ep, err),
			Hint: "is the other side running, and is that the address that it has bound?"}
	}
	if err := l.nc.SetDeadline(time.Now().Add(p.timeout)); err != nil {
		hangUp()
		return nil, greeting{}, nil, err
	}
	g, err := l.greet()
	if err != nil {
		hangUp()
		return nil, g, nil, fmt.Errorf("%s: %w", p.ep, err)
	}
	return l, g, hangUp, nil
}

func (p *pinger) ping(ctx context.Context) (f finding, err error) {
	l, g, hangUp, err := p.call(ctx)
	if err != nil {
		return f, err
	}
	defer func() { hangUp() }()
	f = finding{Endpoint: p.ep.String(), Connect: l.dialed, Greeting: g.took,
		Version: g.version.String(), Mechanism: g.mechanism, Server: g.server}
	if g.mechanism == "" {
		f.Verdict = "a socket of before ZMTP 3.0, which knows no security; nothing more was asked"
		f.In = p.keys.mechanism == "NULL"
		if !f.In {
			return f, p.refused(errors.New("it knows no security"), "")
		}
		return f, nil
	}
	if g.mechanism != p.keys.mechanism {
		f.Verdict = "not asked: it has " + wire.Quote([]byte(g.mechanism)) + ", we have " + p.keys.mechanism
		return f, p.refused(errors.New(f.Verdict), wants(g.mechanism))
	}
	var e entry
	switch {
	case p.as != "":
		e, err = l.enterAs(p.keys, p.as)
	case g.mechanism == "NULL":
		e, err = l.enter(p.keys, p.timeout)
	default:
		e, l, hangUp, err = p.tryAll(ctx, l, hangUp)
	}
	return p.entered(ctx, f, l, e, err)
}

// tryAll comes as one type after the other.
func (p *pinger) tryAll(ctx context.Context, l *line, hangUp func()) (entry, *line, func(), error) {
	for i, as := range blind {
		if i > 0 {
			hangUp()
			var err error
			if l, _, hangUp, err = p.call(ctx); err != nil {
				return entry{}, nil, func() {}, err
			}
		}
		e, err := l.enterAs(p.keys, as)
		var auth *wire.AuthError
		switch {
		case err == nil, errors.As(err, &auth), errors.Is(err, errKey), errors.Is(err, os.ErrDeadlineExceeded):
			return e, l, hangUp, err
		}
	}
	return entry{}, l, hangUp, errUntold
}

// entered goes on when the handshake is over, well or badly.
func (p *pinger) entered(ctx context.Context, f finding, l *line, e entry, err error) (finding, error) {
	f.Type, f.As = e.peer, e.as
	var auth *wire.AuthError
	switch {
	case errors.Is(err, errKey):
		f.Verdict = err.Error()
		return f, p.refused(err, "ask the server's owner for its public key: zactor cert show FILE prints it")
	case errors.As(err, &auth), errors.Is(err, errRefused):
		f.Verdict = err.Error()
		return f, p.refused(err, "the server must trust our certificate (copy its public file into the folder of --trust) or our password")
	case errors.Is(err, errUntold):
		f.Verdict, f.Type = err.Error(), ""
		return f, nil
	case err != nil:
		f.Verdict = err.Error()
		return f, fmt.Errorf("%s: %w", p.ep, err)
	case f.As == "":
		f.In = true
		f.Verdict = "it is there; we did not go in, since a " + f.Type + " would give us what is for others"
		return f, nil
	}
	f.In, f.Verdict = true, verdicts[p.keys.mechanism]
	if e.result.Version != wire.V31 || p.count == 0 {
		return f, nil // PING is new in ZMTP 3.1
	}
	l.nc.SetDeadline(time.Now().Add(p.timeout + time.Duration(p.count)*p.interval))
	f.hist, err = l.trips(ctx, e, p.count, p.interval)
	if f.hist.N() > 0 {
		s := f.hist.Summary()
		f.Trips = &s
	}
	if ctx.Err() != nil {
		return f, nil // the user has seen enough
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("it hung up when it was asked with PING")
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", p.ep, err)
	}
	return f, err
}

var verdicts = map[string]string{
	"NULL":  "let in; it asks for no credentials",
	"PLAIN": "let in; the password is right, and went over the wire in the clear",
	"CURVE": "let in; it has the key that --curve-server names",
}

func (p *pinger) refused(why error, hint string) error {
	return &cli.Error{Code: cli.ExitRefused, Err: fmt.Errorf("%s: %w", p.ep, why), Hint: hint}
}

// wants says what to do about a peer's mechanism.
func wants(mechanism string) string {
	switch mechanism {
	case "CURVE":
		return "--curve-server KEY, its public key, and --cert FILE if it knows its clients"
	case "PLAIN":
		return "--plain USER, with the password in ZACTOR_PASSWORD"
	case "NULL":
		return "it has no security: leave --curve-server and --plain out"
	}
	return ""
}

func show(app *cli.App, f finding) error {
	if app.JSON {
		return json.NewEncoder(app.Stdout).Encode(f)
	}
	w := app.Stdout
	mechanism := f.Mechanism
	if f.Server {
		mechanism += ", it is the server"
	}
	fmt.Fprintf(w, "%s  connected in %s, greeting in %s\n", f.Endpoint, chart.Short(f.Connect), chart.Short(f.Greeting))
	fmt.Fprintf(w, "  version     ZMTP %s\n", f.Version)
	if mechanism != "" {
		fmt.Fprintf(w, "  mechanism   %s\n", cli.Shown(mechanism))
	}
	if f.Type != "" {
		fmt.Fprintf(w, "  type        %s%s\n", cli.Shown(f.Type), came(f))
	}
	fmt.Fprintf(w, "  verdict     %s\n", f.Verdict)
	if f.Trips == nil {
		return nil
	}
	fmt.Fprintf(w, "  round trips %d  %s\n", f.Trips.Count, f.Trips.Line())
	if f.Trips.Count > 2 {
		f.hist.Text(w, cli.Width(w), cli.Plain())
	}
	return nil
}

func came(f finding) string {
	if f.As == "" {
		return ""
	}
	return "; we came as " + f.As
}

// Find is a ping without PINGs, of those who want to know only who is there: its type and
// mechanism, and the verdict. The error has the code and the hint of ping's own.
func Find(ctx context.Context, app *cli.App, text string, patience time.Duration) (what string, err error) {
	s := app.Security
	if s.CurveServer == "" {
		s.Cert, s.Trust = "", "" // they are for others to be looked at
	}
	p, err := newPinger(app, s, text, &flags{timeout: patience})
	if err != nil {
		return "", err
	}
	f, err := p.ping(ctx)
	if f.Version == "" {
		return "", err
	}
	what = "ZMTP " + f.Version
	if f.Mechanism != "" {
		what += ", " + cli.Shown(f.Mechanism)
	}
	if f.Type != "" {
		what += ", " + cli.Shown(f.Type)
	}
	return what + "; " + f.Verdict, err
}

package meter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/chart"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

const about = `Measure how fast messages are. Without -c both sides are here.

  zactor bench lat                     round trips, between a REQ and a REP
  zactor bench tput --curve            from a PUSH to a PULL, encrypted
  zactor bench fan --subs 100          from a PUB to many SUBs
  zactor bench lat -c h:5555           with zactor bench serve lat -b '*:5555' on h, or with
                                       libzmq's local_lat tcp://*:5555 64 10000
  zactor bench tput -c h:5555          with bench serve tput, or libzmq's local_thr
  zactor bench serve lat -b :5555      also for libzmq's remote_lat
  zactor bench serve tput -b :5555 -n 1000000    also for libzmq's remote_thr

Who measures alone gets the truth about this machine, and not about a network. docs/benchmarks.md
has figures with the machine that they were taken on.`

// flags are those of all benchmarks.
type flags struct {
	count   int
	size    int
	connect string
	bind    string
	curve   bool
	svg     string
	subs    int
	timeout time.Duration
}

func (f *flags) check() error {
	switch {
	case f.count < 1:
		return cli.Usage("", "-n %d: must be 1 or more", f.count)
	case f.size < 0 || f.size > 1<<30:
		return cli.Usage("", "--size %d: must be 0 to 1 GiB", f.size)
	case f.subs < 0 || f.subs > 100000:
		return cli.Usage("", "--subs %d: must be 1 to 100000", f.subs)
	case f.timeout <= 0:
		return cli.Usage("", "-t %v: must be more than 0", f.timeout)
	case f.curve && f.connect != "":
		return cli.Usage("--curve-server KEY and --cert FILE say who the two are", "--curve makes keys for two sides that are here")
	}
	return nil
}

// result is what was measured.
type result struct {
	Bench    string         `json:"bench"`
	Endpoint string         `json:"endpoint"`
	Security string         `json:"security"`
	Size     int            `json:"size"`
	Count    int            `json:"count"` // messages sent, or round trips
	Subs     int            `json:"subscribers,omitempty"`
	Taken    time.Duration  `json:"taken_ns"`
	Rate     float64        `json:"per_second"` // round trips, or messages received
	Bytes    float64        `json:"bytes_per_second,omitempty"`
	Latency  *chart.Summary `json:"latency_ns,omitempty"` // of round trips, or from send to receive

	hist *chart.Hist
}

// Command is zactor bench.
func Command(app *cli.App) *cobra.Command {
	c := &cobra.Command{
		Use: "bench", Short: "Measure round trips and throughput", Long: about, GroupID: "see",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return cli.Usage("zactor bench lat, tput, fan or serve; zactor bench --help explains", "which benchmark?")
		},
	}
	c.AddCommand(
		one(app, "lat", "Round trips, one after the other", 10_000, true, lat),
		one(app, "tput", "Messages from one to another, as fast as they go", 1_000_000, true, tput),
		one(app, "fan", "Messages from one to many", 100_000, false, fan),
		serve(app),
	)
	return c
}

// bench measures.
type bench func(ctx context.Context, app *cli.App, f flags) (result, error)

func one(app *cli.App, name, short string, count int, far bool, run bench) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: name, Short: short, GroupID: "", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			r, err := run(c.Context(), app, f)
			if err != nil {
				return err
			}
			return f.tell(app, r)
		},
	}
	f.common(c, count)
	c.Flags().StringVar(&f.svg, "svg", "", "write the histogram as a picture to `FILE`")
	c.Flags().StringVarP(&f.bind, "bind", "b", "", "bind this `ENDPOINT`: tcp, ipc, inproc, ws (default a free port of tcp)")
	c.Flags().BoolVar(&f.curve, "curve", false, "encrypt, with fresh keys")
	if far {
		c.Flags().StringVarP(&f.connect, "connect", "c", "", "the other side is at this `ENDPOINT`")
	} else {
		c.Flags().IntVar(&f.subs, "subs", 10, "so many `SUBSCRIBERS`")
	}
	return c
}

func (f *flags) common(c *cobra.Command, count int) {
	c.Flags().IntVarP(&f.count, "count", "n", count, "so many `MESSAGES`")
	c.Flags().IntVar(&f.size, "size", 64, "messages of so many `BYTES`")
	c.Flags().DurationVarP(&f.timeout, "timeout", "t", 10*time.Second, "give up when nothing moves for this `TIME`")
}

// tell prints the result.
func (f *flags) tell(app *cli.App, r result) error {
	if r.hist != nil && r.hist.N() > 0 {
		s := r.hist.Summary()
		r.Latency = &s
	}
	if f.svg != "" {
		if err := f.draw(r); err != nil {
			return err
		}
	}
	if app.JSON {
		return json.NewEncoder(app.Stdout).Encode(r)
	}
	w := app.Stdout
	fmt.Fprintln(w, r.head())
	if r.Bench == "lat" {
		fmt.Fprintf(w, "  round trips %s/s\n", humanize.Comma(int64(r.Rate)))
	} else {
		fmt.Fprintf(w, "  received    %s messages/s, %s/s, in %s\n", humanize.Comma(int64(r.Rate)), humanize.IBytes(uint64(r.Bytes)), chart.Short(r.Taken))
	}
	if r.Latency == nil {
		return nil
	}
	what := "one took    "
	if r.Bench != "lat" {
		what = "under way   " // with all that was queued before
	}
	fmt.Fprintf(w, "  %s%s\n", what, r.Latency.Line())
	r.hist.Text(w, cli.Width(w), cli.Plain())
	return nil
}

// head names what was measured.
func (r result) head() string {
	s := fmt.Sprintf("%s: %s of %s over %s, %s", r.Bench, humanize.Comma(int64(r.Count)), humanize.IBytes(uint64(r.Size)), r.Endpoint, r.Security)
	if r.Subs > 0 {
		s += fmt.Sprintf(", to %d", r.Subs)
	}
	return s
}

func (f *flags) draw(r result) error {
	if r.hist == nil || r.hist.N() == 0 {
		return cli.Failed("give --svg to the other side", "--svg: nothing that a histogram could show: the times are on the other side")
	}
	file, err := os.Create(f.svg)
	if err != nil {
		return fmt.Errorf("--svg: %w", err)
	}
	return errors.Join(r.hist.SVG(file, r.head()), file.Close())
}

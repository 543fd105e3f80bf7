package look

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

const aboutMonitor = `Print what changes in a process: sockets, actors and nodes that begin and end, peers that
come and go, and what goes wrong, with what to do about it.

  ZACTOR_OBSERVE=127.0.0.1:6060 zactor demo        in one terminal
  zactor monitor 127.0.0.1:6060                    in another one

A line begins with + for what has come, - for what has gone, ! for what is wrong and = for
what is well again. The first line counts what is there; with -v each has a line. ZA0404 and its
like are the events of docs/events.md, and what to do about one is said once.`

const aboutTop = `Show what lives in a process, with rates and what is wrong, once a second. On a terminal:

  up, down    choose        enter    its endpoints and peers, or back
  s           sort by rate, queue, drops or name
  p           pause         q        quit

Elsewhere, or where TERM is dumb, it prints a table; -n 1 prints one and ends.`

// looking are the flags of both commands.
type looking struct {
	every time.Duration
	count int
}

func (l *looking) add(c *cobra.Command) {
	c.Flags().DurationVarP(&l.every, "interval", "i", time.Second, "look every `TIME`")
	c.Flags().IntVarP(&l.count, "count", "n", 0, "end after so many `LOOKS`")
}

// client checks the flags, and asks the one process that is named.
func (l *looking) client(app *cli.App, args []string) (*client, error) {
	switch {
	case l.every < 10*time.Millisecond:
		return nil, cli.Usage("", "-i %v: must be at least 10ms", l.every)
	case l.count < 0:
		return nil, cli.Usage("", "-n %d: must be 0 or more", l.count)
	case len(args) == 0:
		return newClient(app.Observe)
	}
	return newClient(args[0])
}

// Commands are zactor monitor and zactor top.
func Commands(app *cli.App) []*cobra.Command {
	var m, t looking
	monitors := &cobra.Command{
		Use: "monitor [ADDR]", Short: "Print what changes in a process, and what is wrong", Long: aboutMonitor,
		GroupID: "see", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			from, err := m.client(app, args)
			if err != nil {
				return err
			}
			w := monitor{client: from, out: app.Stdout, json: app.JSON, all: app.Verbose, advised: map[string]bool{}}
			return w.run(c.Context(), m.every, m.count)
		},
	}
	m.add(monitors)
	tops := &cobra.Command{
		Use: "top [ADDR]", Short: "Show what lives in a process, with rates", Long: aboutTop,
		GroupID: "see", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			from, err := t.client(app, args)
			if err != nil {
				return err
			}
			if app.JSON || t.count > 0 || !app.Terminal() || cli.Plain() {
				return lines(c.Context(), app, from, t.every, t.count)
			}
			return live(c.Context(), app, from, t.every)
		},
	}
	t.add(tops)
	return []*cobra.Command{monitors, tops}
}

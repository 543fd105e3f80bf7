package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/look"
	"github.com/go-zactor/zactor/cmd/zactor/internal/probe"
)

const doctorAbout = `Look at what most often keeps sockets and nodes from finding each other, and say in one line
each what is wrong and in another one what to do: open files, interfaces, beacons, keys and
their modes. It changes nothing.

  zactor doctor                                  this host
  zactor doctor h:5555 --curve-server KEY        and who is at an endpoint
  zactor doctor --cert mine --trust trusted      and the certificates
  zactor doctor --peer camera-7                  and whether that node is found, or who refuses whom
  zactor doctor --observe 127.0.0.1:6060         and what is wrong in that process

It ends with 1 if something is wrong; a warning is not.`

// The verdicts of a check.
const (
	fine    = "ok"
	warning = "warn"
	failed  = "FAIL"
)

// finding is what came of a check.
type finding struct {
	Verdict string `json:"verdict"`
	Check   string `json:"check"`
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
}

// doctor is zactor doctor.
type doctor struct {
	networkFlags
	tool     *tool
	peer     string
	patience time.Duration
	noBeacon bool
	failed   int
}

func (t *tool) doctorCommand() *cobra.Command {
	d := doctor{tool: t}
	c := &cobra.Command{
		Use: "doctor [ENDPOINT...]", Short: "Say what keeps sockets and nodes from finding each other", Long: doctorAbout, GroupID: "see",
		RunE: func(c *cobra.Command, args []string) error {
			if err := d.check(); err != nil {
				return err
			}
			if d.patience <= 0 {
				return cli.Usage("", "-t %v: must be more than 0", d.patience)
			}
			return d.run(c.Context(), args)
		},
	}
	d.networkFlags.add(c.Flags())
	c.Flags().StringVar(&d.peer, "peer", "", "find the node of this `NAME`, or with these first digits of its UUID")
	c.Flags().DurationVarP(&d.patience, "timeout", "t", 5*time.Second, "wait for this `TIME` for each answer")
	c.Flags().BoolVar(&d.noBeacon, "no-beacon", false, "send no beacons")
	return c
}

// run makes all checks that the flags ask for.
func (d *doctor) run(ctx context.Context, endpoints []string) error {
	checks := []func(context.Context) []finding{d.files, d.interfaces}
	if !d.noBeacon {
		checks = append(checks, d.beacons)
	}
	checks = append(checks, d.certificate, d.trusted)
	for _, e := range endpoints {
		checks = append(checks, func(ctx context.Context) []finding { return d.endpoint(ctx, e) })
	}
	if d.peer != "" {
		checks = append(checks, d.findPeer)
	}
	if d.tool.Observe != "" {
		checks = append(checks, d.process)
	}
	for _, check := range checks {
		for _, f := range check(ctx) {
			if err := d.say(f); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
	}
	if d.failed > 0 {
		d.tool.code = exitFail // the lines have said what
	}
	return nil
}

// say prints a finding.
func (d *doctor) say(f finding) error {
	if f.Verdict == failed {
		d.failed++
	}
	if d.tool.JSON {
		return json.NewEncoder(d.tool.Stdout).Encode(f)
	}
	_, err := fmt.Fprintf(d.tool.Stdout, "%-4s  %-12s %s\n", f.Verdict, f.Check, f.Text)
	if f.Hint != "" && err == nil {
		_, err = fmt.Fprintf(d.tool.Stdout, "      %-12s %s\n", "", f.Hint)
	}
	return err
}

// endpoint looks who is there.
func (d *doctor) endpoint(ctx context.Context, text string) []finding {
	what, err := probe.Find(ctx, &d.tool.App, text, d.patience)
	if err == nil {
		return []finding{{fine, "endpoint", cli.Endpoint(text) + ": " + what, ""}}
	}
	return []finding{{failed, "endpoint", err.Error(), cli.Hint(err)}}
}

// process looks at what another process tells of itself.
func (d *doctor) process(ctx context.Context) (all []finding) {
	problems, n, err := look.Problems(ctx, d.tool.Observe)
	if err != nil {
		return []finding{{failed, "process", err.Error(), cli.Hint(err)}}
	}
	for _, p := range problems {
		f := finding{failed, "process", p.Text, p.Remedy}
		if p.Past {
			f.Verdict = warning
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		all = append(all, finding{fine, "process", fmt.Sprintf("%s: %d live there, and nothing is wrong", d.tool.Observe, n), ""})
	}
	return all
}

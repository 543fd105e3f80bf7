package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

const beaconAbout = `Send and hear UDP beacons, as czmq's zbeacon and zyre do. A line of listen has the sender,
the interface, and the beacon: as text where it is text, and of a zyre node the version,
UUID, port and public key.

listen ends with 3 if --for is over and nothing was heard, or fewer than -n.`

// beaconCommand is zactor beacon.
func (t *tool) beaconCommand() *cobra.Command {
	c := &cobra.Command{Use: "beacon", Short: "Send and hear UDP beacons", Long: beaconAbout, GroupID: "network", RunE: which}
	var l, s beaconFlags
	var prefix string
	var every time.Duration
	listen := &cobra.Command{Use: "listen", Short: "Print the beacons that are heard, one a line", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return l.listen(c.Context(), t, prefix) }}
	listen.Flags().StringVar(&prefix, "prefix", "", "only beacons that begin with this `TEXT`")
	send := &cobra.Command{Use: "send DATA", Short: "Send DATA; - stands for a line of standard input", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.send(c.Context(), t, args[0], every) }}
	send.Flags().DurationVar(&every, "every", beacon.DefaultInterval, "the `TIME` between two beacons")
	l.add(listen.Flags())
	s.add(send.Flags())
	c.AddCommand(listen, send)
	return c
}

// beaconFlags are the flags of both commands.
type beaconFlags struct {
	networkFlags
	n      int
	hex    bool
	period time.Duration
}

func (b *beaconFlags) add(flags *pflag.FlagSet) {
	b.networkFlags.add(flags)
	flags.IntVarP(&b.n, "count", "n", 0, "end after `N` beacons")
	flags.BoolVar(&b.hex, "hex", false, "DATA is, or is printed as, hexadecimal digits")
	flags.DurationVar(&b.period, "for", 0, "end after this `TIME`, such as 5s")
}

// open checks the flags and opens the beacon.
func (b *beaconFlags) open(ctx context.Context, t *tool) (*beacon.Beacon, error) {
	if err := b.ready(t); err != nil {
		return nil, err
	}
	if b.n < 0 {
		return nil, cli.Usage("", "-n %d: must be 0 or more", b.n)
	}
	return beacon.New(context.WithoutCancel(ctx), b.beacon()...)
}

// beaconInfo is a beacon in JSON.
type beaconInfo struct {
	From      string `json:"from"`
	Interface string `json:"interface"`
	Text      string `json:"text"`
	Hex       string `json:"hex"`
}

func (b *beaconFlags) listen(ctx context.Context, t *tool, prefix string) error {
	heard, err := b.open(ctx, t)
	if err != nil {
		return err
	}
	defer heard.Close()
	ctx, cancel := limited(ctx, b.period)
	defer cancel()
	signals := heard.Events(ctx)
	heard.Subscribe([]byte(prefix))
	count := 0
	for s := range signals {
		if s.Missing > 0 {
			continue // beacons repeat
		}
		var err error
		if t.JSON {
			err = json.NewEncoder(t.Stdout).Encode(beaconInfo{fmt.Sprint(s.From), s.Interface, b.text(s.Data), hex.EncodeToString(s.Data)})
		} else {
			_, err = fmt.Fprintf(t.Stdout, "%s %s %s\n", s.From, s.Interface, b.text(s.Data))
		}
		if err != nil {
			return err
		}
		if count++; count == b.n {
			return nil
		}
	}
	return b.unheard(ctx, count, b.n, b.period)
}

// text is a beacon in words.
func (b *beaconFlags) text(data []byte) string {
	z, err := beacon.ParseZRE(data)
	switch {
	case b.hex:
		return hex.EncodeToString(data)
	case err != nil:
		return shown(string(data))
	}
	text := fmt.Sprintf("zre version %d, node %X, port %d", z.Version, z.UUID, z.Port)
	if z.Leaving() {
		text = fmt.Sprintf("zre version %d, node %X, leaves", z.Version, z.UUID)
	}
	if z.Version == beacon.ZRE3 {
		text += fmt.Sprintf(", key %x", z.PublicKey)
	}
	return text
}

func (b *beaconFlags) send(ctx context.Context, t *tool, text string, every time.Duration) error {
	if every < time.Millisecond {
		return cli.Usage("", "--every %v: must be at least 1ms", every)
	}
	data, err := b.data(t.Stdin, text)
	if err != nil {
		return err
	}
	own, err := b.open(ctx, t)
	if err != nil {
		return err
	}
	defer own.Close()
	ctx, cancel := limited(ctx, b.period)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for sent := 1; ; sent++ {
		if err := own.Publish(data, time.Hour); err != nil {
			return err
		}
		if sent == b.n {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// data is what an argument says.
func (b *beaconFlags) data(stdin io.Reader, arg string) ([]byte, error) {
	if arg == "-" {
		line, err := bufio.NewReader(io.LimitReader(stdin, 1<<16)).ReadString('\n')
		if err != nil && err != io.EOF {
			return nil, err
		}
		arg = strings.TrimRight(line, "\r\n")
	}
	if !b.hex {
		return []byte(arg), nil
	}
	data, err := hex.DecodeString(arg)
	if err != nil {
		return nil, cli.Usage("", "--hex %q: %w", arg, err)
	}
	return data, nil
}

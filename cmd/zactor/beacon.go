package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-zactor/zactor/beacon"
)

const beaconUsage = `usage: zactor beacon COMMAND [flags]

Send and hear UDP beacons, as czmq's zbeacon and zyre do.

  listen [-prefix TEXT] [-n N] [-hex]   print the beacons that are heard, one a line
  send [-every D] [-n N] [-hex] DATA    send DATA; "-" stands for a line of standard input

  -prefix TEXT      only beacons that begin so
  -every D          the time between two beacons (default 1s)
  -n N              end after N beacons (default 0: don't end)
  -for D            end after this time, such as 5s
  -hex              DATA is, or is printed as, hexadecimal digits
` + networkUsage + `
A line has the sender, the interface, and the beacon: as text where it is text, and of
a zyre node the version, UUID, port and public key.
`

// runBeacon is "zactor beacon"; it returns the exit code.
func runBeacon(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := command{name: "zactor beacon", usage: beaconUsage, stdout: stdout, stderr: stderr}
	if len(args) == 0 || isHelp(args[0]) {
		return c.explain(args)
	}
	b := beaconFlags{stdin: stdin, stdout: stdout}
	run, ok := map[string]func(context.Context, *flag.FlagSet, []string) error{"listen": b.listen, "send": b.send}[args[0]]
	if !ok {
		return c.unknown(args[0])
	}
	c.name += " " + args[0]
	return c.do(args[1:], func(flags *flag.FlagSet, args []string) error { return run(ctx, flags, args) })
}

// beaconFlags are the flags of both commands.
type beaconFlags struct {
	networkFlags
	n      int
	hex    bool
	period time.Duration

	stdin  io.Reader
	stdout io.Writer
}

// parse reads the flags, and opens the beacon.
func (b *beaconFlags) parse(ctx context.Context, flags *flag.FlagSet, args []string, arguments int) (*beacon.Beacon, error) {
	b.networkFlags.add(flags)
	flags.IntVar(&b.n, "n", 0, "")
	flags.BoolVar(&b.hex, "hex", false, "")
	flags.DurationVar(&b.period, "for", 0, "")
	if err := parse(flags, args, arguments, arguments); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	return beacon.New(context.WithoutCancel(ctx), b.beacon()...)
}

func (b *beaconFlags) listen(ctx context.Context, flags *flag.FlagSet, args []string) error {
	prefix := flags.String("prefix", "", "")
	heard, err := b.parse(ctx, flags, args, 0)
	if err != nil {
		return err
	}
	defer heard.Close()
	ctx, cancel := limited(ctx, b.period)
	defer cancel()
	signals := heard.Events(ctx)
	heard.Subscribe([]byte(*prefix))
	count := 0
	for s := range signals {
		if s.Missing > 0 {
			continue // beacons repeat
		}
		if _, err := fmt.Fprintf(b.stdout, "%s %s %s\n", s.From, s.Interface, b.text(s.Data)); err != nil {
			return err
		}
		if count++; count == b.n {
			return nil
		}
	}
	return nil
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

func (b *beaconFlags) send(ctx context.Context, flags *flag.FlagSet, args []string) error {
	every := flags.Duration("every", beacon.DefaultInterval, "")
	own, err := b.parse(ctx, flags, args, 1)
	if err != nil {
		return err
	}
	defer own.Close()
	data, err := b.data(flags.Arg(0))
	if err != nil {
		return err
	}
	if *every < time.Millisecond {
		return fmt.Errorf("%w: -every %v: must be at least 1ms", errUsage, *every)
	}
	ctx, cancel := limited(ctx, b.period)
	defer cancel()
	tick := time.NewTicker(*every)
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
func (b *beaconFlags) data(arg string) ([]byte, error) {
	if arg == "-" {
		line, err := bufio.NewReader(io.LimitReader(b.stdin, 1<<16)).ReadString('\n')
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
		return nil, fmt.Errorf("%w: -hex %q: %w", errUsage, arg, err)
	}
	return data, nil
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

// A command is one that has flags: its usage text explains them all, once.
type command struct {
	name   string // "zactor beacon listen"
	usage  string
	stdout io.Writer
	stderr io.Writer
}

// do gives fn the flags and arguments, and returns the exit code for what came of it.
func (c command) do(args []string, fn func(flags *flag.FlagSet, args []string) error) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are said below, once
	switch err := fn(flags, args); {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		io.WriteString(c.stdout, c.usage)
		return exitOK
	case errors.Is(err, errUsage):
		return cli.Report(c.stderr, c.name, cli.Usage(c.name+" -h explains", "%w", err))
	default:
		return cli.Report(c.stderr, c.name, err)
	}
}

// explain prints the usage: as an answer, or where something is missing as an error.
func (c command) explain(args []string) int {
	if len(args) > 0 {
		io.WriteString(c.stdout, c.usage)
		return exitOK
	}
	return cli.Report(c.stderr, c.name, cli.Usage(c.name+" help lists them", "which command?"))
}

// unknown says that there is no such command.
func (c command) unknown(name string) int {
	return cli.Report(c.stderr, c.name, cli.Usage(c.name+" help lists them", "there is no command %q", name))
}

// parse parses the flags, and wants so many arguments beside them.
func parse(flags *flag.FlagSet, args []string, fewest, most int) error {
	if err := read(flags, args); err != nil {
		return err
	}
	if n := flags.NArg(); n < fewest || n > most {
		return fmt.Errorf("%w: %d arguments: must be %d to %d", errUsage, n, fewest, most)
	}
	return nil
}

// read parses the flags. Those that are not given have what their variables say; flags of
// one letter have none.
func read(flags *flag.FlagSet, args []string) (err error) {
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	flags.VisitAll(func(f *flag.Flag) {
		value := os.Getenv(cli.EnvName(f.Name))
		if value == "" || given[f.Name] || len(f.Name) == 1 || err != nil {
			return
		}
		if e := flags.Set(f.Name, value); e != nil {
			err = fmt.Errorf("%w: %s=%q: %w", errUsage, cli.EnvName(f.Name), value, e)
		}
	})
	return err
}

// isHelp reports whether somebody asks how to use a command.
func isHelp(arg string) bool {
	return arg == "help" || arg == "-h" || arg == "-help" || arg == "--help"
}

// listFlag gathers the values of a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string { return "" }

func (l *listFlag) Set(text string) error {
	*l = append(*l, text)
	return nil
}

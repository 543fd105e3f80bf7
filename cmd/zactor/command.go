package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
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
		fmt.Fprintf(c.stderr, "%s: %v\n%s", c.name, err, c.usage)
		return exitUsage
	default:
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		return exitFail
	}
}

// parse parses the flags, and wants so many arguments beside them.
func parse(flags *flag.FlagSet, args []string, fewest, most int) error {
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if n := flags.NArg(); n < fewest || n > most {
		return fmt.Errorf("%w: %d arguments: must be %d to %d", errUsage, n, fewest, most)
	}
	return nil
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

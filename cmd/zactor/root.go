package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/look"
	"github.com/go-zactor/zactor/cmd/zactor/internal/meter"
	"github.com/go-zactor/zactor/cmd/zactor/internal/probe"
	"github.com/go-zactor/zactor/cmd/zactor/internal/record"
	"github.com/go-zactor/zactor/cmd/zactor/internal/relay"
	"github.com/go-zactor/zactor/cmd/zactor/internal/scaffold"
	"github.com/go-zactor/zactor/cmd/zactor/internal/sock"
	"github.com/go-zactor/zactor/observe"
)

// The exit codes, as cli has them.
const (
	exitOK    = cli.ExitOK
	exitFail  = cli.ExitFailed
	exitUsage = cli.ExitUsage
)

const about = `zactor is the tool of github.com/go-zactor/zactor, ZeroMQ and actors in Go.

  zactor pull -b :5555                     in one terminal
  echo hello | zactor push -c :5555        in another one
  zactor demo                              five nodes find each other, over CURVE

Every flag may be given as a variable: ZACTOR_CURVE_SERVER stands for --curve-server.
The exit code is 0 if all went well, 1 if something did not, 2 if the command line was
not understood, 3 if nobody was there or nothing came in time, 4 if the peer refused us.`

// A tool is one run of the program.
type tool struct {
	cli.App
	root *cobra.Command
	held []io.Closer // until the command has ended
	code int         // of a command that says itself what went wrong
}

func newTool(stdin io.Reader, stdout, stderr io.Writer) *tool {
	t := &tool{App: cli.App{Stdin: stdin, Stdout: stdout, Stderr: stderr}}
	t.root = &cobra.Command{
		Use:               "zactor",
		Long:              about,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Version:           version(),
		Args:              cobra.ArbitraryArgs,
		RunE:              t.noCommand,
		PersistentPreRunE: t.prepare,
	}
	t.root.SetIn(stdin)
	t.root.SetOut(stdout)
	t.root.SetErr(stderr)
	t.root.SetVersionTemplate("{{.Version}}\n")
	t.root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		hint := c.CommandPath() + " --help lists the flags"
		if strings.Contains(err.Error(), "duration") {
			hint = "a TIME has a unit: 300ms, 5s, 2m"
		}
		return cli.Usage(hint, "%w", err)
	})
	t.Flags(t.root.PersistentFlags())
	t.root.AddGroup(
		&cobra.Group{ID: "sockets", Title: "Sockets:"},
		&cobra.Group{ID: "see", Title: "See and measure:"},
		&cobra.Group{ID: "network", Title: "Networks and keys:"},
	)
	t.root.AddCommand(sock.Commands(&t.App)...)
	t.root.AddCommand(relay.Command(&t.App))
	t.root.AddCommand(record.Commands(&t.App)...)
	t.root.AddCommand(probe.Command(&t.App))
	t.root.AddCommand(look.Commands(&t.App)...)
	t.root.AddCommand(meter.Command(&t.App))
	t.root.AddCommand(t.doctorCommand())
	t.root.AddCommand(t.network()...)
	t.root.AddCommand(scaffold.Command(&t.App))
	t.root.AddCommand(t.versionCommand())
	t.root.SetHelpCommand(t.helpCommand())
	t.shells()
	return t
}

// prepare is what all commands have in common.
func (t *tool) prepare(c *cobra.Command, _ []string) error {
	if err := fromEnv(c); err != nil {
		return err
	}
	if t.Observe == "" || !serves(c) {
		return nil
	}
	s, err := observe.Serve(c.Context(), t.Observe)
	switch given := c.Flags().Changed("observe"); {
	case err == nil:
		t.held = append(t.held, s)
	case !given: // the variable is for many commands, of which one has the address
		t.Note("ZACTOR_OBSERVE: %v", err)
	case errors.Is(err, observe.ErrAddress):
		return cli.Usage("--observe 127.0.0.1:6060, or unix:PATH", "--observe: %w", err)
	default:
		return fmt.Errorf("--observe: %w", err)
	}
	return nil
}

// serves reports whether a command has sockets of its own that live for a while.
func serves(c *cobra.Command) bool {
	return c.GroupID == "sockets" || c.GroupID == "network" || c.HasParent() && c.Parent().Name() == "bench"
}

// fromEnv gives the flags of a command what the environment says.
func fromEnv(c *cobra.Command) error {
	if c.Name() == cobra.ShellCompRequestCmd {
		return nil
	}
	return cli.FromEnv(c.Flags())
}

// run runs a command line and returns the exit code.
func (t *tool) run(ctx context.Context, args []string) int {
	t.root.SetArgs(t.doubled(args))
	c, err := t.root.ExecuteContextC(ctx)
	for _, h := range t.held {
		h.Close()
	}
	if err == nil {
		return t.code
	}
	return cli.Report(t.Stderr, c.CommandPath(), usage(c, err))
}

// usage makes what cobra says about a command line an error of the tool.
func usage(c *cobra.Command, err error) error {
	var known *cli.Error
	text := err.Error()
	switch {
	case errors.As(err, &known):
	case strings.HasPrefix(text, "unknown command "):
		what, _, _ := strings.Cut(text, "\n") // what is similar stands below
		what, _, _ = strings.Cut(what, " for ")
		return cli.Usage(c.CommandPath()+" --help explains", "unexpected argument %s", strings.TrimPrefix(what, "unknown command "))
	case strings.HasPrefix(text, "accepts "), strings.HasPrefix(text, "requires "):
		return cli.Usage(c.CommandPath()+strings.TrimPrefix(c.Use, c.Name()), "%s", argCount.ReplaceAllString(text, "arguments: $1 wanted, $2 given"))
	}
	return err
}

// argCount is how cobra says that there are too few or too many arguments.
var argCount = regexp.MustCompile(`^accepts (\d+) arg\(s\), received (\d+)$`)

// helpCommand is cobra's, which has no error for a command that there is not.
func (t *tool) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := t.root.Find(args)
			switch {
			case err == nil && len(rest) == 0:
				return about.Help()
			case about == t.root || err != nil:
				return t.noCommand(t.root, args)
			}
			return cli.Usage(about.CommandPath()+" --help explains", "%s has no command %q", about.CommandPath(), rest[0])
		},
	}
}

// shells makes cobra's completion an error where no shell is named, or one that there is not.
func (t *tool) shells() {
	t.root.InitDefaultCompletionCmd()
	c, _, err := t.root.Find([]string{"completion"})
	if err != nil {
		return
	}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(_ *cobra.Command, args []string) error {
		const hint = "zactor completion bash, zsh, fish or powershell"
		if len(args) > 0 {
			return cli.Usage(hint, "no completion for %q", args[0])
		}
		return cli.Usage(hint, "which shell?")
	}
}

// noCommand is what is run where the first argument is no command.
func (t *tool) noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		c.SetOut(t.Stderr)
		t.code = exitUsage
		return c.Help()
	}
	c.SuggestionsMinimumDistance = 2
	hint := "zactor --help lists the commands"
	if similar := c.SuggestionsFor(args[0]); len(similar) > 0 {
		hint = fmt.Sprintf("did you mean %s?", strings.Join(similar, " or "))
	}
	return cli.Usage(hint, "unknown command %q", args[0])
}

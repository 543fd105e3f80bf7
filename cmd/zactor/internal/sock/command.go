package sock

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

// Commands are the commands of all socket types.
func Commands(app *cli.App) (all []*cobra.Command) {
	for _, k := range kinds {
		all = append(all, command(app, k))
	}
	return all
}

func command(app *cli.App, k kind) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:     k.name + " -c|-b ENDPOINT",
		Short:   k.short,
		Long:    k.short + ".\n\n" + about(k),
		GroupID: "sockets",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.check(app, k); err != nil {
				return err
			}
			return run(c.Context(), app, k, f)
		},
	}
	f.add(c.Flags(), k)
	return c
}

// about is what a newcomer should know.
func about(k kind) string {
	switch {
	case k.sends && k.recvs:
		return "What is sent is -D, -F, or the lines of standard input; what comes is printed, a line a message.\n" +
			"-n counts what comes, and how often -D is sent."
	case k.sends:
		return "What is sent is -D, -F, or the lines of standard input. It ends when all is sent and has been taken over."
	}
	return "What comes is printed, a line a message."
}

// run opens the socket, does what the flags say and closes it. What was sent and found
// nobody is an error.
func run(ctx context.Context, app *cli.App, k kind, f flags) error {
	r, err := open(ctx, app, k, f)
	if err != nil {
		return err
	}
	err = r.do(ctx)
	if e := r.close(ctx, err); err == nil {
		err = e
	}
	return err
}

package record

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
)

// clock is how times are shown.
const clock = "2006-01-02T15:04:05.000000Z07:00"

func catCommand(app *cli.App) *cobra.Command {
	return &cobra.Command{
		Use:     "cat FILE",
		Short:   "Print captured messages: their times, peers and frames",
		GroupID: "sockets",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return cat(c.Context(), app, args[0]) },
	}
}

// cat prints a line an entry: with --json as it is in the file.
func cat(ctx context.Context, app *cli.App, file string) error {
	out := bufio.NewWriter(app.Stdout)
	lines := NewWriter(out)
	err := each(ctx, app, file, func(e Entry) error {
		if app.JSON {
			return lines.Write(e)
		}
		fmt.Fprintf(out, "%s %s ", e.Time.Format(clock), orDash(e.Peer))
		_, err := out.Write(form.Quoted.Append(nil, e.Msg))
		return err
	})
	return errors.Join(err, lines.Flush(), out.Flush())
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// each calls fn with every entry of a file.
func each(ctx context.Context, app *cli.App, file string, fn func(Entry) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := NewReader(f)
	for {
		e, err := r.Next()
		switch {
		case err == io.EOF, ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrTorn):
			app.Note("%s: %v, as when its writer was killed", file, err)
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := fn(e); err != nil {
			return err
		}
	}
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

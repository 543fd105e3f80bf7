package cli

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/go-zactor/zactor/cmd/zactor/internal/environ"
)

// App is what all commands share: where they read and write, and the global flags.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	JSON, Quiet, Verbose bool
	Security             Security

	// Observe is an address: what lives here is shown there; of commands that look at
	// another process it is that one's.
	Observe string

	once sync.Once
	line *line // guarded by once
}

// Flags adds the global flags.
func (a *App) Flags(flags *pflag.FlagSet) {
	flags.BoolVar(&a.JSON, "json", false, "messages and results as JSON, one object a line")
	flags.BoolVarP(&a.Quiet, "quiet", "q", false, "say nothing on standard error but errors")
	flags.BoolVarP(&a.Verbose, "verbose", "v", false, "say on standard error what happens to connections")
	flags.StringVar(&a.Observe, "observe", environ.Observe, "show zactor top and browsers what lives here, at `ADDR`: 127.0.0.1:6060 or unix:PATH")
	flags.Lookup("observe").DefValue = ""
	a.Security.flags(flags)
}

// Note says something on standard error, unless it is to be quiet.
func (a *App) Note(format string, args ...any) {
	if !a.Quiet {
		a.stderr().print(fmt.Sprintf("zactor: "+format+"\n", args...))
	}
}

// Terminal reports whether a person looks at what is printed.
func (a *App) Terminal() bool { return isTerminal(a.Stdout) }

func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

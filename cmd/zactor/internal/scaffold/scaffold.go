// Package scaffold has zactor init: it writes a project that compiles.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

//go:embed all:template
var files embed.FS

const about = `Write a project into a new folder: the program, a test of it, go.mod, a systemd unit and a
Dockerfile.

  zactor init service orders      answers requests, over CURVE if it has a certificate
  zactor init peer camera         a node that finds others on the network

Then: cd orders && go mod tidy && go test ./... && go run .`

// module is what a project imports.
const module = "github.com/go-zactor/zactor"

// project is what the templates get.
type project struct {
	Name, Module, Go, Version, Replace, Docker string

	Args []string // of the program, in production
}

// kinds are the projects that there are.
var kinds = map[string]struct {
	args   []string
	docker string
}{
	"service": {[]string{"-bind", "tcp://*:5555"}, "-p 5555:5555"},
	"peer":    {nil, "--network host"},
}

// names are those that may be a program, a systemd unit and an image.
var names = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// Command is zactor init.
func Command(app *cli.App) *cobra.Command {
	p := project{Go: "1.26.0"}
	c := &cobra.Command{
		Use: "init service|peer NAME", Short: "Write a project that compiles, with a test, a systemd unit and a Dockerfile", Long: about,
		Args: cobra.ExactArgs(2), ValidArgs: []string{"service", "peer"},
		RunE: func(_ *cobra.Command, args []string) error {
			k, ok := kinds[args[0]]
			switch {
			case !ok:
				return cli.Usage("zactor init service NAME, or peer", "%q: must be service or peer", args[0])
			case !names.MatchString(args[1]):
				return cli.Usage("", "%q: a name has lower-case letters, digits and hyphens, and begins with a letter", args[1])
			}
			p.Name, p.Args, p.Docker = args[1], k.args, k.docker
			if p.Module == "" {
				p.Module = p.Name
			}
			if err := p.fill(); err != nil {
				return err
			}
			if err := p.write(args[0]); err != nil {
				return err
			}
			app.Note("cd %s && go mod tidy && go test ./... && go run .", p.Name)
			return nil
		},
	}
	c.Flags().StringVar(&p.Module, "module", "", "the `PATH` of its module (default NAME)")
	c.Flags().StringVar(&p.Replace, "replace", "", "use the zactor in this `DIR`")
	return c
}

// fill finds the version to require: that of this program, if it has one.
func (p *project) fill() error {
	if p.Replace != "" {
		if _, err := os.Stat(filepath.Join(p.Replace, "go.mod")); err != nil {
			return fmt.Errorf("--replace: %w", err)
		}
		abs, err := filepath.Abs(p.Replace)
		p.Replace, p.Version = abs, "v0.0.0"
		return err
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == module && strings.HasPrefix(info.Main.Version, "v") && !strings.Contains(info.Main.Version, "+dirty") {
		p.Version = info.Main.Version
	}
	return nil
}

// write writes the files into a folder that must be new.
func (p *project) write(kind string) error {
	if err := os.Mkdir(p.Name, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return cli.Failed("nothing was written; take another name", "%s is there already", p.Name)
		}
		return err
	}
	for _, from := range []string{"template/both", "template/" + kind} {
		list, err := fs.ReadDir(files, from)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := p.writeOne(from + "/" + e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *project) writeOne(from string) error {
	t, err := template.ParseFS(files, from)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(from), ".tmpl")
	name = strings.Replace(name, "NAME", p.Name, 1)
	f, err := os.OpenFile(filepath.Join(p.Name, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(t.Execute(f, p), f.Close())
}

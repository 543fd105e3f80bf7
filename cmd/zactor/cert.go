package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/go-zactor/zactor/cert"
)

const certUsage = `usage: zactor cert COMMAND [flags] [FILE]

Make and read CURVE certificates, in the files of czmq: FILE is for everybody,
FILE_secret (mode 0600) for its owner alone. Secret keys are never printed.

  new [-meta NAME=VALUE]... [-force] FILE   make a key pair, write both files
  show FILE                                 print metadata, public key, fingerprint
  public [-o OUT] FILE                      print the public key, or write the public file to OUT
  list DIR                                  print the certificates that a server trusts by that directory
  verify FILE...                            check that both keys are there and a pair

Where FILE is left out, the variable ZACTOR_CERT names it; where DIR is,
ZACTOR_CERT_DIR does.
`

// errUsage says that the command line makes no sense.
var errUsage = errors.New("wrong usage")

// certCommands are the subcommands by name.
var certCommands = map[string]func(flags *flag.FlagSet, args []string, stdout io.Writer) error{
	"new":    certNew,
	"show":   certShow,
	"public": certPublic,
	"list":   certList,
	"verify": certVerify,
}

// runCert is "zactor cert"; it returns the exit code.
func runCert(args []string, stdout, stderr io.Writer) int {
	c := command{name: "zactor cert", usage: certUsage, stdout: stdout, stderr: stderr}
	if len(args) == 0 || isHelp(args[0]) {
		return c.explain(args)
	}
	run, ok := certCommands[args[0]]
	if !ok {
		return c.unknown(args[0])
	}
	c.name += " " + args[0]
	return c.do(args[1:], func(flags *flag.FlagSet, args []string) error { return run(flags, args, stdout) })
}

// oneFile parses the flags and returns the one argument, or what a variable says.
func oneFile(flags *flag.FlagSet, args []string, variable string) (string, error) {
	if err := read(flags, args); err != nil {
		return "", err
	}
	switch name := os.Getenv(variable); {
	case flags.NArg() == 1:
		return flags.Arg(0), nil
	case flags.NArg() == 0 && name != "":
		return name, nil
	}
	return "", fmt.Errorf("%w: %d arguments, want one, or %s", errUsage, flags.NArg(), variable)
}

// metaFlag gathers NAME=VALUE.
type metaFlag [][2]string

func (m *metaFlag) String() string { return "" }

func (m *metaFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q: must be NAME=VALUE", text)
	}
	*m = append(*m, [2]string{name, value})
	return nil
}

func certNew(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var meta metaFlag
	flags.Var(&meta, "meta", "")
	force := flags.Bool("force", false, "")
	path, err := oneFile(flags, args, "ZACTOR_CERT")
	if err != nil {
		return err
	}
	if !*force {
		if err := mustBeFree(path, path+"_secret"); err != nil {
			return err
		}
	}
	c, err := cert.New()
	if err != nil {
		return err
	}
	for _, m := range meta {
		if err := c.SetMeta(m[0], m[1]); err != nil {
			return err
		}
	}
	if err := c.Save(path); err != nil {
		return err
	}
	fmt.Fprintln(stdout, c.Public())
	return nil
}

// mustBeFree keeps a key pair from being overwritten by mistake: nobody could bring
// it back.
func mustBeFree(paths ...string) error {
	for _, p := range paths {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already; -force replaces it", p)
		}
	}
	return nil
}

func certShow(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	path, err := oneFile(flags, args, "ZACTOR_CERT")
	if err != nil {
		return err
	}
	c, err := cert.Load(path)
	secret := "no"
	switch {
	case errors.Is(err, cert.ErrExposed):
		c, err = publicCert(path)
		secret = "yes, but others on this host can read or write it: chmod 600"
	case err == nil && c.HasSecret():
		secret = "yes"
	}
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "public key\t%s\n", c.Public())
	fmt.Fprintf(table, "fingerprint\t%s\n", c.Fingerprint())
	fmt.Fprintf(table, "secret key\t%s\n", secret)
	for name, value := range c.AllMeta() {
		fmt.Fprintf(table, "%s\t%s\n", name, printable(value))
	}
	return table.Flush()
}

// publicCert reads the public key, whatever the mode of a secret file: from the public
// file, or if there is none from the secret one.
func publicCert(path string) (*cert.Cert, error) {
	c, err := cert.LoadPublic(path)
	if errors.Is(err, fs.ErrNotExist) {
		c, err = cert.LoadPublic(path + "_secret")
	}
	return c, err
}

// printable keeps what a file says from controlling a terminal.
func printable(text string) string {
	if quoted := fmt.Sprintf("%+q", text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}

func certPublic(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	out := flags.String("o", "", "")
	path, err := oneFile(flags, args, "ZACTOR_CERT")
	if err != nil {
		return err
	}
	c, err := publicCert(path)
	if err != nil {
		return err
	}
	if *out != "" {
		return c.SavePublic(*out)
	}
	fmt.Fprintln(stdout, c.Public())
	return nil
}

func certList(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	dir, err := oneFile(flags, args, "ZACTOR_CERT_DIR")
	if err != nil {
		return err
	}
	store, err := cert.NewFSStore(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for c := range store.All() {
		name, _ := c.Meta("name")
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.Fingerprint(), c.Public(), printable(name))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var problems []error
	for _, p := range store.Problems() {
		problems = append(problems, fmt.Errorf("%s: %w", p.Path, p.Err))
	}
	return errors.Join(problems...)
}

func certVerify(flags *flag.FlagSet, args []string, stdout io.Writer) error {
	if err := read(flags, args); err != nil {
		return err
	}
	paths := flags.Args()
	if name := os.Getenv("ZACTOR_CERT"); len(paths) == 0 && name != "" {
		paths = []string{name}
	}
	if len(paths) == 0 {
		return fmt.Errorf("%w: no file", errUsage)
	}
	var bad []error
	for _, path := range paths {
		c, err := cert.Load(path)
		if err == nil {
			err = c.Verify()
		}
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", path, err))
			continue
		}
		fmt.Fprintf(stdout, "%s: %s is sound\n", path, c.Fingerprint())
	}
	return errors.Join(bad...)
}

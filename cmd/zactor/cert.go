package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

const certAbout = `Make and read CURVE certificates, in the files of czmq and pyzmq: FILE is for everybody,
FILE_secret (mode 0600) for its owner alone. Secret keys are never printed.

Where FILE is left out, --cert or the variable ZACTOR_CERT names it; where DIR is, --trust,
ZACTOR_TRUST or ZACTOR_CERT_DIR does.`

// certCommand is zactor cert.
func (t *tool) certCommand() *cobra.Command {
	c := &cobra.Command{Use: "cert", Short: "Make and read CURVE certificates", Long: certAbout, GroupID: "network", RunE: which}
	var meta metaFlag
	var force bool
	var out string
	add := func(use, short string, run func(args []string) error) *cobra.Command {
		one := &cobra.Command{Use: use, Short: short, RunE: func(_ *cobra.Command, args []string) error { return run(args) }}
		c.AddCommand(one)
		return one
	}
	n := add("new [FILE]", "Make a key pair, and write both files", func(args []string) error { return t.certNew(args, meta, force) })
	n.Flags().VarP(&meta, "meta", "m", "metadata, `NAME=VALUE`; may be repeated")
	n.Flags().BoolVar(&force, "force", false, "replace what is there")
	add("show [FILE]", "Print metadata, public key and fingerprint", t.certShow)
	add("fingerprint [FILE|KEY]", "Print the fingerprint, by which people compare keys", t.certFingerprint)
	p := add("public [FILE]", "Print the public key, or write the public file", func(args []string) error { return t.certPublic(args, out) })
	p.Flags().StringVarP(&out, "output", "o", "", "write the public file to `OUT`")
	add("list [DIR]", "Print the certificates that a server trusts by that directory", t.certList)
	add("verify FILE...", "Check that both keys are there and a pair", t.certVerify)
	var in importFlags
	m := add("import SOURCE [FILE]", "Make FILE and FILE_secret of keys that are elsewhere", func(args []string) error { return t.certImport(args, in) })
	m.Long = importAbout
	in.add(m)
	return c
}

// which is what a command says that has its own commands.
func which(c *cobra.Command, args []string) error {
	hint := c.CommandPath() + " --help lists them"
	if len(args) > 0 {
		return cli.Usage(hint, "there is no command %q", args[0])
	}
	return cli.Usage(hint, "which command?")
}

// named is the one argument, or what a flag or variable says.
func named(args []string, otherwise string) (string, error) {
	switch {
	case len(args) == 1:
		return args[0], nil
	case len(args) == 0 && otherwise != "":
		return otherwise, nil
	}
	return "", cli.Usage("zactor cert --help explains", "%d arguments, want one, or ZACTOR_CERT or ZACTOR_CERT_DIR", len(args))
}

// metaFlag gathers NAME=VALUE.
type metaFlag [][2]string

func (m *metaFlag) String() string { return "" }

func (m *metaFlag) Type() string { return "pair" }

func (m *metaFlag) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("%q: must be NAME=VALUE", text)
	}
	*m = append(*m, [2]string{name, value})
	return nil
}

func (t *tool) certNew(args []string, meta metaFlag, force bool) error {
	path, err := named(args, t.Security.Cert)
	if err != nil {
		return err
	}
	if !force {
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
	if t.JSON {
		return json.NewEncoder(t.Stdout).Encode(describeCert(path, c, "yes"))
	}
	_, err = fmt.Fprintln(t.Stdout, c.Public())
	return err
}

// certInfo is a certificate in JSON.
type certInfo struct {
	File        string            `json:"file,omitempty"`
	Public      string            `json:"public_key"`
	Fingerprint string            `json:"fingerprint"`
	Secret      string            `json:"secret_key,omitempty"` // whether it is there
	Meta        map[string]string `json:"metadata,omitempty"`
}

func describeCert(path string, c *cert.Cert, secret string) certInfo {
	info := certInfo{File: path, Public: c.Public(), Fingerprint: c.Fingerprint(), Secret: secret}
	for name, value := range c.AllMeta() {
		if info.Meta == nil {
			info.Meta = map[string]string{}
		}
		info.Meta[name] = value
	}
	return info
}

// mustBeFree keeps a key pair from being overwritten by mistake: nobody could bring
// it back.
func mustBeFree(paths ...string) error {
	for _, p := range paths {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return cli.Failed("--force replaces it, and nobody can bring a key back", "%s is there already", p)
		}
	}
	return nil
}

func (t *tool) certShow(args []string) error {
	path, err := named(args, t.Security.Cert)
	if err != nil {
		return err
	}
	c, err := cert.Load(path)
	secret := "no"
	switch {
	case errors.Is(err, cert.ErrExposed):
		c, err = publicCert(path)
		secret = "yes, but others on this host can read or write it: chmod 600 " + path + "_secret"
	case err == nil && c.HasSecret():
		secret = "yes"
	}
	if err != nil {
		return err
	}
	if t.JSON {
		return json.NewEncoder(t.Stdout).Encode(describeCert(path, c, secret))
	}
	table := tabwriter.NewWriter(t.Stdout, 0, 0, 2, ' ', 0)
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

func (t *tool) certPublic(args []string, out string) error {
	path, err := named(args, t.Security.Cert)
	if err != nil {
		return err
	}
	c, err := publicCert(path)
	if err != nil {
		return err
	}
	if out != "" {
		return c.SavePublic(out)
	}
	_, err = fmt.Fprintln(t.Stdout, c.Public())
	return err
}

func (t *tool) certList(args []string) error {
	dir, err := named(args, cmp.Or(t.Security.Trust, os.Getenv("ZACTOR_CERT_DIR")))
	if err != nil {
		return err
	}
	if err := cli.TrustFolder(dir, dir); err != nil {
		return err
	}
	store, err := cert.NewFSStore(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	table := tabwriter.NewWriter(t.Stdout, 0, 0, 2, ' ', 0)
	for c := range store.All() {
		if t.JSON {
			if err := json.NewEncoder(t.Stdout).Encode(describeCert("", c, "")); err != nil {
				return err
			}
			continue
		}
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
	if len(problems) == 0 {
		return nil
	}
	return cli.Failed("the others are trusted; zactor cert import makes a file right", "%w", errors.Join(problems...))
}

func (t *tool) certVerify(paths []string) error {
	if t.Security.Cert != "" && len(paths) == 0 {
		paths = []string{t.Security.Cert}
	}
	if len(paths) == 0 {
		return cli.Usage("zactor cert verify FILE...", "no file")
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
		if t.JSON {
			err = json.NewEncoder(t.Stdout).Encode(describeCert(path, c, "yes"))
		} else {
			_, err = fmt.Fprintf(t.Stdout, "%s: %s is sound\n", path, c.Fingerprint())
		}
		if err != nil {
			return err
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return cli.Failed(cmp.Or(cli.Hint(bad[0]), "zactor cert new --force FILE makes a new pair"), "%w", errors.Join(bad...))
}

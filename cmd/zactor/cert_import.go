package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

const importAbout = `Make FILE and FILE_secret, in their right modes, of keys that are elsewhere: SOURCE is a file
of czmq or pyzmq (.key or .key_secret, whatever its mode), a file with a secret key as Z85 or
hexadecimal digits, a public key itself, or - for a secret key on standard input.

  zactor cert import client.key_secret ann       what pyzmq's create_certificates made
  vault read -field=key zmq | zactor cert import - ann
  zactor cert import '<40 characters>' trusted/bob     a public key that a peer has told

A public key makes the public file alone. A key in an argument can be seen by others on this
host: so a secret one is not taken from there.`

type importFlags struct {
	meta  metaFlag
	force bool
}

func (f *importFlags) add(c *cobra.Command) {
	c.Flags().VarP(&f.meta, "meta", "m", "metadata, `NAME=VALUE`; may be repeated")
	c.Flags().BoolVar(&f.force, "force", false, "replace what is there")
}

func (t *tool) certImport(args []string, f importFlags) error {
	if len(args) == 0 {
		return cli.Usage("zactor cert import SOURCE FILE", "no source")
	}
	path, err := named(args[1:], t.Security.Cert)
	if err != nil {
		return err
	}
	c, err := t.importFrom(args[0])
	if err != nil {
		return err
	}
	for _, m := range f.meta {
		if err := c.SetMeta(m[0], m[1]); err != nil {
			return err
		}
	}
	files := []string{path}
	if c.HasSecret() {
		files = append(files, path+"_secret")
	}
	if !f.force {
		if err := mustBeFree(files...); err != nil {
			return err
		}
	}
	save := c.Save
	if !c.HasSecret() {
		save = c.SavePublic
	}
	if err := save(path); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Stdout, c.Public())
	return err
}

// importFrom reads keys in whatever form they are.
func (t *tool) importFrom(source string) (*cert.Cert, error) {
	if source == "-" {
		text, err := io.ReadAll(io.LimitReader(t.Stdin, cert.MaxFileSize))
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return keysIn("standard input", text)
	}
	text, err := readShort(source)
	if err == nil {
		return keysIn(source, text)
	}
	if c, e := cert.FromPublic(source); e == nil {
		return c, nil
	}
	return nil, err
}

func readShort(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, cert.MaxFileSize+1))
}

// keysIn are the keys in a text: a certificate, or a secret key alone.
func keysIn(name string, text []byte) (*cert.Cert, error) {
	word := strings.TrimSpace(string(text))
	if raw, err := hex.DecodeString(word); err == nil && len(raw) == 32 {
		return cert.FromSecret([32]byte(raw))
	}
	if raw, err := cert.DecodeZ85(word); err == nil && len(raw) == 32 {
		return cert.FromSecret([32]byte(raw))
	}
	c, err := cert.Parse(text)
	if err != nil {
		return nil, cli.Failed("a certificate of czmq or pyzmq, or a secret key of 40 characters (Z85) or 64 hexadecimal digits", "%s: %w", name, err)
	}
	return c, nil
}

// certFingerprint prints it of a file, or of a key.
func (t *tool) certFingerprint(args []string) error {
	path, err := named(args, t.Security.Cert)
	if err != nil {
		return err
	}
	c, err := publicCert(path)
	if err != nil {
		var e error
		if c, e = cert.FromPublic(path); e != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(t.Stdout, c.Fingerprint())
	return err
}

package cert

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// secretSuffix makes the name of a secret file from that of the public one.
const secretSuffix = "_secret"

// Load reads the certificate at path: from the file path_secret if there is one,
// otherwise from path itself, which may be a secret file too. A public file gives
// a certificate without secret key, which is no error.
//
// It is an error if a file with a secret key is open to others (ErrExposed), and
// if the two files do not have the same public key (ErrMismatch): one of them is
// not what its owner believes it to be.
func Load(path string) (*Cert, error) {
	c, err := load(path)
	if err != nil {
		return nil, wrap("load "+path, err)
	}
	return c, nil
}

func load(path string) (*Cert, error) {
	secret, err := readFile(path + secretSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return readFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", secretSuffix, err)
	}
	public, err := readFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return secret, nil
	case err != nil:
		return nil, err
	case public.public != secret.public:
		return nil, fmt.Errorf("%w: it has the public key %s, its %s file %s",
			ErrMismatch, public.Fingerprint(), secretSuffix, secret.Fingerprint())
	}
	return secret, nil
}

// LoadPublic reads the public key and the metadata from the file at path alone, which may
// be a secret file too. What it returns has no secret key; so neither the mode of the file
// nor that of a file path_secret matters.
func LoadPublic(path string) (*Cert, error) {
	c, err := readFile(path)
	if c != nil && (err == nil || errors.Is(err, ErrExposed)) {
		return c.withoutSecret(), nil
	}
	return nil, wrap("load "+path, err)
}

func readFile(path string) (*Cert, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return readCert(f, info)
}

// readCert reads an open file, whose info is that of what is read and not of
// what was at the path a moment ago.
func readCert(f io.Reader, info fs.FileInfo) (*Cert, error) {
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", ErrMalformed)
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, err
	}
	defer clear(text)
	c, err := parse(text)
	if err != nil {
		return nil, err
	}
	return c, checkMode(c, info)
}

func checkMode(c *Cert, info fs.FileInfo) error {
	if c.HasSecret() && exposed(info.Mode()) {
		return fmt.Errorf("%w: its mode is %04o: must be 0600: chmod 600 %s", ErrExposed, info.Mode().Perm(), info.Name())
	}
	return nil
}

// Save writes the public file to path and the secret file to path_secret.
func (c *Cert) Save(path string) error {
	if err := c.SaveSecret(path + secretSuffix); err != nil {
		return err
	}
	return c.SavePublic(path)
}

// SavePublic writes the public file, for all to read as far as the umask allows.
func (c *Cert) SavePublic(path string) error {
	return c.save(path, publicHeader, false)
}

// SaveSecret writes the secret file, for its owner alone.
func (c *Cert) SaveSecret(path string) error {
	if !c.HasSecret() {
		return wrap("save "+path, ErrNoSecret)
	}
	return c.save(path, secretHeader, true)
}

func (c *Cert) save(path, header string, secret bool) error {
	text, err := c.encode(header, secret, time.Now())
	if err == nil {
		mode := fs.FileMode(0o644)
		if secret {
			mode = 0o600
			defer clear(text)
		}
		err = replaceFile(path, text, mode)
	}
	if err != nil {
		return wrap("save "+path, err)
	}
	return nil
}

// replaceFile puts a new file in the place of whatever is at path, so that a
// reader finds the old or the new one and never a part. The new file starts with
// a dot, which stores skip, and with O_EXCL, so that it can't have been prepared.
func replaceFile(path string, text []byte, mode fs.FileMode) error {
	dir, name := filepath.Split(path)
	temporary := filepath.Join(dir, "."+name+"."+rand.Text())
	if err := writeNew(temporary, text, mode); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncDir(filepath.Clean(dir))
}

func writeNew(path string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

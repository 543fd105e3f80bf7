package cert

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func needModes(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "plan9" {
		t.Skip("file modes say nothing on this system")
	}
}

func save(t testing.TB, c *Cert, path string) {
	t.Helper()
	if err := c.Save(path); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func publicText(t testing.TB, c *Cert) string {
	t.Helper()
	text, err := c.EncodePublic()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	c := newCert(t, "name", "x")
	save(t, c, path)
	save(t, c, path) // over itself

	got, err := Load(path)
	if err != nil || !got.Equal(c) {
		t.Errorf("loaded %v, %v; want all of it", got, err)
	}
	got, err = Load(path + secretSuffix)
	if err != nil || !got.Equal(c) {
		t.Errorf("the secret file by its own name: %v, %v", got, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, err = Load(path); err != nil || !got.Equal(c) {
		t.Errorf("the secret file alone: %v, %v", got, err)
	}
	if err := c.SavePublic(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + secretSuffix); err != nil {
		t.Fatal(err)
	}
	if got, err = Load(path); err != nil || got.HasSecret() || !got.Equal(c.withoutSecret()) {
		t.Errorf("the public file alone: %v, %v", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("files left: %v, %v", entries, err)
	}
}

func TestModes(t *testing.T) {
	needModes(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	c := newCert(t)
	writeFile(t, path+secretSuffix, "open to all") // must not lend its mode
	save(t, c, path)
	for name, want := range map[string]fs.FileMode{path: 0o644, path + secretSuffix: 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got&^want != 0 || name != path && got != want {
			t.Errorf("%s has the mode %04o, want %04o", name, got, want)
		}
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666} {
		if err := os.Chmod(path+secretSuffix, mode); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, path + secretSuffix} {
			if got, err := Load(name); !errors.Is(err, ErrExposed) || got != nil {
				t.Errorf("%s with the mode %04o: %v, %v", name, mode, got, err)
			}
			if got, err := LoadPublic(name); err != nil || got.HasSecret() || !got.Equal(c.withoutSecret()) {
				t.Errorf("the public key of %s with the mode %04o: %v, %v", name, mode, got, err)
			}
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		if err := os.Chmod(path+secretSuffix, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err != nil {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestLoadTellsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if _, err := Load(in("none.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	writeFile(t, in("bad.txt"), "curve\n    public-key = \"short\"\n")
	if _, err := Load(in("bad.txt")); !errors.Is(err, ErrMalformed) {
		t.Errorf("malformed: %v", err)
	}
	save(t, newCert(t), in("half.txt"))
	writeFile(t, in("half.txt"), "curve\n")
	if _, err := Load(in("half.txt")); !errors.Is(err, ErrMalformed) {
		t.Errorf("malformed public file beside a good secret one: %v", err)
	}
	save(t, newCert(t), in("stale.txt"))
	if err := newCert(t).SavePublic(in("stale.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(in("stale.txt")); !errors.Is(err, ErrMismatch) {
		t.Errorf("a public file of another key: %v, want %v", err, ErrMismatch)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a directory was loaded")
	}
}

func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	c := newCert(t)
	if err := c.withoutSecret().Save(filepath.Join(dir, "a.txt")); !errors.Is(err, ErrNoSecret) {
		t.Errorf("saving a public certificate as both: %v, want %v", err, ErrNoSecret)
	}
	if err := c.Save(filepath.Join(dir, "none", "a.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("saving where no directory is: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := c.SavePublic(filepath.Join(dir, "taken")); err == nil {
		t.Error("a directory was replaced")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("files left: %v, %v", entries, err)
	}
}

// A temporary file that is there already was made by another program.
func TestTemporaryFileIsNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "planted")
	writeFile(t, path, "")
	if err := writeNew(path, []byte("secret"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing to a planted file: %v, want %v", err, fs.ErrExist)
	}
	if text, err := os.ReadFile(path); err != nil || len(text) != 0 {
		t.Errorf("it has %q, %v", text, err)
	}
}

// A file is replaced, never written into: who follows a planted link, or holds
// the old file open, sees nothing of the new one.
func TestSaveReplaces(t *testing.T) {
	needModes(t)
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "a.txt_secret"), filepath.Join(dir, "victim")
	writeFile(t, victim, "precious")
	if err := os.Symlink(victim, path); err != nil {
		t.Skipf("no symbolic links: %v", err)
	}
	if err := newCert(t).SaveSecret(path); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "precious" {
		t.Errorf("the link was followed: %q, %v", text, err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the new file has the mode %v, %v", info.Mode(), err)
	}
}

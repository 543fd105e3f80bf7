package main

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/cert"
)

// runCertIn runs "zactor cert" and returns what it said.
func runCertIn(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(t.Context(), append([]string{"cert"}, args...), &out, &errs); got != want {
		t.Fatalf("zactor cert %q: exit code %d, want %d; it said %s%s", args, got, want, &out, &errs)
	}
	return out.String(), errs.String()
}

func TestCertLife(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "camera.txt")
	said, _ := runCertIn(t, exitOK, "new", "-meta", "name=Camera 7", "-meta", "place=roof", path)
	public := strings.TrimSpace(said)
	c, err := cert.Load(path)
	if err != nil || c.Public() != public || !c.HasSecret() {
		t.Fatalf("loaded %v, %v; the command said %q", c, err, public)
	}
	if info, err := os.Stat(path + "_secret"); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("secret file: %v, %v", info.Mode(), err)
	}
	everything := said
	note := func(out, errs string) string { everything += out + errs; return out }

	shown := note(runCertIn(t, exitOK, "show", path))
	for _, want := range []string{public, c.Fingerprint(), "Camera 7", "roof", "yes"} {
		if !strings.Contains(shown, want) {
			t.Errorf("show does not say %q:\n%s", want, shown)
		}
	}
	if got := note(runCertIn(t, exitOK, "public", path)); strings.TrimSpace(got) != public {
		t.Errorf("public said %q, want %q", got, public)
	}
	if runtime.GOOS != "windows" { // a secret that others can read does not hide the public key
		if err := os.Chmod(path+"_secret", 0o644); err != nil {
			t.Fatal(err)
		}
		if shown := note(runCertIn(t, exitOK, "show", path)); !strings.Contains(shown, public) || !strings.Contains(shown, "chmod 600") {
			t.Errorf("show said\n%s", shown)
		}
		if got := note(runCertIn(t, exitOK, "public", path)); strings.TrimSpace(got) != public {
			t.Errorf("public said %q, want %q", got, public)
		}
		note(runCertIn(t, exitFail, "verify", path))
		if err := os.Chmod(path+"_secret", 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trusted := filepath.Join(dir, "trusted")
	if err := os.Mkdir(trusted, 0o700); err != nil {
		t.Fatal(err)
	}
	note(runCertIn(t, exitOK, "public", "-o", filepath.Join(trusted, "camera.txt"), path))
	if listed := note(runCertIn(t, exitOK, "list", trusted)); !strings.Contains(listed, public) || !strings.Contains(listed, "Camera 7") {
		t.Errorf("list said %q", listed)
	}
	note(runCertIn(t, exitOK, "verify", path))
	note(runCertIn(t, exitFail, "verify", filepath.Join(trusted, "camera.txt")))
	note(runCertIn(t, exitFail, "new", path))
	note(runCertIn(t, exitOK, "new", "-force", path))

	key := c.SecretKey().Expose()
	z85, _ := cert.EncodeZ85(key[:])
	if strings.Contains(everything, z85) || strings.Contains(everything, hex.EncodeToString(key[:])) {
		t.Error("the secret key was printed")
	}
}

func TestCertFails(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.txt")
	if err := os.WriteFile(bad, []byte("curve\n    public-key = \"short\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		code int
		want string // in what it says
	}{
		{"", exitUsage, "which command"},
		{"help", exitOK, "fingerprint"},
		{"show -h", exitOK, "zactor cert show"},
		{"frobnicate", exitUsage, `"frobnicate"`},
		{"new", exitUsage, "ZACTOR_CERT"},
		{"new a b", exitUsage, "2 arguments"},
		{"new -meta novalue x", exitUsage, "NAME=VALUE"},
		{"new -unknown x", exitUsage, "unknown"},
		{"new -meta bad!=v " + filepath.Join(dir, "new.txt"), exitFail, "bad!"},
		{"show " + filepath.Join(dir, "none"), exitFail, "no such file"},
		{"show " + bad, exitFail, "public-key"},
		{"public " + bad, exitFail, "public-key"},
		{"verify", exitUsage, "no file"},
		{"verify " + bad + " " + bad, exitFail, "public-key"},
		{"list " + filepath.Join(dir, "none"), exitFail, "none"},
		{"list " + dir, exitFail, "bad.txt"},
	} {
		out, errs := runCertIn(t, tt.code, strings.Fields(tt.args)...)
		if !strings.Contains(out+errs, tt.want) {
			t.Errorf("zactor cert %s said %q, want something about %q", tt.args, out+errs, tt.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new.txt")); err == nil {
		t.Error("a certificate was written in spite of its bad metadata")
	}
}

func TestCertVariable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "env.txt")
	t.Setenv("ZACTOR_CERT", path)
	runCertIn(t, exitOK, "new")
	runCertIn(t, exitOK, "show")
	runCertIn(t, exitOK, "verify")
}

// A file that is handed around must not be able to control a terminal.
func TestCertShowQuotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evil.txt")
	c, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	text := "metadata\n    name = \"\x1b[2Jgone\"\ncurve\n    public-key = \"" + c.Public() + "\"\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	run(t.Context(), []string{"cert", "show", path}, &out, &errs)
	if strings.ContainsRune(out.String()+errs.String(), 0x1b) {
		t.Errorf("an escape character was printed: %q", out.String()+errs.String())
	}
}

package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
)

func verify(t testing.TB, s PasswordStore, user, password string) bool {
	t.Helper()
	ok, err := s.Verify(context.Background(), user, []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestPasswords(t *testing.T) {
	var p Passwords
	if verify(t, &p, "admin", "secret") || verify(t, &p, "", "") {
		t.Error("an empty store lets a user in")
	}
	for _, bad := range [][2]string{{"", "x"}, {"x", ""}, {strings.Repeat("u", 256), "x"}, {"x", strings.Repeat("p", 256)}} {
		if err := p.Set(bad[0], bad[1]); !errors.Is(err, ErrInvalidUser) || strings.Contains(err.Error(), "ppp") {
			t.Errorf("user of %d bytes, password of %d: %v", len(bad[0]), len(bad[1]), err)
		}
	}
	var changed []string
	stop := p.OnChange(func(users []string) { changed = append(changed, users...) })
	for _, s := range [][2]string{{"admin", "secret"}, {"bob", "b"}, {"admin", "secret"}, {"admin", "other"}} {
		if err := p.Set(s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	p.Remove("bob")
	p.Remove("nobody")
	if want := []string{"admin", "bob"}; !slices.Equal(changed, want) {
		t.Errorf("told of changes to %q, want %q", changed, want)
	}
	stop()
	p.Remove("admin")
	if len(changed) != 2 {
		t.Error("told of a change after stop")
	}
	_ = p.Set("admin", "other")
	for _, tt := range []struct {
		user, password string
		want           bool
	}{
		{"admin", "other", true}, {"admin", "secret", false}, {"admin", "", false}, {"", "other", false}, {"bob", "b", false}, {"Admin", "other", false},
	} {
		if got := verify(t, &p, tt.user, tt.password); got != tt.want {
			t.Errorf("%q with %q: %v, want %v", tt.user, tt.password, got, tt.want)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v %x %s", &p, &p, &p, &p, &p); strings.Contains(text, "other") || strings.Contains(text, "map[") {
		t.Errorf("printed as %s", text)
	}
}

// TestPasswordFile reads what czmq reads, in its way.
func TestPasswordFile(t *testing.T) {
	content := "# a comment\n" +
		"admin=Password\n" +
		"eq=a=b\n" +
		"sp ace = x\n" +
		" blank=y\n" +
		"=nobody\n" +
		"no equals sign\n" +
		"\n" +
		"twice=1\ntwice=2\n" +
		"dos=file\r\n" +
		"empty=\n" +
		strings.Repeat("u", 256) + "=x\n" +
		"last=line"
	want := map[string]string{
		"admin": "Password", "eq": "a=b", "sp ace ": " x", " blank": "y", "twice": "2", "dos": "file\r", "empty": "", "last": "line",
	}
	got := parsePasswords([]byte(content))
	if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
		t.Errorf("users %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for user, password := range want {
		if got[user] != sha256.Sum256([]byte(password)) {
			t.Errorf("the password of %q is not %q", user, password)
		}
	}
	p := Passwords{sums: got}
	if verify(t, &p, "empty", "") {
		t.Error("an empty password lets a user in")
	}
}

// fileTest is a password file in the hands of a test, without its goroutine.
type fileTest struct {
	*testing.T
	f       *passwordFile
	changed []string
}

func newFileTest(t *testing.T, content string) *fileTest {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passwords")
	if content != "" {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := openPasswordFile(path, logs.Logger{})
	if err != nil {
		t.Fatal(err)
	}
	ft := &fileTest{T: t, f: f}
	f.OnChange(func(users []string) { ft.changed = append(ft.changed, users...) })
	return ft
}

func (t *fileTest) write(content string) {
	t.Helper()
	info, err := os.Stat(t.f.path)
	if err := os.WriteFile(t.f.path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err == nil { // the time does not tell
		if err := os.Chtimes(t.f.path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPasswordFileFollows(t *testing.T) {
	ft := newFileTest(t, "admin=one\nbob=x\n")
	ft.write("admin=two\nbob=x\n") // same size, same time
	ft.f.look()
	if verify(t, ft.f, "admin", "two") || !verify(t, ft.f, "admin", "one") {
		t.Error("content counts that was seen but once")
	}
	ft.f.look()
	if !verify(t, ft.f, "admin", "two") || verify(t, ft.f, "admin", "one") || !verify(t, ft.f, "bob", "x") {
		t.Error("the new content does not count")
	}
	if !slices.Equal(ft.changed, []string{"admin"}) {
		t.Errorf("told of changes to %q, want admin's", ft.changed)
	}
}

func TestPasswordFileInParts(t *testing.T) {
	ft := newFileTest(t, "admin=one\nbob=x\n")
	// A writer that truncates and then writes piece by piece, seen at each step.
	for _, part := range []string{"", "adm", "admin=o", "admin=one\nbo", "admin=one\nbob=x\ncarol=y\n"} {
		ft.write(part)
		ft.f.look()
		if !verify(t, ft.f, "admin", "one") || !verify(t, ft.f, "bob", "x") || verify(t, ft.f, "admin", "o") {
			t.Errorf("after %q: half a file counts", part)
		}
	}
	ft.f.look()
	if !verify(t, ft.f, "carol", "y") {
		t.Error("the whole file does not count")
	}
	if len(ft.changed) != 0 {
		t.Errorf("told of changes to %q", ft.changed)
	}
}

func TestPasswordFileDeleted(t *testing.T) {
	ft := newFileTest(t, "admin=one\n")
	if err := os.Remove(ft.f.path); err != nil {
		t.Fatal(err)
	}
	ft.f.look()
	ft.f.look()
	if verify(t, ft.f, "admin", "one") || !slices.Equal(ft.changed, []string{"admin"}) {
		t.Errorf("a deleted file still lets a user in; told of %q", ft.changed)
	}
	ft.write("admin=one\n")
	ft.f.look()
	ft.f.look()
	if !verify(t, ft.f, "admin", "one") {
		t.Error("the file came back and does not count")
	}
}

func TestPasswordFileUnreadable(t *testing.T) {
	ft := newFileTest(t, "admin=one\n")
	ft.write(strings.Repeat("#", maxFile+1))
	ft.f.look()
	ft.f.look()
	if !verify(t, ft.f, "admin", "one") || ft.f.lastErr == "" {
		t.Error("a file that is too large counts")
	}
	if _, err := openPasswordFile(ft.f.path, logs.Logger{}); err == nil {
		t.Error("a file that is too large was opened")
	}
	if _, err := openPasswordFile(t.TempDir(), logs.Logger{}); err == nil {
		t.Error("a directory was opened")
	}
}

// A file that others may write would let them in: it is refused, at once and later.
func TestPasswordFileOfOthers(t *testing.T) {
	if !writableByOthers(0o666) {
		t.Skip("access does not show in the mode here")
	}
	chmod := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	var lines logbook.Book
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: true, 0o644: true, 0o620: false, 0o602: false, 0o666: false} {
		ft := newFileTest(t, "admin=one\n")
		chmod(ft.f.path, mode)
		lines.Take()
		_, err := openPasswordFile(ft.f.path, logs.Logger{}.Zerolog(lines.Zerolog()))
		if good != (err == nil) || err != nil && (!errors.Is(err, ErrPasswordFile) || !strings.Contains(err.Error(), "must be 0600")) {
			t.Errorf("mode %04o: %v", mode, err)
		}
		if warned := lines.Has("ZA0106"); warned != (good && mode&0o044 != 0) {
			t.Errorf("mode %04o: logged %q", mode, lines.String())
		}
	}
	ft := newFileTest(t, "admin=one\n")
	chmod(ft.f.path, 0o666)
	ft.write("admin=two\nintruder=x\n")
	ft.f.look()
	ft.f.look()
	if verify(t, ft.f, "intruder", "x") || !verify(t, ft.f, "admin", "one") || ft.f.lastErr == "" {
		t.Error("what others may have written counts")
	}
	chmod(ft.f.path, 0o600)
	ft.f.look()
	ft.f.look()
	if !verify(t, ft.f, "admin", "two") {
		t.Error("the file was mended and does not count")
	}
}

func TestPasswordFileMissing(t *testing.T) {
	ft := newFileTest(t, "")
	if verify(t, ft.f, "admin", "one") {
		t.Error("a missing file lets a user in")
	}
}

func TestPasswordFileCloses(t *testing.T) {
	ft := newFileTest(t, "admin=one\n")
	ft.f.start()
	ft.f.close()
	ft.f.close()
}

func FuzzPasswordFile(f *testing.F) {
	f.Add([]byte("admin=Password\n# no\n=x\neq=a=b"))
	f.Add([]byte("\r\n\x00=\x00\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		for user := range parsePasswords(content) {
			if user == "" || len(user) > maxText || strings.ContainsAny(user, "\n=") || user[0] == '#' {
				t.Errorf("user %q", user)
			}
		}
	})
}

//go:build unix

package docs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strconv"

	"github.com/go-zactor/zactor/internal/ztest"
)

// A block "console" is a terminal: after "$ " a command, below it what it prints, where
// "..." stands for anything and "(exit code 3)" for how it ends. It is played by sh, in a
// home of its own, which is the working directory and has this repository as "zactor", and
// with the tool as it is built from here. "console background" is a terminal beside the others: what it prints
// must have come by the end of the page, when it gets a Ctrl-C. "console clone" is played by
// TestFirstHour alone. Ports from 5550 to 5599 are free ones in the play. Where the page says
// "save this as `FILE`", the next block of Go becomes that file.

// patience bounds what must come: a command may have to compile first, on a busy machine.
const patience = 4 * time.Minute

func TestTerminals(t *testing.T) {
	tool := buildTool(t)
	for _, name := range pages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			root, err := filepath.Abs("..")
			if err != nil || os.Symlink(root, filepath.Join(home, "zactor")) != nil {
				t.Fatal(root, err)
			}
			s := &stage{T: t, home: home, tool: tool, root: root, ports: map[string]string{}}
			s.playPage(name, read(t, name))
		})
	}
}

// playPage does what a page says, from its first line to its last.
func (s *stage) playPage(name, page string) {
	begin, heading := time.Now(), ""
	for _, b := range fences(page) {
		if b.heading != heading {
			s.Logf("%s: %6.1f s: %s", name, time.Since(begin).Seconds(), b.heading)
			heading = b.heading
		}
		switch {
		case b.info == "console", b.info == "console background", b.info == "console clone" && s.clones:
			s.play(name, b)
		case b.save != "":
			s.save(b)
		}
	}
	for _, p := range s.beside {
		p.finish(s.T)
	}
	s.beside = nil
}

// save makes the file that a reader makes of a block. Each Go block of a page is one that
// is compiled and run: see TestGoBlocks.
func (s *stage) save(b fenced) {
	file := filepath.Join(s.home, b.save)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(b.text), 0o644); err != nil {
		s.Fatal(err)
	}
}

// buildTool builds zactor into a folder.
func buildTool(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", dir, "../cmd/zactor").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// stage is where one page is played.
type stage struct {
	*testing.T
	home, tool string
	root       string   // the repository
	clones     bool     // the repository and the tool are not there yet: the page says how
	env        []string // beside the usual
	ports      map[string]string
	beside     []*process
}

var port = regexp.MustCompile(`\b55[5-9]\d\b`)

// translate puts free ports in the place of those that the page names.
func (s *stage) translate(text string) string {
	return port.ReplaceAllStringFunc(text, func(p string) string {
		if s.ports[p] == "" {
			s.ports[p] = strconv.Itoa(ztest.Port(s))
		}
		return s.ports[p]
	})
}

// play runs the commands of a block, one after the other.
func (s *stage) play(page string, b fenced) {
	for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
		lines := strings.Split(strings.TrimSuffix(part, "\n"), "\n")
		command := lines[0]
		for lines = lines[1:]; strings.HasSuffix(command, "\\"); lines = lines[1:] {
			command += "\n" + lines[0]
		}
		if !s.clones { // what is compiled there need not be compiled again: the compiler's cache goes by folders
			command = strings.ReplaceAll(command, " ../zactor", " "+s.root)
		}
		if _, err := exec.LookPath("curl"); err != nil && strings.HasPrefix(command, "curl ") {
			s.Logf("%s:%d: there is no curl on this machine: not played", page, b.line)
			continue
		}
		p := &process{where: fmt.Sprintf("%s:%d: %s", page, b.line, command), changed: make(chan struct{}, 1)}
		p.want, p.code = expected(s.translate(strings.Join(lines, "\n")))
		p.start(s, s.translate(command))
		if b.info == "console background" {
			s.beside = append(s.beside, p)
			continue
		}
		if p.wait(s.T); s.clones && s.Failed() {
			s.FailNow() // what follows stands on it
		}
	}
}

// expected is what a command is to print, and its exit code.
func expected(text string) (*regexp.Regexp, int) {
	code := 0
	if body, ok := strings.CutSuffix(text, ")"); ok {
		if i := strings.LastIndex(body, "(exit code "); i >= 0 {
			fmt.Sscan(body[i+len("(exit code "):], &code)
			text = strings.TrimSuffix(body[:i], "\n")
		}
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(text)), `\.\.\.`, `[\s\S]*`)
	return regexp.MustCompile(`^` + pattern + `$`), code
}

// process is a command of a page.
type process struct {
	where   string
	want    *regexp.Regexp
	code    int
	cmd     *exec.Cmd
	cancel  context.CancelFunc
	changed chan struct{} // one place: there is more output

	mu  sync.Mutex
	out bytes.Buffer
}

func (p *process) start(s *stage, command string) {
	var ctx context.Context
	ctx, p.cancel = context.WithCancel(s.Context())
	s.Cleanup(p.cancel)
	p.cmd = exec.CommandContext(ctx, "sh", "-c", "trap : INT\n"+command) // sh outlives a Ctrl-C and says how the command ended
	p.cmd.Dir = s.home
	p.cmd.Env = append(os.Environ(), "HOME="+s.home, "PATH="+s.tool+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"GOCACHE="+cache(), "GOPATH="+gopath(), "GOENV="+settings(), "GOFLAGS="+flags(), "GORACE=atexit_sleep_ms=0", "TMPDIR="+s.home, "NO_COLOR=1")
	p.cmd.Env = append(p.cmd.Env, s.env...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it starts gets its signals too
	p.cmd.Cancel = func() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
	if err := p.cmd.Start(); err != nil {
		s.Fatal(err)
	}
}

// What go needs of the user who tests: HOME is another.
var (
	cache  = sync.OnceValue(func() string { return goenv("GOCACHE") })
	gopath = sync.OnceValue(func() string { return goenv("GOPATH") })
	// settings is go's own configuration, and flags keeps git out, which may not trust the
	// repository under another HOME.
	settings = sync.OnceValue(func() string { return goenv("GOENV") })
	flags    = sync.OnceValue(func() string { return strings.TrimSpace(goenv("GOFLAGS") + " -buildvcs=false") })
)

func goenv(name string) string {
	out, _ := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(out))
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Write(b)
	select {
	case p.changed <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSpace(waiting.ReplaceAllString(p.out.String(), ""))
}

// waiting is what the tool says when it has waited for a second: how often depends on the
// machine, and no page is about it.
var waiting = regexp.MustCompile(`(?m)^zactor: waiting for .*\n`)

// wait waits for the end of a command and compares.
func (p *process) wait(t *testing.T) {
	t.Helper()
	late := time.AfterFunc(patience, p.cancel)
	_ = p.cmd.Wait()
	late.Stop()
	if got := p.cmd.ProcessState.ExitCode(); got != p.code || !p.want.MatchString(p.output()) {
		t.Errorf("%s\nprinted, with exit code %d:\n%s\nwanted, with %d:\n%v", p.where, got, p.output(), p.code, p.want)
	}
}

// finish waits until a command beside the others has printed what it is to print, and ends
// it as Ctrl-C does.
func (p *process) finish(t *testing.T) {
	t.Helper()
	late := time.After(patience)
	for !p.want.MatchString(p.output()) {
		select {
		case <-p.changed:
			continue
		case <-late:
			t.Errorf("%s\nprinted:\n%s\nwanted:\n%v", p.where, p.output(), p.want)
		}
		break
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT)
	_ = p.cmd.Wait()
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("%s\nCtrl-C: exit code %d\n%s", p.where, code, p.output())
	}
}

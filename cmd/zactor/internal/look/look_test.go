package look

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/registry"
)

// recorded is what observe's own demonstration has told: a PUB with a slow subscriber, a
// server without an authenticator, one who knocks at it, and one with nobody to connect to.
func recorded(t *testing.T) *view {
	t.Helper()
	b, err := os.ReadFile("testdata/snapshot.json")
	if err != nil {
		t.Fatal(err)
	}
	v := new(view)
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
	return v
}

// grown is the view a second later: each counter has grown by n.
func grown(v *view, n float64) *view {
	after := &view{Time: v.Time.Add(time.Second)}
	for _, s := range v.Subjects {
		c := *s
		c.Numbers = append([]registry.Number(nil), s.Numbers...)
		for i := range c.Numbers {
			if c.Numbers[i].Total {
				c.Numbers[i].Value += n
			}
		}
		after.Subjects = append(after.Subjects, &c)
	}
	return after
}

func TestProblemsAreThoseOfTheCatalogue(t *testing.T) {
	want := map[string]logs.ID{
		`PUB "ticks"`: logs.DroppedAtHWM, `REP "vault"`: logs.NoAuthenticator,
		`REQ "intruder"`: logs.HandshakeFailed, `PULL "cut off"`: logs.DialFailed,
	}
	for _, s := range recorded(t).Subjects {
		for _, p := range problems(s, nil) {
			if want[p.Subject].String() == p.ID {
				delete(want, p.Subject)
			}
			id, ok := logs.ParseID(p.ID)
			e, known := logs.Events.Lookup(id)
			if !ok || !known || p.Remedy != e.Remedy || p.Remedy == "" {
				t.Errorf("%v: it is not in the catalogue, or has no remedy", p)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

// Whatever the width, no line is wider, and what counts is there.
func TestScreen(t *testing.T) {
	v := recorded(t)
	for _, width := range []int{20, 40, 80, 120, 200} {
		for _, open := range []bool{false, true} {
			tab := new(table)
			tab.take(v)
			tab.take(grown(v, 100))
			d := screen{table: tab, name: "x", width: width, height: 24, open: open}
			lines := d.lines()
			for _, l := range lines {
				if w := ansi.StringWidth(l); w > width {
					t.Errorf("%d columns of %d: %q", w, width, ansi.Strip(l))
				}
			}
			text := ansi.Strip(strings.Join(lines, "\n"))
			if width >= 80 && !open && (!strings.Contains(text, "ticks") || !strings.Contains(text, "by rate") || !strings.Contains(text, "ZA0416")) {
				t.Errorf("at %d columns\n%s", width, text)
			}
			if !open && len(lines) > 24 {
				t.Errorf("%d lines", len(lines))
			}
		}
	}
}

func TestRates(t *testing.T) {
	v, tab := recorded(t), new(table)
	tab.take(v)
	tab.take(grown(v, 100))
	for _, r := range tab.sorted(0) {
		if r.in != 100 || r.out != 100 || len(r.past) != 1 || r.past[0] != 200 {
			t.Errorf("%s: in %v, out %v, past %v", title(r.s), r.in, r.out, r.past)
		}
	}
	if got := tab.sorted(2)[0].s.Name; got != "ticks" {
		t.Errorf("most drops has %q", got)
	}
}

// Without colours and beyond ASCII there is nothing where TERM is dumb.
func TestPlain(t *testing.T) {
	v, tab := recorded(t), new(table)
	tab.take(v)
	tab.take(grown(v, 7))
	d := screen{table: tab, name: "x", width: 200, plain: true}
	for _, l := range d.lines() {
		if strings.ContainsFunc(l, func(r rune) bool { return r == 0x1b || r > '~' && r != '…' }) {
			t.Errorf("%q", l)
		}
	}
}

func TestMonitorSaysWhatChanges(t *testing.T) {
	v := recorded(t)
	var b bytes.Buffer
	m := monitor{client: &client{name: "x"}, out: &b, advised: map[string]bool{}}
	said := func(v *view, want ...string) {
		t.Helper()
		b.Reset()
		if err := m.take(v); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%q is not in\n%s", w, &b)
			}
		}
		if len(want) == 0 && b.Len() > 0 {
			t.Errorf("it said\n%s", &b)
		}
	}
	said(v, "PUSH", "from now on", `! ZA0416 REP "vault": no authenticator`, "auth.New")
	said(v) // nothing has changed
	more := grown(v, 3)
	said(more, `! ZA0408 PUB "ticks": messages dropped at the high-water mark: 3`)
	fewer := grown(more, 0)
	fewer.Subjects = fewer.Subjects[1:]
	said(fewer, `- PUSH "jobs": has ended`)
	said(more, `+ PUSH "jobs": is ready, bound tcp://`)
	lonely := grown(more, 0)
	lonely.Subjects[0].Links = lonely.Subjects[0].Links[:1]
	said(lonely, `- PUSH "jobs": PULL at 127.0.0.1:`, " is gone")
	said(more, `+ PUSH "jobs": PULL at 127.0.0.1:`, " is there")
}

func TestKeys(t *testing.T) {
	tab := new(table)
	tab.take(recorded(t))
	m := &model{screen: screen{table: tab, width: 80, height: 24}}
	press := func(text string) tea.Cmd {
		code := map[string]rune{"enter": tea.KeyEnter, "down": tea.KeyDown, "esc": tea.KeyEscape}[text]
		key := tea.KeyPressMsg{Code: code}
		if code == 0 {
			key = tea.KeyPressMsg{Code: rune(text[0]), Text: text}
		}
		_, cmd := m.Update(key)
		return cmd
	}
	press("down")
	press("enter")
	if got := ansi.Strip(m.View().Content); !strings.Contains(got, "mechanism NULL") || !m.screen.open {
		t.Errorf("the details are\n%s", got)
	}
	press("esc")
	press("s")
	press("p")
	if m.screen.open || m.screen.order != 1 || !m.screen.paused || !strings.Contains(m.View().Content, "paused") {
		t.Errorf("%+v", m.screen)
	}
	if cmd := press("q"); cmd == nil {
		t.Error("q does not quit")
	}
	m.Update(tea.WindowSizeMsg{Width: 30, Height: 5})
	if got := strings.Split(m.View().Content, "\n"); len(got) > 5 || ansi.StringWidth(got[0]) > 30 {
		t.Errorf("on a small screen\n%q", got)
	}
}

func TestAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		":6060": "http://127.0.0.1:6060", "h:1": "http://h:1", "unix:/x": "http://observe",
		"http://h/zactor/": "http://h/zactor", "[::1]:1": "http://[::1]:1",
	} {
		if c, err := newClient(addr); err != nil || c.url != want {
			t.Errorf("%s: %v, %v", addr, c, err)
		}
	}
	for _, addr := range []string{"", "h", "unix:", "http://", "h:"} {
		if c, err := newClient(addr); err == nil {
			t.Errorf("%q: %v", addr, c.url)
		}
	}
}

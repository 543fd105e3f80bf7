package look

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
)

// lines prints a table again and again, for those who are no terminal.
func lines(ctx context.Context, app *cli.App, from *client, every time.Duration, n int) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	d := screen{table: new(table), name: from.name, width: cli.Width(app.Stdout), plain: !cli.Colour(app.Stdout)}
	if !app.Terminal() {
		d.width = 100
	}
	for i := 1; ; i++ {
		v, err := from.look(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if app.JSON {
			err = json.NewEncoder(app.Stdout).Encode(v)
		} else {
			d.table.take(v)
			_, err = fmt.Fprintln(app.Stdout, strings.Join(d.lines(), "\n")+"\n")
		}
		if err != nil || i == n {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// live is top on a terminal.
func live(ctx context.Context, app *cli.App, from *client, every time.Duration) error {
	first, err := from.look(ctx)
	if err != nil {
		return err // where it can be read
	}
	m := &model{ctx: ctx, from: from, every: every, screen: screen{table: new(table), name: from.name, width: 80, height: 24}}
	m.screen.plain = false
	m.screen.table.take(first)
	_, err = tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(app.Stdin), tea.WithOutput(app.Stdout)).Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

type (
	seen  struct{ v *view }
	blind struct{ err error }
	again struct{}
)

// model is top as bubbletea wants it.
type model struct {
	ctx    context.Context
	from   *client
	every  time.Duration
	screen screen
}

// Init waits for the first tick.
func (m *model) Init() tea.Cmd { return m.wait() }

func (m *model) wait() tea.Cmd {
	return tea.Tick(m.every, func(time.Time) tea.Msg { return again{} })
}

func (m *model) ask() tea.Msg {
	v, err := m.from.look(m.ctx)
	if err != nil {
		return blind{err}
	}
	return seen{v}
}

// Update takes what has happened.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.screen.width, m.screen.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m, m.key(msg.String())
	case again:
		if m.screen.paused {
			return m, m.wait()
		}
		return m, m.ask
	case seen:
		m.screen.lost = ""
		m.screen.table.take(msg.v)
		return m, m.wait()
	case blind:
		m.screen.lost = "it does not answer: " + msg.err.Error()
		return m, m.wait()
	}
	return m, nil
}

func (m *model) key(name string) tea.Cmd {
	d := &m.screen
	switch name {
	case "q", "ctrl+c":
		return tea.Quit
	case "esc":
		if !d.open {
			return tea.Quit
		}
		d.open = false
	case "up", "k":
		d.cursor--
	case "down", "j":
		d.cursor++
	case "pgup":
		d.cursor -= d.height / 2
	case "pgdown":
		d.cursor += d.height / 2
	case "enter":
		d.open = !d.open
	case "s":
		d.order = (d.order + 1) % len(orders)
	case "p":
		d.paused = !d.paused
	}
	return nil
}

// View draws the screen.
func (m *model) View() tea.View {
	lines := m.screen.lines()
	v := tea.NewView(strings.Join(lines[:min(len(lines), m.screen.height)], "\n"))
	v.AltScreen = true
	return v
}

package pattern

import (
	"fmt"
	"testing"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// nobody is the owner of pipes that no socket owns.
type nobody struct{}

func (nobody) Readable(*queue.Pipe) {}
func (nobody) Writable(*queue.Pipe) {}

// receivers are n pipes whose other ends can be read.
func receivers(n, mark int) (near, far []*queue.Pipe) {
	for range n {
		a := queue.NewJoinable(nobody{}, queue.Limits{SendHWM: mark, RecvHWM: 1})
		b := queue.NewJoinable(nobody{}, queue.Limits{SendHWM: 1, RecvHWM: mark})
		a.SetOrigin(&buf.Origin{})
		b.SetOrigin(&buf.Origin{})
		queue.Join(a, b)
		near, far = append(near, a), append(far, b)
	}
	return near, far
}

func read(p *queue.Pipe) (got []string) {
	for {
		m, ok, _ := p.In.Next(0)
		if !ok {
			return got
		}
		got = append(got, string(m.Frames[0]))
	}
}

func send(t *testing.T, r *RoundRobin, text string) *queue.Pipe {
	t.Helper()
	to, _, _ := r.Send(nil, [][]byte{[]byte(text)}, false)
	return to
}

// Strictly one message each in turn; a newcomer's turn comes last.
func TestRoundRobinTurns(t *testing.T) {
	near, far := receivers(3, 100)
	r := NewRoundRobin()
	r.Add(near[0])
	r.Add(near[1])
	for i := range 4 {
		send(t, r, fmt.Sprint(i))
	}
	r.Add(near[2])
	for i := 4; i < 10; i++ {
		send(t, r, fmt.Sprint(i))
	}
	for i, want := range []string{"[0 2 4 7]", "[1 3 5 8]", "[6 9]"} {
		if got := fmt.Sprint(read(far[i])); got != want {
			t.Errorf("peer %d got %s, not %s", i, got, want)
		}
	}
}

// One without room is passed over until it has some; when nobody has any, nobody
// gets the message.
func TestRoundRobinMutes(t *testing.T) {
	near, far := receivers(2, 1) // room for two each
	r := NewRoundRobin()
	r.Add(near[0])
	r.Add(near[1])
	for i := range 4 {
		if send(t, r, fmt.Sprint(i)) == nil {
			t.Fatal("no room too soon")
		}
	}
	if to := send(t, r, "x"); to != nil || r.CanSend() {
		t.Fatal("there is room where there is none")
	}
	if r.Len() != 2 {
		t.Errorf("%d peers, not 2", r.Len())
	}
	read(far[1])
	r.Unmute(near[1])
	for range 2 {
		if to := send(t, r, "y"); to != near[1] {
			t.Error("not to the one with room")
		}
	}
	r.Remove(near[0])
	r.Remove(near[1])
	if r.Len() != 0 || r.CanSend() {
		t.Error("peers are left")
	}
}

// One message each in turn, however much one of them has; those that are empty
// leave, and lead frames are put in front.
func TestFairQueueTurns(t *testing.T) {
	q := NewFairQueue()
	var all []*queue.Pipe
	for i, n := range []int{5, 1, 3} {
		p := queue.New(nobody{}, queue.Limits{})
		for k := range n {
			p.In.PutMsg(msg.NewString(fmt.Sprintf("%d%d", i, k)))
		}
		q.Add(p)
		all = append(all, p)
	}
	var got []string
	for {
		m, from, _ := q.Next(1)
		if from == nil {
			break
		}
		if len(m.Frames) != 2 || m.Frames[0] != nil || from != all[m.Frames[1][0]-'0'] {
			t.Fatalf("%q", m.Frames)
		}
		got = append(got, string(m.Frames[1]))
	}
	if s := fmt.Sprint(got); s != "[00 10 20 01 21 02 22 03 04]" {
		t.Error(s)
	}
	if !q.Empty() {
		t.Error("a peer is left")
	}
}

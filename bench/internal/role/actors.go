package role

import (
	"context"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/bench/internal/job"
	"github.com/go-zactor/zactor/msg"
)

// Actors beside goroutines with channels. What is sent is always the same message:
// the bare hand-over.

// actorReceive sends to an actor that counts.
func actorReceive(j *job.Job) error {
	ctx := context.Background()
	a, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		return j.OneWay(func() error {
			_, err := p.Recv(ctx)
			return err
		})
	}, actor.WithMailbox(chanCap))
	if err != nil {
		return err
	}
	m := msg.New(make([]byte, j.Size))
	for range j.Total() {
		if err := a.Send(ctx, m); err != nil {
			return err
		}
	}
	<-a.Done()
	return a.Err()
}

// echo gives back what it gets, by give: Pipe.Reply to who asked, or Pipe.Send to the
// owner.
func echo(give func(*actor.Pipe, context.Context, msg.Msg) error) actor.Func {
	return func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := give(p, ctx, m); err != nil {
				return err
			}
		}
		return nil
	}
}

// actorPair is a round trip by Send and Recv.
func actorPair(j *job.Job) error {
	return withEcho(j, (*actor.Pipe).Send, func(ctx context.Context, a *actor.Actor, m msg.Msg) error {
		if err := a.Send(ctx, m); err != nil {
			return err
		}
		_, err := a.Recv(ctx)
		return err
	})
}

// actorAsk is a round trip by Ask, which any goroutine may call.
func actorAsk(j *job.Job) error {
	return withEcho(j, (*actor.Pipe).Reply, func(ctx context.Context, a *actor.Actor, m msg.Msg) error {
		_, err := a.Ask(ctx, m)
		return err
	})
}

func withEcho(j *job.Job, give func(*actor.Pipe, context.Context, msg.Msg) error, once func(context.Context, *actor.Actor, msg.Msg) error) error {
	ctx := context.Background()
	a, err := actor.Spawn(ctx, echo(give))
	if err != nil {
		return err
	}
	m := msg.New(make([]byte, j.Size))
	if err := j.RoundTrips(func() error { return once(ctx, a, m) }); err != nil {
		return err
	}
	return a.Close()
}

// actorIdle spawns all actors, lets them wait, and stops them.
func actorIdle(j *job.Job) error {
	ctx := context.Background()
	actors := make([]*actor.Actor, j.Peers)
	return lifeOf(j, func(i int) (err error) {
		actors[i], err = actor.Spawn(ctx, echo((*actor.Pipe).Reply))
		return err
	}, func(i int) error { return actors[i].Close() })
}

// chanIdle does the same with goroutines that wait on a channel.
func chanIdle(j *job.Job) error {
	type goroutine struct{ mailbox, ready, done chan msg.Msg }
	all := make([]goroutine, j.Peers)
	return lifeOf(j, func(i int) error {
		g := goroutine{make(chan msg.Msg), make(chan msg.Msg), make(chan msg.Msg)}
		all[i] = g
		go func() {
			defer close(g.done)
			close(g.ready)
			for range g.mailbox {
			}
		}()
		<-g.ready
		all[i].ready = nil
		return nil
	}, func(i int) error {
		close(all[i].mailbox)
		<-all[i].done
		return nil
	})
}

// lifeOf measures making, keeping and ending j.Peers of something.
func lifeOf(j *job.Job, begin, end func(int) error) error {
	base := residentBytes()
	spawn, err := timeEach(j.Peers, begin)
	if err != nil {
		return err
	}
	bytes := residentBytes() - base
	rest := restingCPU(j)
	stop, err := timeEach(j.Peers, end)
	if err != nil {
		return err
	}
	j.Tell(j.Peers, spawn, job.Figure{Name: "bytes", Value: bytes},
		job.Figure{Name: "rest", Value: rest}, job.Figure{Name: "stop", Value: float64(stop.Nanoseconds())})
	return nil
}

func timeEach(n int, each func(int) error) (time.Duration, error) {
	start := time.Now()
	for i := range n {
		if err := each(i); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

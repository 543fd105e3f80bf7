package mailbox_test

import (
	"context"
	"strconv"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/mailbox"
	"github.com/go-zactor/zactor/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers is an end whose messages are numbers.
type numbers struct{ *mailbox.End }

func newPair(toB, toA int) (a, b numbers) {
	x, y := mailbox.New(toB, toA)
	return numbers{x}, numbers{y}
}

func number(n int) msg.Msg { return msg.NewString(strconv.Itoa(n)) }

func value(m msg.Msg, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	return strconv.Atoi(m.PopString())
}

func (e numbers) Send(ctx context.Context, n int) error { return e.End.Send(ctx, number(n)) }
func (e numbers) TrySend(n int) error                   { return e.End.TrySend(number(n)) }
func (e numbers) Recv(ctx context.Context) (int, error) { return value(e.End.Recv(ctx)) }
func (e numbers) TryRecv() (int, error)                 { return value(e.End.TryRecv()) }

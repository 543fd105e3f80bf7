package role

import (
	"bufio"
	"encoding/binary"
	"fmt"

	"golang.org/x/crypto/nacl/secretbox"

	"github.com/go-zactor/zactor/bench/internal/job"
)

// The floor of CURVE: raw connections and the sealing that nobody is spared, by
// the same library that the product uses, with a key both sides know.

// sealed is a key, and the nonce of the next message.
type sealed struct {
	key   [32]byte
	nonce [24]byte
	n     uint64
	buf   []byte
}

func (s *sealed) next() *[24]byte {
	s.n++
	binary.BigEndian.PutUint64(s.nonce[16:], s.n)
	return &s.nonce
}

func rawCurveReceive(j *job.Job) error {
	c, err := rawListen(j)
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReaderSize(c, rawBuffer)
	var key sealed
	box := make([]byte, j.Size+secretbox.Overhead)
	err = j.OneWay(func() (err error) {
		if err := readFrame(r, box); err != nil {
			return err
		}
		var ok bool
		if key.buf, ok = secretbox.Open(key.buf[:0], box, key.next(), &key.key); !ok {
			return fmt.Errorf("message %d does not open", key.n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return j.Hold()
}

func rawCurveSend(j *job.Job) error {
	c, err := rawDial(j.Endpoint)
	if err != nil {
		return err
	}
	defer c.Close()
	w := bufio.NewWriterSize(c, rawBuffer)
	var key sealed
	payload := make([]byte, j.Size)
	for range j.Total() {
		key.buf = secretbox.Seal(key.buf[:0], payload, key.next(), &key.key)
		if err := writeFrame(w, key.buf); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return j.Hold()
}

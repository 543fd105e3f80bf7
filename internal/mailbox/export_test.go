package mailbox

// SenderWaits reports whether a sender waits for room.
func (q *Queue[T]) SenderWaits() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.senders.last != nil
}

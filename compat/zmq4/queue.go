package zmq4

// Queue is a queue of messages, without a bound. It is for one goroutine.
type Queue struct{ list []Msg }

// NewQueue makes an empty queue.
func NewQueue() *Queue { return &Queue{} }

// Init empties the queue.
func (q *Queue) Init() { q.list = nil }

// Len is how many messages there are.
func (q *Queue) Len() int { return len(q.list) }

// Push appends a message.
func (q *Queue) Push(val Msg) { q.list = append(q.list, val) }

// Peek returns the first message, if there is one.
func (q *Queue) Peek() (Msg, bool) {
	if len(q.list) == 0 {
		return Msg{}, false
	}
	return q.list[0], true
}

// Pop takes the first message out. It panics when there is none: ask Len.
func (q *Queue) Pop() {
	if len(q.list) == 0 {
		panic("zmq4: Pop on an empty Queue")
	}
	q.list[0] = Msg{}
	q.list = q.list[1:]
}

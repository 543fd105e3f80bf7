package main

// channels are goroutines with a buffered channel each.
var channels = subject{
	oneWay: func(n int) (func(), <-chan struct{}) {
		c, done := make(chan any, 2000), make(chan struct{})
		go func() {
			for range n {
				<-c
			}
			close(done)
		}()
		return func() { c <- nil }, done
	},
	ask: func() func() {
		c := make(chan chan int, 2000)
		go func() {
			for back := range c {
				back <- 1
			}
		}()
		return func() {
			back := make(chan int, 1)
			c <- back
			<-back
		}
	},
	pingPong: func(n int) {
		there, back := make(chan any, 2000), make(chan any, 2000)
		go func() {
			for m := range there {
				back <- m
			}
		}()
		for range n {
			there <- nil
			<-back
		}
	},
	spawn: func() func() {
		c, ready, done := make(chan any, 1), make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			close(ready)
			for range c {
			}
		}()
		<-ready
		return func() { close(c); <-done }
	},
}

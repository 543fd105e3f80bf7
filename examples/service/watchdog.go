package main

import (
	"context"
	"log"
	"time"

	"github.com/go-zactor/zactor/actor"
)

type tick struct{}

// watchdog makes an actor that asks another one for its health, and gives systemd a sign
// of life for each answer in time. It asks twice as often as systemd looks.
func watchdog(of *actor.Ref[any], patience time.Duration, notify func(string) error) actor.Setup[tick] {
	return func(c *actor.Context[tick]) (actor.Handler[tick], error) {
		if patience > 0 {
			c.Every(patience/2, tick{})
		}
		return func(c *actor.Context[tick], _ tick) error {
			ctx, cancel := context.WithTimeout(c, patience/2)
			defer cancel()
			if _, err := actor.Ask(ctx, of, &Health{}); err != nil {
				log.Print("no sign of life: ", err)
				return nil
			}
			return notify("WATCHDOG=1")
		}, nil
	}
}

// Package look has zactor top and zactor monitor: they show what lives in another process,
// as its package observe tells it.
package look

package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/go-zactor/zactor/observe"
	"github.com/go-zactor/zactor/observe/prom"
)

// adminPages are for those who run it: bind them to an address that only they reach.
func adminPages() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prom.Collector())
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("/", observe.Handler())
	return mux
}

package main

import (
	"log"
	"net"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/go-zactor/zactor/observe/prom"
)

// With METRICS=127.0.0.1:9100 in the environment Prometheus reads there what it has counted.
func init() {
	addr := os.Getenv("METRICS")
	if addr == "" {
		return
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		log.Fatal(err)
	}
	prometheus.MustRegister(prom.Collector())
	http.Handle("/metrics", promhttp.Handler())
	go func() { log.Print(http.Serve(l, nil)) }()
}

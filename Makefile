.PHONY: fmt lint test bench torture

fmt:
	gofmt -w $$(git ls-files '*.go')

lint:
	go vet ./...
	go vet -tags interop ./...

test:
	go test ./...

# Full sizes: ten million messages a pair of types and transport, a million
# cancellations, ten thousand sockets of each type. About half an hour.
torture:
	ZACTOR_FULL=1 go test -count=1 -timeout 2h -run 'Stress|Sim|Hostile' -v ./zmq
	.ci/fuzz 1m

# As a nightly job does it: fails where a ratio of ours to a floor has fallen by more
# than 30 % of what is committed. Under twenty minutes for the second line.
bench:
	go test -run xxx -bench . ./...
	cd bench && go run . -compare committed.csv

.PHONY: fmt lint test fuzz bench bench-against record full

fmt:
	gofmt -w $$(git ls-files '*.go')

lint:
	.ci/static

test:
	go test ./...

# Every fuzzer, for three minutes each, or make fuzz FUZZTIME=30s.
FUZZTIME ?= 3m
fuzz:
	.ci/fuzz $(FUZZTIME)

# Fails where a ratio of ours to a floor has fallen by more than 30 % of what is
# committed. Under twenty minutes for the second line.
bench:
	go test -run xxx -bench . ./...
	cd bench && go run . -compare committed.csv

# The same beside another commit, each workload by the old tree and then by this one.
# Under fifteen minutes on a quiet machine: make bench-against REV=bddf339
REV ?= bddf339
bench-against:
	.ci/bench-against $(REV)

# The figures of docs/reliability.md, on a quiet machine (.ci/record dry only prints them).
record:
	.ci/record

# Everything at full size: an hour and more (see .ci/full).
full:
	.ci/full

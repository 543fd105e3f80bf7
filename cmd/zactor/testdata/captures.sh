#!/usr/bin/env bash
# The captures of docs/captures: cmd/zactor/testdata/captures.sh [PROGRAM [FOLDER]], by hand, since
# they are to be looked at. It needs tmux. That they say what the program says today is
# TestCaptures.
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
dir=$(mktemp -d)
trap '$T kill-server 2>/dev/null; kill ${D:-} 2>/dev/null; rm -rf "$dir"' EXIT
Z=${1:-$dir/zactor}; OUT=${2:-$root/docs/captures}; mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
[ -n "${1:-}" ] || (cd "$root" && go build -o "$Z" ./cmd/zactor)
cd "$dir"
T="tmux -L zcaps$$ -f /dev/null"
wait_for() { # PANE TEXT
  for i in $(seq 600); do $T capture-pane -p -J -t "$1" 2>/dev/null | grep -q -- "$2" && return; sleep 0.1; done; echo "no $2 in $1" >&2; exit 1
}
# pub and sub in two panes
SH="env PS1='$ ' PATH=$PATH:$(dirname $Z) bash --norc --noprofile"
$T new-session -d -x 80 -y 32 -s p "$SH"
$T split-window -v -t p "$SH"
$T send-keys -t p.0 "zactor sub -b :7411" Enter; wait_for p.0 "nobody is connected"
$T send-keys -t p.1 "printf 'weather 20C\\nnews at ten\\n' | zactor pub -c :7411" Enter; wait_for p.0 "news at ten"
$T send-keys -t p.1 "zactor pub -c :7411 -i 300ms -n 3 -D tick" Enter; wait_for p.1 '-D tick'; ticks() { $T capture-pane -p -t p.0 | grep -c '^tick'; }; until [ "$(ticks)" = 3 ]; do sleep 0.1; done
$T send-keys -t p.1 "zactor pub -c :7412 -t 1200ms -D tick; echo exit code \$?" Enter; wait_for p.1 "code 3"
$T send-keys -t p.0 C-c; wait_for p.0 '\^C'; $T send-keys -t p.0 'echo exit code $?' Enter; wait_for p.0 '^exit code'
{ $T capture-pane -p -J -t p.0; echo "--------------------------------------------------------------------------------"; $T capture-pane -p -J -t p.1; } | sed 's/ *$//' | cat -s > $OUT/pubsub.txt
# a demo, top and monitor on it
ZACTOR_OBSERVE=unix:demo timeout 90 $Z demo --duration 40s >/dev/null 2>&1 &
D=$!
for i in $(seq 300); do [ -S demo ] && break; sleep 0.1; done
$T new-session -d -x 80 -y 24 -s top "$Z top unix:demo -i 300ms; sleep 60"
$T new-session -d -x 100 -y 24 -s nc "NO_COLOR=1 $Z top unix:demo -i 300ms; sleep 60"
$T new-session -d -x 140 -y 30 -s wide "$Z top unix:demo -i 300ms; echo exit code \$?, and the screen is as it was; sleep 60"
sleep 5
$T new-session -d -x 100 -y 24 -s mon "$Z monitor unix:demo -i 500ms; sleep 60"
$T new-session -d -x 80 -y 24 -s dumb "TERM=dumb $Z top unix:demo -i 1s; sleep 60"
wait_for mon: "actor .node-. has ended\|has ended"; sleep 8
$T capture-pane -p -t top: | sed 's/ *$//' > $OUT/top-80.txt
$T capture-pane -p -t wide: | sed 's/ *$//' > $OUT/top-140.txt
$T capture-pane -p -S - -t dumb: | awk '/^unix:demo/ { n++ } n == 3' | head -n 24 | sed 's/ *$//' > $OUT/top-dumb.txt
$T capture-pane -p -e -t nc: > $OUT/top-nocolor.txt
$T resize-window -t top: -x 120 -y 16; sleep 1
$T capture-pane -p -t top: | sed 's/ *$//' > $OUT/top-resized.txt
$T capture-pane -p -S - -t mon: | sed 's/ *$//' | cat -s | head -n 24 > $OUT/monitor.txt
$T send-keys -t wide: C-c; wait_for wide: "^exit code"
$T capture-pane -p -t wide: | sed 's/ *$//' | cat -s > $OUT/top-ctrl-c.txt
kill $D 2>/dev/null
# a node at 80 and 200 columns
P=$((20000 + RANDOM % 9000))
for w in 80 200; do
  $T new-session -d -x $w -y 16 -s node$w "$Z node --local --port $P me$w; echo exit code \$?; sleep 60"
done
wait_for node80: "me200 is here"; wait_for node200: "me80 is here"
$T send-keys -t node80: "hello from the narrow one, which says more than fits into its eighty columns" Enter
wait_for node200: "eighty columns"
$T send-keys -t node200: "/peers" Enter; wait_for node200: "1 peers"
for w in 80 200; do $T capture-pane -p -t node$w: | sed 's/ *$//' | cat -s > $OUT/node-$w.txt; done
$T resize-window -t node80: -x 120 -y 12
$T send-keys -t node80: "and this one, which was typed after the window had been made wider, fits into a line" Enter
wait_for node200: "had been made wider"; $T send-keys -t node200: C-c; wait_for node200: "^exit code"; wait_for node80: "me200 is gone"
$T capture-pane -p -t node80: | sed 's/ *$//' | cat -s > $OUT/node-resized.txt
$T capture-pane -p -t node200: | sed 's/ *$//' | cat -s > $OUT/node-ctrl-c.txt
# bench with its progress
$T new-session -d -x 110 -y 24 -s bench "$Z bench lat -n 400000; sleep 60"
wait_for bench: " left"; $T capture-pane -p -t bench: | sed 's/ *$//' | cat -s > $OUT/bench-progress.txt
wait_for bench: "p99.9"; $T capture-pane -p -t bench: | sed 's/ *$//' | cat -s > $OUT/bench.txt

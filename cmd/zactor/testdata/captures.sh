#!/usr/bin/env bash
# The captures of docs/captures: cmd/zactor/testdata/captures.sh PROGRAM FOLDER, by hand, since
# they are to be looked at. It needs tmux.
set -u
Z=${1:-/tmp/zactor}; OUT=${2:-/tmp/caps}; mkdir -p $OUT
cd $(mktemp -d)
T="tmux -L zcaps$$ -f /dev/null"
wait_for() { # PANE TEXT
  for i in $(seq 200); do $T capture-pane -p -t "$1" | grep -q "$2" && return; sleep 0.1; done; echo "no $2 in $1" >&2
}
# pub and sub in two panes
SH="env PS1='$ ' PATH=$PATH:$(dirname $Z) bash --norc --noprofile"
$T new-session -d -x 80 -y 24 -s p "$SH"
$T split-window -v -t p "$SH"
$T send-keys -t p.0 "zactor sub -b :7411" Enter; sleep 1
$T send-keys -t p.1 "printf 'weather 20C\\nnews at ten\\n' | zactor pub -c :7411" Enter; wait_for p.0 "news at ten"
$T send-keys -t p.1 "zactor pub -c :7411 -i 300ms -n 3 -D tick" Enter; wait_for p.0 "tick"; sleep 2
$T send-keys -t p.1 "zactor pub -c :7412 -t 1200ms -D tick; echo exit code \$?" Enter; wait_for p.1 "code 3"
$T send-keys -t p.0 C-c; sleep 0.7
{ $T capture-pane -p -t p.0; echo "--------------------------------------------------------------------------------"; $T capture-pane -p -t p.1; } | sed 's/ *$//' | cat -s > $OUT/pubsub.txt
# a demo, top and monitor on it
ZACTOR_OBSERVE=unix:demo timeout 60 $Z demo --duration 25s >/dev/null 2>&1 &
D=$!
for i in $(seq 100); do [ -S demo ] && break; sleep 0.1; done
$T new-session -d -x 80 -y 24 -s top "$Z top unix:demo -i 300ms; sleep 60"
$T new-session -d -x 100 -y 24 -s mon "$Z monitor unix:demo -i 500ms; sleep 60"
$T new-session -d -x 100 -y 24 -s nc "NO_COLOR=1 $Z top unix:demo -i 300ms; sleep 60"
$T new-session -d -x 100 -y 24 -s dumb "TERM=dumb $Z top unix:demo -n 1 | head -20; sleep 60"
$T new-session -d -x 140 -y 30 -s wide "$Z top unix:demo -i 300ms; echo exit code \$?, and the screen is as it was; sleep 60"
sleep 11
$T capture-pane -p -t top: | sed 's/ *$//' > $OUT/top-80.txt
$T capture-pane -p -t wide: | sed 's/ *$//' > $OUT/top-140.txt
$T capture-pane -p -t dumb: | sed 's/ *$//' > $OUT/top-dumb.txt
$T capture-pane -p -e -t nc: > $OUT/top-nocolor.txt
$T resize-window -t top: -x 120 -y 16; sleep 1
$T capture-pane -p -t top: | sed 's/ *$//' > $OUT/top-resized.txt
$T capture-pane -p -t mon: | sed 's/ *$//' | cat -s > $OUT/monitor.txt
$T send-keys -t wide: C-c; sleep 0.7
$T capture-pane -p -t wide: | sed 's/ *$//' | cat -s > $OUT/top-ctrl-c.txt
kill $D 2>/dev/null
# a node at 80 and 200 columns
P=$((20000 + RANDOM % 9000))
for w in 80 200; do
  $T new-session -d -x $w -y 16 -s node$w "$Z node --local --port $P me$w; sleep 60"
done
wait_for node80: "me200 is here"; wait_for node200: "me80 is here"
$T send-keys -t node80: "hello from the narrow one, which says more than fits into its eighty columns" Enter
wait_for node200: "eighty columns"
$T send-keys -t node200: "/peers" Enter; sleep 0.7
for w in 80 200; do $T capture-pane -p -t node$w: | sed 's/ *$//' | cat -s > $OUT/node-$w.txt; done
# bench with its progress
$T new-session -d -x 90 -y 24 -s bench "$Z bench lat -n 120000; sleep 60"
sleep 2.2; $T capture-pane -p -t bench: | sed 's/ *$//' | cat -s > $OUT/bench-progress.txt
wait_for bench: "p99.9"; $T capture-pane -p -t bench: | sed 's/ *$//' | cat -s > $OUT/bench.txt
$T kill-server

#!/usr/bin/env bash
# The speeds of the tool on this machine: cmd/zactor/testdata/speed.sh
# A chain sub | pub of 3,000,000 messages of 64 bytes, and a file of 1 GiB, beside socat.
set -euo pipefail
cd "$(dirname "$0")/../../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -o "$dir/zactor" ./cmd/zactor
cd "$dir"
z=./zactor
now() { date +%s.%N; }
rate() { awk -v n="$2" -v a="$3" -v b="$4" -v u="$5" -v w="$1" 'BEGIN { printf "%-24s %12.0f %s\n", w, n / (b - a), u }'; }

n=3000000
{ yes "$(printf '%063d' 0)" || true; } | head -n $n >lines # yes ends by a broken pipe; the line end is the 64th byte
$z sub -b ./out -n $n -q >got & last=$!
$z sub -b ./in -n $n -q | $z pub -c ./out -q &
sleep 1
a=$(now); $z pub -c ./in -q <lines; wait $last; b=$(now)
cmp lines got
rate "zactor sub | zactor pub" $n "$a" "$b" messages/s

head -c 1073741824 /dev/zero >file
send() { # NAME RECEIVER SENDER
  bash -c "$2" >/dev/null & last=$!
  sleep 0.5
  a=$(now); bash -c "$3"; wait $last; b=$(now)
  rate "$1" 1073.741824 "$a" "$b" MB/s
}
send "socat" "exec socat -u TCP-LISTEN:7301,bind=127.0.0.1 -" "socat -u FILE:file TCP:127.0.0.1:7301"
send "socat -b 131072" "exec socat -b 131072 -u TCP-LISTEN:7302,bind=127.0.0.1 -" "socat -b 131072 -u FILE:file TCP:127.0.0.1:7302"
send "zactor push -F" "exec ./zactor pull -b :7303 -n 8192 --raw -q" "./zactor push -c :7303 -F file -q"

#!/bin/sh
# Stands in for the tool whose name it bears: notes each call, and does to one of them what `fault` says.
here=${0%/*}
tool=${0##*/}
tool_itself=@REAL@

key=$tool
for word; do
  case $word in /proc/[0-9]*/fd/*) word=/proc/PID/fd/N ;; esac
  key="$key $word"
done

sort=read
case $tool in
  ip | tc) case " $* " in *' -j '*) ;; *) sort=change ;; esac ;;
  conntrack) case $1 in -R) sort=change ;; esac ;;
  *-restore) sort=change ;;
esac

# What changes something is made of units: lines of a batch, or tables of a restore, each atomic in itself.
units=1
mark=
if [ $sort = change ]; then
  input=$here/input.$$
  case $key in
    conntrack*) cat "$2" > "$input" ;;
    *' -batch /'*) for last; do :; done; cat "$last" > "$input" ;;
    *' -batch -' | *' -p -' | *-restore*) cat > "$input" ;;
    *) echo > "$input" ;;
  esac
  case $tool in *-restore) mark='^COMMIT' ;; esac
  units=$(grep -c "$mark" "$input")
fi
printf '%s %s\n' $$ "$key" >> "$here/keys"
printf '%s\t%s\t%s\t%s\n' $$ $sort "$units" "$key" >> "$here/calls"

# Runs the tool with its arguments from $4 on, and of what it changes the units from $1 to $2 without $3.
some() {
  a=$1 b=$2 without=$3
  shift 3
  if [ $sort = read ]; then
    [ "$b" -lt "$units" ] || "$tool_itself" "$@"
    return
  fi
  awk -v a="$a" -v b="$b" -v without="$without" -v mark="$mark" \
    'BEGIN { n = 1 } n >= a && n <= b && n != without { print } $0 ~ mark { n++ }' "$input" > "$input.part"
  [ -s "$input.part" ] || return 0
  case $key in
    conntrack*) set -- -R "$input.part" ;;
    *' -batch /'*) batch "$@"; return ;;
  esac
  "$tool_itself" "$@" < "$input.part"
}
# With the part in the place of the file that is named last.
batch() {
  for word; do
    shift
    [ "$word" = "$last" ] && word=$input.part
    set -- "$@" "$word"
  done
  "$tool_itself" "$@"
}
all() {
  some 1 "$units" 0 "$@"
}
finish() {
  if [ $sort = change ]; then rm -f "$input" "$input.part"; fi
  exit "$1"
}
pass() {
  if [ $sort = read ]; then exec "$tool_itself" "$@"; fi
  all "$@"
  finish $?
}
nsctl() {
  kill "-$1" "$(cat "$here/pid")"
}
refuse() {
  case $tool in ip | tc) echo "Command failed -:$unit" >&2 ;; esac
  echo "stand-in: $act" >&2
  finish "$1"
}

[ -e "$here/fault" ] || pass "$@"
# Sets want, nth, from, unit, act and signal.
. "$here/fault"
[ "$want" = '*' ] || [ "$key" = "$want" ] || pass "$@"
# Up to its own line: the same is asked in several namespaces at a time.
now=$(wanted=$want own="$$ $key" awk '
  { line = $0; sub(/^[0-9]+ /, "", line) }
  ENVIRON["wanted"] == "*" || line == ENVIRON["wanted"] { n++ }
  $0 == ENVIRON["own"] { print n; exit }' "$here/keys")
[ "$now" -eq "$nth" ] || { [ "$from" ] && [ "$now" -ge "$nth" ]; } || pass "$@"
echo "$act $key" >> "$here/hits"

case $act in
  kill-before) some 1 $((unit - 1)) 0 "$@"; nsctl KILL; finish 1 ;;
  kill-during) all "$@" & nsctl KILL; wait; finish 0 ;;
  kill-after) all "$@"; nsctl KILL; finish 0 ;;
  fail-before) some 1 $((unit - 1)) 0 "$@"; refuse 2 ;;
  fail-after) all "$@"; refuse 2 ;;
  killed) some 1 $((unit - 1)) 0 "$@"; kill -KILL $$ ;;
  locked) echo 'Another app is currently holding the xtables lock.' >&2; refuse 4 ;;
  lie) if [ $sort = change ]; then some 1 "$units" "$unit" "$@"; fi; finish 0 ;;
  garbage) printf '[{"ifname":"\033[31m\001",{'; finish 0 ;;
  truncated) all "$@" > "$here/output.$$"; head -c $(($(wc -c < "$here/output.$$") / 2)) "$here/output.$$"; finish 0 ;;
  hang) echo $$ > "$here/hanging"; exec sleep 100000 ;;
  wait) touch "$here/waiting"; while [ ! -e "$here/go" ]; do sleep 0.02; done; pass "$@" ;;
  signal) nsctl "$signal"; pass "$@" ;;
  signal-after) all "$@"; code=$?; nsctl "$signal"; finish $code ;;
esac

# SPDX-License-Identifier: BSD-2-Clause
# Loops of the endurance tests, for Dom0's shell: `. /guests/soak.sh`. Files they leave are in /tmp.
# Every wait has a limit; a function fails when what it waits for does not come.

CFG=/guests/worker.cfg
paused=

# Hundredths of a second since Dom0's boot.
now() { read up _ </proc/uptime; echo "${up%.*}${up#*.}"; }

# until_true SECONDS COMMAND...
until_true() {
    end=$(($(now) + $1 * 100)); shift
    until "$@"; do [ "$(now)" -lt "$end" ] || { echo "waited for: $*"; return 1; }; done
}

node() { xenstore-read "/local/domain/$1" 2>/dev/null; }
is_up() { [ "$(node "$1/data/up")" = 1 ]; }
pongs() { [ "$(node "$1/data/pong")" = "$2" ]; }
# xenconsoled holds the ring that it has mapped; then it gives it a terminal.
has_terminal() { [ -n "$(node "$1/console/tty")" ]; }
gives_up() { grep -q 'in a row' "/var/log/purlin/$1.log"; }
gone() { ! purlin list "$1" >/dev/null 2>&1; }

# make ARGUMENT...: a guest of $CFG; says its id
make() {
    said=$(purlin create -q $paused $CFG "$@") && echo "${said##* }"
}

# ping ID WORD: the guest answers with it
ping() {
    xenstore-write "/local/domain/$1/data/ping" "$2" && until_true 60 pongs "$1" "$2"
}

# Between news and news_end: heard ID NODE waits until the guest writes data/NODE. One process hears
# it all: to look again and again is a process each, more work than the guest has.
news() {
    mkfifo /tmp/news
    xenstore-watch /local/domain | awk 'NR == 1 || /data\/(up|pong)$/ { print; fflush() }' >/tmp/news &
    exec 8</tmp/news
    rm /tmp/news
    read -r -t 60 _ <&8
}
heard() {
    while read -r -t 60 path <&8; do
        [ "$path" != "/local/domain/$1/data/$2" ] || return 0
    done
    echo "waited for $2 of domain $1"
    return 1
}
news_end() { kill "$(pidof xenstore-watch)"; wait; exec 8<&-; }

# All that must be the same before and after, a fact a line.
facts() {
    xenstore-ls -f /
    ls -l /proc/[0-9]*/exe 2>/dev/null | sed -n 's/.* -> //p' |
        grep -v busybox | sort | sed 's/^/process /'
    ls /sys/class/net /dev/pts /run/purlin | sed 's/^/entry /'
    cat /sys/block/loop*/loop/backing_file 2>/dev/null | sed 's/^/loop /'
    purlin info | grep '^free memory'
    purlin metrics | grep -E '^purlin_domain_grants_mapped.*id="0"'
}

# What the hypervisor has for Dom0: references, shared pages, event channels.
held() {
    purlin debug-keys q
    purlin dmesg | grep -A 1 'domain 0: .*refs' | tail -n 2 | grep -oE 'refs.*|shared [0-9]+|ports.*'
}

before() { mkdir -p /run/purlin; facts >/tmp/before; held >/tmp/held; }
is_same() { facts >/tmp/after; cmp -s /tmp/before /tmp/after; }
# unchanged WHAT: nothing is left of it in Dom0. What xenstored, the kernel and a supervisor do when a
# domain is gone may still be on its way.
unchanged() {
    until_true 20 is_same && return
    echo "left by $1:"
    diff /tmp/before /tmp/after
    return 1
}
# same WHAT: nor in the hypervisor
same() { unchanged "$1" && held | diff /tmp/held -; }

# One life each: create, boot, end. The time of the creation goes to /tmp/times.
worker_life() { id=$(make) && created && heard "$id" up; }
linux_life() {
    id=$(purlin create -q /guests/tiny.cfg) && id=${id##* } && created && answers "$id" hello
}
created() { echo $(($(now) - start)) >>/tmp/times; }

# cycles KIND COUNT: every fifth guest shuts itself down. /tmp/ids: how far the ids went.
cycles() {
    : >/tmp/times
    news
    for n in $(seq "$2"); do
        start=$(now)
        "$1_life" || { echo "cycle $n failed"; return 1; }
        [ "$n" = 1 ] && first=$id
        if [ $((n % 5)) = 0 ]; then purlin shutdown -w "$id" 2>/dev/null; else purlin destroy "$id"; fi ||
            { echo "end of cycle $n failed"; return 1; }
        [ $((n % 100)) != 0 ] || echo "$n at $(now)"
    done
    echo $((id - first)) >/tmp/ids
    news_end
}

# mean FROM TO: of these lines of /tmp/times, in ms
mean() { sed -n "$1,$2p" /tmp/times | awk '{ s += $1 } END { printf "%d", 10 * s / NR }'; }

# --- many at once ---------------------------------------------------------------------------

# tinies COUNT: Linux guests t1 ... tCOUNT
tinies() { for i in $(seq "$1"); do purlin create -q /guests/tiny.cfg "name=t$i" || return 1; done; }

# console_says NAME PATTERN SECONDS [WORD]: a line with PATTERN comes on the console, or is there when
# no WORD is to be typed first. The console is held until then by its input.
console_says() {
    held=/tmp/held-$1
    rm -f "$held" && mkfifo "$held" || return 1
    { [ -z "$4" ] || echo "$4"; read -r -t "$3" _ <>"$held"; printf '\035'; } |
        purlin console ${4:+-n} "$1" 2>&1 | { grep -m 1 "$2"; found=$?; echo 1<>"$held"; exit $found; }
    found=$?
    rm -f "$held"
    return $found
}
# answers NAME WORD [SECONDS]: the guest's shell, once it is there, says what it is told
answers() { console_says "$1" "pong-$2" "${3:-120}" "$2" >/dev/null; }
said() { console_says "$1" "$2" 60; }
# all_answer COUNT WORD: eight are asked at a time
all_answer() {
    rm -f /tmp/silent
    for i in $(seq "$1"); do
        { answers "t$i" "$2$i" 900 || echo "t$i" >>/tmp/silent; } &
        [ $((i % 8)) = 0 ] && wait
    done
    wait
    [ ! -e /tmp/silent ]
}
# Every second one shuts itself down.
halt_some() { purlin shutdown -w $(seq 1 2 "$1" | sed s,^,t,) 2>/dev/null; }

# burners COUNT WEIGHT...: paused counting guests, weights in turn
burners() {
    count=$1 paused=-p; shift
    : >/tmp/burners
    while [ "$count" -gt 0 ]; do
        for w in "$@"; do
            id=$(make "name=b$count" "cpu_weight=$w") || return 1
            xenstore-write "/local/domain/$id/data/mode" burn
            echo "$id $w" >>/tmp/burners
            count=$((count - 1))
        done
    done
    paused=
    while read -r id w; do purlin unpause "$id" || return 1; done </tmp/burners
}
has_clock() { [ -n "$(node "$1/data/now")" ]; }
has_count() { [ -n "$(node "$1/data/count")" ]; }
# All begin ten seconds after the last of them has said what time it is.
start_burning() {
    while read -r id w; do until_true 300 is_up "$id" && last=$id || return 1; done </tmp/burners
    xenstore-write "/local/domain/$last/data/from" ask
    until_true 60 has_clock "$last" || return 1
    from=$(($(node "$last/data/now") + 10000000000))
    while read -r id w; do xenstore-write "/local/domain/$id/data/from" "$from"; done </tmp/burners
}
all_counted() { while read -r id w; do until_true 600 has_count "$id" || return 1; done </tmp/burners; }
counts() { while read -r id w; do echo "$w $(node "$id/data/ran") $(node "$id/data/count")"; done </tmp/burners; }

# generations TOTAL ALIVE
generations() {
    : >/tmp/living
    news
    for n in $(seq "$1"); do
        id=$(make "name=g$n") && heard "$id" up || return 1
        echo "$id" >>/tmp/living
        [ $((n % 25)) != 0 ] || echo "$n at $(now)"
        if [ "$n" -gt "$2" ]; then
            oldest=$(sed -n "$((n - $2))p" /tmp/living)
            ask "$oldest" "bye$n" && purlin destroy "$oldest" || return 1
        fi
    done
    for id in $(tail -n "$2" /tmp/living); do ask "$id" end || return 1; done
    news_end
}
ask() { xenstore-write "/local/domain/$1/data/ping" "$2" && heard "$1" pong && pongs "$1" "$2"; }
rollovers() { purlin debug-keys m; purlin dmesg | grep VMIDs: | tail -n 1; }

# --- ended and killed -----------------------------------------------------------------------

# at_once SECONDS COMMAND...: runs it in the background, and comes back so much later. Its exit
# status and what it said, once it has ended: ended; its id: $job.
at_once() {
    delay=$1; shift
    rm -f /tmp/job.end
    { "$@" >/tmp/job.out 2>&1; echo $? >/tmp/job.end; } &
    sleep "$delay"
}
has_ended() { [ -s /tmp/job.end ]; }
# ended WHAT STATUS PATTERN: the one in the background was done, or failed with STATUS saying PATTERN
ended() {
    until_true 60 has_ended || return 1
    got=$(cat /tmp/job.end) said=$(grep -v '^purlin: [^ ]*: [a-z]*ing ' /tmp/job.out | tail -n 1)
    case $got in 0) return;; "$2") echo "$said" | grep -qE "$3" && return;; esac
    echo "$1: status $got: $said"
    return 1
}
GONE="no domain is called|does not exist|is gone|is dying|has shut down"

newest() { purlin list | awk 'NR > 1 && $2 > max { max = $2 } END { print max + 0 }'; }
# destroyed WHAT: the newest domain, whatever it is doing; nothing is left
destroyed() {
    id=$(newest)
    [ "$id" = 0 ] || purlin destroy "$id" || { [ $? = 3 ] || return 1; }
    wait
    same "$1"
}

while_building() {
    for delay in 0 0.02 0.05 0.1 0.15 0.2 0.3; do
        at_once $delay purlin create -q /guests/tiny.cfg
        id=$(newest)
        [ "$id" = 0 ] || purlin destroy "$id" >/tmp/d 2>&1 || grep -qE "$GONE" /tmp/d || { cat /tmp/d; return 1; }
        ended create 1 "tiny was destroyed while it was being made" || return 1
        purlin destroy tiny 2>/dev/null
        same "building $delay" || return 1
    done
}
# Its disk is free for the next at once, whether it had been announced or not.
made_again() {
    for delay in 0.06 0.07 0.08 0.09 0.1 0.11 0.12 0.13 0.14 0.16 0.18 0.2; do
        at_once $delay purlin create -q /guests/alice.cfg
        if purlin destroy alice 2>/tmp/d; then
            purlin create -q /guests/alice.cfg || return 1
        else
            grep -qE "$GONE" /tmp/d || { cat /tmp/d; return 1; }
        fi
        ended create 1 "alice was destroyed while it was being made" && purlin destroy alice &&
            same "made again $delay" || return 1
    done
}
while_booting() {
    for delay in 0 0.3 0.6 1 1.5 2 3; do
        purlin create -q /guests/tiny.cfg && sleep $delay && destroyed "booting $delay" || return 1
    done
}
while_ballooning() {
    for delay in 0 0.1 0.3; do
        tinies 1 && answers t1 hello || return 1
        at_once $delay purlin mem-set t1 80
        destroyed "ballooning $delay" && ended mem-set 3 "$GONE" || return 1
    done
}
in_shutdown() {
    for delay in 0 0.05 0.1 0.3; do
        tinies 1 && answers t1 hello || return 1
        at_once $delay purlin shutdown -w t1
        destroyed "shutdown $delay" && ended shutdown 3 "$GONE" || return 1
    done
}
# Both succeed, or the later one finds nobody.
twice_at_once() {
    for n in $(seq 10); do
        make >/dev/null || return 1
        at_once 0 purlin destroy worker
        purlin destroy worker >/tmp/d 2>&1 || grep -qE "$GONE" /tmp/d || { cat /tmp/d; return 1; }
        ended destroy 3 "$GONE" && same "two at once" || return 1
    done
}

# killed VERB ARGUMENT...: at several moments; a second try does what it should
killed() {
    for delay in 0.005 0.02 0.05 0.1 0.2; do
        [ "$1" = create ] && ! gone t1 && purlin destroy t1
        [ "$1" = create ] || ! gone t1 || tinies 1 || return 1
        purlin "$@" >/dev/null 2>&1 &
        sleep $delay
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        printf '\035' | purlin "$@" >/tmp/d 2>&1 || grep -qE "$GONE|is taken|has no|already|File exists" /tmp/d ||
            { echo "$* after a kill at $delay: $(cat /tmp/d)"; return 1; }
    done
}

xenconsoled_killed() {
    id=$(make) && until_true 60 is_up "$id" && tinies 1 && answers t1 before || return 1
    kill -9 "$(pidof xenconsoled)" && ping "$id" while || return 1
    other=$(make name=other) && until_true 60 is_up "$other" && ping "$other" while || return 1
    xenconsoled --pid-file=/run/xen/xenconsoled.pid
    until_true 60 answers t1 after && ping "$id" after || return 1
    said other "worker: up" || return 1
    purlin destroy worker other t1
}

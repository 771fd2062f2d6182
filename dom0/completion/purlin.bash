# SPDX-License-Identifier: BSD-2-Clause
# bash completion of purlin(1). The verbs come from the tool, and the options of a verb from its
# help: there is no list here that could lag behind.

# The lines of standard input that begin with the current word. Not compgen -W: that expands words,
# and a domain may be called $(something).
_purlin_offer() {
    local word
    while IFS= read -r word; do
        if [[ $word == "$cur"* ]]; then
            COMPREPLY+=("$word")
        fi
    done
}

_purlin_domains() {
    purlin list 2>/dev/null | awk 'NR > 1 && $2 != 0 { print $1 }'
}

_purlin() {
    local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _purlin_offer < <(purlin --list-verbs | cut -f1; printf '%s\n' --help --version)
        return
    fi
    case $cur in
    -*)
        _purlin_offer < <(echo --help; purlin "$verb" --help |
            grep -oE '(^| |\[)--?[A-Za-z][A-Za-z-]*' | tr -d '[ ' | sort -u)
        return ;;
    esac
    case $verb in
    create | autostart | autostop) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    *) _purlin_offer < <(_purlin_domains) ;;
    esac
}
complete -o filenames -o bashdefault -F _purlin purlin

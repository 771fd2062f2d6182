# SPDX-License-Identifier: BSD-2-Clause
# bash completion of purlin(1). The verbs come from the tool, and the options of a verb from its
# help: there is no list here that could lag behind.

_purlin_domains() {
    purlin list 2>/dev/null | awk 'NR > 1 && $2 != 0 { print $1 }'
}

_purlin() {
    local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(purlin --list-verbs | cut -f1) --help --version" -- "$cur")
        return
    fi
    case $cur in
    -*)
        mapfile -t COMPREPLY < <(compgen -W "--help $(purlin "$verb" --help |
            grep -oE '(^| |\[)--?[A-Za-z][A-Za-z-]*' | tr -d '[ ')" -- "$cur")
        return ;;
    esac
    case $verb in
    create | autostart | autostop) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$(_purlin_domains)" -- "$cur") ;;
    esac
}
complete -o filenames -o bashdefault -F _purlin purlin

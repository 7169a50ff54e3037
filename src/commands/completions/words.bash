# What is no option: subcommands, and values of a fixed set. Files only where an argument takes one: the
# shell offers them by itself where nothing else is. Behind "--" stands a command of any program.
_sfmtls_words() {
    local at
    if [[ ${cmd} == *__local__subcmd__org ]]; then
        for (( at = 1; at < COMP_CWORD; at++ )); do
            [[ ${COMP_WORDS[at]} == -- ]] || continue
            COMPREPLY=()
            (( at + 1 == COMP_CWORD )) && COMPREPLY=( $(compgen -c -- "${cur}") )
            return 0
        done
    fi
    COMPREPLY=( $(compgen -X '-*' -W "${opts}" -- "${cur}") )
    case "${cmd}" in
        __files__)
            ;;
        *)
            [[ "${BASH_VERSINFO[0]}" -ge 4 ]] && compopt +o default
            ;;
    esac
    return 0
}


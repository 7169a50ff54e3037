# What is no option: subcommands, and values of a fixed set. Files only where an argument takes one: the
# shell offers them by itself where nothing else is.
_sfmtls_words() {
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


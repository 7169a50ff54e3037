# The names that --profile takes and that have a session. Only letters, digits, ".", "_" and "-" get
# through: compgen would expand anything else. In a subshell, for the shell's options to stay.
_sfmtls_profiles() (
    set +fu
    shopt -u failglob
    LC_ALL=C
    caches=$HOME/.cache
    [[ $XDG_CACHE_HOME == /* ]] && caches=$XDG_CACHE_HOME
    for file in "$caches"/sfmtls/*.json; do
        name=${file##*/}
        name=${name%.json}
        [[ -f $file && $name != *[!A-Za-z0-9._-]* ]] && printf '%s\n' "$name"
    done
)


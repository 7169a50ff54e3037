
# The names that --profile takes and that have a session.
(( $+functions[_sfmtls_profiles] )) ||
_sfmtls_profiles() {
    local caches=$HOME/.cache
    local -a names
    [[ $XDG_CACHE_HOME == /* ]] && caches=$XDG_CACHE_HOME
    names=( $caches/sfmtls/*.json(N-.:t:r) )
    names=( ${names:#*[^A-Za-z0-9._-]*} )
    _wanted profiles expl profile compadd -a names
}

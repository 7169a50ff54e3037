# The names that --profile takes and that have a session.
function __fish_sfmtls_profiles
    set -l caches $HOME/.cache
    string match -q '/*' -- "$XDG_CACHE_HOME"; and set caches $XDG_CACHE_HOME
    set -l files $caches/sfmtls/*.json
    set -q files[1]; and string replace -rf '^.*/([A-Za-z0-9._-]+)\.json$' '$1'\t'cached session' -- $files
end


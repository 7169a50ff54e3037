# The names that --profile takes and that have a session.
function __fish_sfmtls_profiles
    set -l caches $HOME/.cache
    string match -q '/*' -- "$XDG_CACHE_HOME"; and set caches $XDG_CACHE_HOME
    set -l files $caches/sfmtls/*.json
    set -q files[1]; and string replace -rf '^.*/([A-Za-z0-9._-]+)\.json$' '$1'\t'cached session' -- $files
end

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sfmtls_global_optspecs
    string join \n E/cert= key= cert-pass-file= cacert= k/insecure tls-min= mtls-port= login-port= x/proxy= noproxy= connect-to= connect-timeout= idle-timeout= retry= api-version= profile= session= login-url= sandbox json v/verbose show-curl s/silent progress= color= h/help V/version
end

function __fish_sfmtls_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_sfmtls_global_optspecs) -- $cmd 2>/dev/null
    or begin
        # The last option may still wait for its value.
        set -e cmd[-1]
        argparse -s (__fish_sfmtls_global_optspecs) -- $cmd 2>/dev/null
    end
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_sfmtls_using_subcommand
    set -l cmd (__fish_sfmtls_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c sfmtls -n "__fish_sfmtls_needs_command" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_needs_command" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -s V -l version -d 'Print version'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "login" -d 'Log in and keep the session for later commands'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "logout" -d 'Delete the cached session'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "getuserinfo" -d 'Show whose session it is'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "query" -d 'Run a SOQL query and write all its rows'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "bulk-query" -d 'Run a SOQL query as a bulk job, for results of any size'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "check-cert" -d 'Check a client certificate: what is wrong, and how to fix it'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "demo" -d 'Run the whole walkthrough against an imitation org'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "local-org" -d 'Run an imitation org on this machine, alone or around a command'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c sfmtls -n "__fish_sfmtls_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s u -l username -d 'User name [env: SFMTLS_USERNAME]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l password-file -d 'File with the password [env: SFMTLS_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l security-token-file -d 'File with the security token [env: SFMTLS_SECURITY_TOKEN]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l jwt-key-file -d 'Use the JWT bearer flow with this key [env: SFMTLS_JWT_KEY_FILE]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l audience -d 'Audience of the JWT [default: depends on --login-url]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l client-id -d 'Consumer key of the app [env: SFMTLS_CLIENT_ID]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l client-secret-file -d 'File with the consumer secret [env: SFMTLS_CLIENT_SECRET]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l access-token-file -d 'File with an access token [env: SF_ACCESS_TOKEN]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l instance-url -d 'URL of the token\'s org [env: SF_ORG_INSTANCE_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l from-sf -d 'Take over the Salesforce CLI\'s session of this org' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l client-credentials -d 'Use the client credentials flow, at your My Domain'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l show-session-id -d 'Print only the session ID on standard output'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l revoke -d 'End the session on the server, too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s r -l result-format -d 'Format [default: human on a terminal, else json]' -r -f -a "human\t'Aligned names and values'
json\t'A single object'
csv\t'A header and one row'
xml\t'The response, pretty-printed'"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s q -l query -d 'SOQL query, as an option' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s f -l file -d 'File with the query ("-": standard input)' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s r -l result-format -d 'Format [default: human on a terminal, else csv]' -r -f -a "human\t'Aligned columns'
csv\t'RFC 4180, with a header line'
json\t'One document'
ndjson\t'One record per line'
xml\t'One document, with the records as the server sent them'"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l output-file -d 'Write the rows to this file once all are there' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l batch-size -d 'Rows per page, 200 to 2000 [default: 2000]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l all-rows -d 'Include deleted and archived rows (queryAll)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s q -l query -d 'SOQL query, as an option' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s f -l file -d 'File with the query ("-": standard input)' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l bulk-api -d 'Version of the Bulk API [default: 1]' -r -f -a "1\t'Bulk API 1.0: a job, batches and result files'
2\t'Bulk API 2.0: a query job and pages'"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l object -d '1.0: object of the job [default: the one in the FROM clause]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l pk-chunking -d '1.0: split the query into ranges of IDs' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l pk-parent -d '1.0: split by the IDs of this object, for sharing and history objects' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l job-id -d 'Wait for an existing job and download its rows' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l wait -d 'Maximum wait for the job: 90s, 10m, 1h30m' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l parallel -d 'Download this many files or pages at once [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s r -l result-format -d 'Format [default: csv]' -r -f -a "csv\t'As Salesforce sent it, with a single header line'
json\t'One document'
ndjson\t'One record per line'
human\t'Aligned columns'"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l column-delimiter -d '2.0: column delimiter [default: COMMA]' -r -f -a "COMMA\t''
TAB\t''
PIPE\t''
SEMICOLON\t''
CARET\t''
BACKQUOTE\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l line-ending -d '2.0: line ending [default: LF]' -r -f -a "LF\t'Line feed'
CRLF\t'Carriage return and line feed'"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l output-file -d 'Write the rows to this file once all are there' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l all-rows -d 'Include deleted and archived rows (queryAll)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l async -d 'Start the job, print its ID and exit'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l abort -d 'Abort the job given by --job-id'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l host -d 'Org to connect to; a port in it counts as --mtls-port' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l client-ca -d 'CAs that the server accepts for client certificates' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l warn-days -d 'Warn this many days before expiry' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l crit-days -d '--nagios: critical this many days before expiry' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l fix -d 'Write the identity, in good order, to this new file' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l offline -d 'Check the file only, without connecting to anything'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l strict -d 'Treat warnings as errors'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l nagios -d 'Print one line and exit as a monitoring plugin does'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand check-cert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l rows -d 'Number of Contacts in the org' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l dir -d 'Directory for the org\'s files [default: a temporary one]' -r -f -a "(__fish_complete_directories)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -s E -l cert -d 'Certificate and key, PKCS#12 or PEM [env: SFMTLS_CERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l key -d 'Private key, if not in --cert [env: SFMTLS_KEY]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l cert-pass-file -d 'File with the password of the key or PKCS#12 file [env: SFMTLS_CERT_PASSWORD]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l cacert -d 'Trust these CAs, not the system\'s [env: SFMTLS_CACERT]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l tls-min -d 'Lowest TLS version to accept [default: 1.2]' -r -f -a "1.2\t''
1.3\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l mtls-port -d 'Move every API call to this port [env: SFMTLS_MTLS_PORT] [default: 8443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l login-port -d 'Log in on this port, without mutual TLS [env: SFMTLS_LOGIN_PORT] [default: 443]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -s x -l proxy -d 'HTTP CONNECT proxy [env: HTTPS_PROXY, ALL_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l noproxy -d 'Hosts to reach without the proxy, separated by commas [env: NO_PROXY]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l connect-to -d 'Connect to HOST2:PORT2 instead of HOST1:PORT1; the Host header, SNI and verification stay HOST1\'s' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l connect-timeout -d 'Maximum time to connect, TLS included [default: 10]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l idle-timeout -d 'Maximum silence on a connection; twice as long before a response begins [default: 180]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l retry -d 'Retry this many times after a transient error [default: 4]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l api-version -d 'API version; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l profile -l target-org -d 'Name of the cached session [env: SFMTLS_PROFILE]' -r -f -a "(__fish_sfmtls_profiles)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l session -d 'Session cache file, in place of a profile\'s [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]' -r -F
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l login-url -d 'Where to log in [env: SFMTLS_LOGIN_URL]' -r -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l progress -d 'When to show progress; auto: if standard error is a terminal [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l color -d 'When to use colour; auto: on a terminal [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -s k -l insecure -d 'Do not verify the server\'s certificate (prints a warning each time)'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l sandbox -d 'Log in at https://test.salesforce.com'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l json -d 'Print one JSON document, on success and on failure'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -s v -l verbose -d 'Show connections, TLS and HTTP headers; -vv: bodies too'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -l show-curl -d 'Print the equivalent curl command of each request on standard error'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -s s -l silent -d 'Print no progress, notes or warnings'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "login" -d 'Log in and keep the session for later commands'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "logout" -d 'Delete the cached session'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "getuserinfo" -d 'Show whose session it is'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "query" -d 'Run a SOQL query and write all its rows'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "bulk-query" -d 'Run a SOQL query as a bulk job, for results of any size'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "check-cert" -d 'Check a client certificate: what is wrong, and how to fix it'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "demo" -d 'Run the whole walkthrough against an imitation org'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "local-org" -d 'Run an imitation org on this machine, alone or around a command'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "completions" -d 'Print the completion script for a shell'
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help; and not __fish_seen_subcommand_from login logout getuserinfo query bulk-query check-cert demo local-org completions" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'

# The command line behind "--", completed as one.
function __fish_sfmtls_command
    complete -C (string replace -r '^.*?\s--\s+' '' -- (commandline -cp))
end

complete -c sfmtls -n "__fish_sfmtls_using_subcommand login" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand logout" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand getuserinfo" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand query" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand bulk-query" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand demo" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand local-org; and contains -- -- (commandline -opc)" -a "(__fish_sfmtls_command)"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions" -f
complete -c sfmtls -n "__fish_sfmtls_using_subcommand completions; and not __fish_seen_subcommand_from bash elvish fish powershell zsh" -a "bash elvish fish powershell zsh"
complete -c sfmtls -n "__fish_sfmtls_using_subcommand help" -f


using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'sfmtls' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'sfmtls'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'sfmtls' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in (SOAP, port 443, no certificate) and keep the session for the next commands')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget the cached session')
            [CompletionResult]::new('getuserinfo', 'getuserinfo', [CompletionResultType]::ParameterValue, 'Who am I: getUserInfo over mutual TLS')
            [CompletionResult]::new('query', 'query', [CompletionResultType]::ParameterValue, 'Run a SOQL query and write all its rows')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole walkthrough on this machine, against an imitation org')
            [CompletionResult]::new('local-org', 'local-org', [CompletionResultType]::ParameterValue, 'Keep an imitation org running, or run a command with one')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sfmtls;login' {
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'The user name [env: SFMTLS_USERNAME]')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'The user name [env: SFMTLS_USERNAME]')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'File with the password ("-": standard input); else SFMTLS_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--security-token-file', '--security-token-file', [CompletionResultType]::ParameterName, 'File with the security token, which is appended to the password [env: SFMTLS_SECURITY_TOKEN (the token itself)]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--show-session-id', '--show-session-id', [CompletionResultType]::ParameterName, 'Print the session ID, alone, on standard output')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;logout' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'End it on the server too, which ends every other program''s session of that user')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;getuserinfo' {
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Format [default: human on a terminal, json otherwise]')
            [CompletionResult]::new('--result-format', '--result-format', [CompletionResultType]::ParameterName, 'Format [default: human on a terminal, json otherwise]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;query' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'The query')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'The query')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'File with the query ("-": standard input)')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'File with the query ("-": standard input)')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Format [default: human on a terminal, csv otherwise and in files]')
            [CompletionResult]::new('--result-format', '--result-format', [CompletionResultType]::ParameterName, 'Format [default: human on a terminal, csv otherwise and in files]')
            [CompletionResult]::new('--output-file', '--output-file', [CompletionResultType]::ParameterName, 'Write the rows to this file, which appears only when it is whole')
            [CompletionResult]::new('--batch-size', '--batch-size', [CompletionResultType]::ParameterName, 'Rows a page, 200 to 2000 [default: 2000]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('--all-rows', '--all-rows', [CompletionResultType]::ParameterName, 'Deleted and archived rows too (queryAll)')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;demo' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;local-org' {
            [CompletionResult]::new('--rows', '--rows', [CompletionResultType]::ParameterName, 'How many Contacts the org has')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Where to write its certificates and identities [default: a temporary directory]')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;completions' {
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'The identity: PKCS#12, or PEM with key, certificate and intermediates in any order [env: SFMTLS_CERT]')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The private key, when it is not in --cert [env: SFMTLS_KEY]')
            [CompletionResult]::new('--cert-pass-file', '--cert-pass-file', [CompletionResultType]::ParameterName, 'File with the password of the PKCS#12 or of the encrypted key ("-": standard input); else the password itself in SFMTLS_CERT_PASSWORD, else a hidden prompt')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Trust these CAs instead of the system''s [env: SFMTLS_CACERT]')
            [CompletionResult]::new('--tls-min', '--tls-min', [CompletionResultType]::ParameterName, 'Lowest TLS version: 1.2 or 1.3 [default: 1.2]')
            [CompletionResult]::new('--mtls-port', '--mtls-port', [CompletionResultType]::ParameterName, 'Port that every API call is moved to [env: SFMTLS_MTLS_PORT] [default: 8443]')
            [CompletionResult]::new('--login-port', '--login-port', [CompletionResultType]::ParameterName, 'Port without mutual TLS, for login [env: SFMTLS_LOGIN_PORT] [default: 443]')
            [CompletionResult]::new('-x', '-x', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'HTTP CONNECT proxy, [http://|https://][user:password@]host[:port] [env: HTTPS_PROXY, ALL_PROXY]')
            [CompletionResult]::new('--noproxy', '--noproxy', [CompletionResultType]::ParameterName, 'Hosts that are reached without the proxy, separated by commas [env: NO_PROXY]')
            [CompletionResult]::new('--connect-to', '--connect-to', [CompletionResultType]::ParameterName, 'Connect to HOST2:PORT2 instead of HOST1:PORT1, keeping HOST1''s name, SNI and verification')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Longest time for TCP and TLS [default: 10]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Longest silence on a connection [default: 180]')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'How often to try again after a passing fault [default: 4]')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'Version of the API; SOAP login uses at most 64.0 [env: SFMTLS_API_VERSION] [default: 64.0]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which cached session [env: SFMTLS_PROFILE] [default: default]')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'The session cache file itself [env: SFMTLS_SESSION] [default: $XDG_CACHE_HOME/sfmtls/PROFILE.json]')
            [CompletionResult]::new('--login-url', '--login-url', [CompletionResultType]::ParameterName, 'Where to log in: a My Domain URL, a SOAP endpoint, or a URL with a port [env: SFMTLS_LOGIN_URL] [default: https://login.salesforce.com]')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Progress on standard error [default: auto]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Do not verify the server; warns each time')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Log in at https://test.salesforce.com')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON document on standard output, for success and for failure; with --output-file the document says how many rows are in the file')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show connections, TLS, heads and timing on standard error; -vv bodies too')
            [CompletionResult]::new('--show-curl', '--show-curl', [CompletionResultType]::ParameterName, 'Show on standard error, for each request, the curl command that does the same')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'No progress, no notes, no warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sfmtls;help' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in (SOAP, port 443, no certificate) and keep the session for the next commands')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget the cached session')
            [CompletionResult]::new('getuserinfo', 'getuserinfo', [CompletionResultType]::ParameterValue, 'Who am I: getUserInfo over mutual TLS')
            [CompletionResult]::new('query', 'query', [CompletionResultType]::ParameterValue, 'Run a SOQL query and write all its rows')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show the whole walkthrough on this machine, against an imitation org')
            [CompletionResult]::new('local-org', 'local-org', [CompletionResultType]::ParameterValue, 'Keep an imitation org running, or run a command with one')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sfmtls;help;login' {
            break
        }
        'sfmtls;help;logout' {
            break
        }
        'sfmtls;help;getuserinfo' {
            break
        }
        'sfmtls;help;query' {
            break
        }
        'sfmtls;help;demo' {
            break
        }
        'sfmtls;help;local-org' {
            break
        }
        'sfmtls;help;completions' {
            break
        }
        'sfmtls;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

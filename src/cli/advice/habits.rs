//! The tables: what people type out of habit, and what it is called here.

/// Names, and what to type in their place.
pub(super) type Tips = &'static [(&'static [&'static str], &'static str)];

/// Arguments of other programs, and guesses. A name may have one of our commands before it, where it
/// means something else there.
pub(super) const ARGUMENTS: Tips = &[
    // curl's.
    (
        &["-u", "--user"],
        "the user is named at the login, sfmtls login -u USER, or for every command in SFMTLS_USERNAME",
    ),
    (
        &["--pass", "-p", "--password", "--passphrase"],
        "secrets are never given on the command line: --password-file FILE or SFMTLS_PASSWORD for \
         the login, --cert-pass-file FILE or SFMTLS_CERT_PASSWORD for the key",
    ),
    (
        &[
            "-H",
            "--header",
            "-d",
            "--data",
            "--data-binary",
            "-X",
            "--request",
        ],
        "sfmtls writes the requests itself; --show-curl prints curl commands that you can change",
    ),
    (
        &["--cert-type", "--key-type"],
        "leave it out: the format is detected from the content",
    ),
    (&["--cafile", "--ca-file", "--ca"], "--cacert FILE"),
    (
        &["--cert-file", "--client-cert", "--certificate"],
        "-E FILE, or --cert FILE: certificate and key, PKCS#12 or PEM",
    ),
    (
        &["--capath"],
        "--cacert FILE, or a folder in the variable SSL_CERT_DIR",
    ),
    (
        &[
            "--tlsv1.2",
            "--tlsv1.3",
            "--tls-max",
            "--tls-version",
            "--tls",
        ],
        "--tls-min VERSION is the lowest TLS version, 1.2 or 1.3",
    ),
    (
        &["-m", "--max-time", "--timeout"],
        "--connect-timeout SECS and --idle-timeout SECS; a download may take as long as it needs",
    ),
    (
        &["--resolve"],
        "--connect-to HOST1:PORT1:HOST2:PORT2 takes an address as HOST2",
    ),
    (
        &["--include", "-I", "--head", "--write-out"],
        "-v shows the headers of requests and responses, and how long each took",
    ),
    (
        &["--trace", "--trace-ascii", "--debug"],
        "-vv shows everything that is sent and received",
    ),
    (
        &["-L", "--location"],
        "leave it out: redirects are not followed, the session ID goes to one host alone",
    ),
    (
        &["-S", "--show-error"],
        "leave it out: errors are shown with -s, too",
    ),
    (
        &["--fail"],
        "leave it out: each kind of failure has an exit status of its own, see sfmtls --help",
    ),
    (
        &["--compressed"],
        "leave it out: answers come compressed where that helps",
    ),
    (
        &["-O", "--output"],
        "--output-file FILE is where query and bulk-query write their rows",
    ),
    (
        &["-o"],
        "--output-file FILE is where rows are written (curl's -o), --profile NAME which session (sf's -o)",
    ),
    (&["-#", "--progress-bar"], "--progress always"),
    // sf's.
    (
        &["-w"],
        "--wait DURATION is how long bulk-query waits for its job (sf's -w); -v shows the timing (curl's -w)",
    ),
    (
        &["-i"],
        "--job-id ID names a bulk job (sf's -i); -v shows the headers (curl's -i)",
    ),
    (
        &["-b", "--bulk"],
        "bulk jobs have a command of their own: sfmtls bulk-query",
    ),
    (
        &["-t", "--use-tooling-api"],
        "the Tooling API is not supported: query uses the SOAP API, bulk-query the Bulk API",
    ),
    (
        &["-a", "--alias", "--set-default", "login -d", "login -o"],
        "--profile NAME keeps sessions apart, and picks one; SFMTLS_PROFILE does it for every command",
    ),
    (&["login -i"], "--client-id ID is the app's consumer key"),
    (
        &["login -r"],
        "--login-url URL is where to log in, --instance-url URL where a token's org is",
    ),
    (
        &["login -f", "login jwt"],
        "sfmtls login --jwt-key-file FILE --client-id ID -u USER",
    ),
    (
        &["login web", "--web", "login org", "login sf"],
        "to log in in a browser, use sf: sf org login web, then sfmtls login --from-sf ALIAS",
    ),
    (
        &["login access-token", "--access-token"],
        "sfmtls login --access-token-file FILE --instance-url URL",
    ),
    // Others', and guesses.
    (
        &["--token"],
        "sfmtls login --access-token-file FILE for an access token, --security-token-file FILE for a security token",
    ),
    (
        &["--delimiter", "--delim", "--separator"],
        "--column-delimiter NAME, with bulk-query --bulk-api 2",
    ),
    (
        &["--pretty", "--jq", "--filter"],
        "pipe JSON to jq: -r json | jq .; a table is -r human",
    ),
    (
        &[
            "-n",
            "--no-headers",
            "--no-header",
            "--noheader",
            "--skip-header",
        ],
        "pipe the rows to tail -n +2, which leaves the header out",
    ),
    (
        &["query -c", "bulk-query -c", "--count"],
        "-r csv writes CSV; SELECT COUNT() FROM Contact counts rows",
    ),
    (
        &["--status", "--report", "--no-wait"],
        "sfmtls bulk-query --job-id ID --wait 0 checks a job once, --async starts one and exits",
    ),
    (&["--format"], "-r FORMAT, for example -r csv"),
    (&["--csv"], "-r csv"),
    (&["--ndjson"], "-r ndjson"),
    (&["--xml"], "-r xml"),
    (&["--soql"], "-q SOQL, or the query alone in quotes"),
    (
        &["--limit", "--top", "--max-rows"],
        "write it into the query: SELECT Id FROM Contact LIMIT 10",
    ),
    (&["--quiet"], "-s, --silent"),
    (
        &["--no-progress", "--no-progress-meter"],
        "--progress never",
    ),
    (&["--no-color"], "--color never"),
    (&["--no-verify"], "-k, --insecure; or better --cacert FILE"),
    (
        &["--targetusername", "--target-username"],
        "--profile NAME names the session",
    ),
    (
        &["--security-token"],
        "a secret never stands on the command line: sfmtls login --security-token-file FILE, or \
         SFMTLS_SECURITY_TOKEN",
    ),
    (
        &[
            "getuserinfo --output-file",
            "check-cert --output-file",
            "login --output-file",
        ],
        "it prints its result: write >FILE behind the command",
    ),
    (
        &["local-org --port", "local-org -P"],
        "leave it out: the org takes ports that are free, and prints them",
    ),
    (
        &["logout --all"],
        "sfmtls logout --profile NAME deletes one session; the sessions there are: ls ~/.cache/sfmtls",
    ),
    (&["--days"], "--warn-days N"),
    (&["-V"], "sfmtls --version"),
    (&["--url"], "--login-url URL is where to log in"),
    (
        &["-P", "--port"],
        "--mtls-port PORT for API calls, --login-port PORT for the login",
    ),
];

/// Commands of other programs, and ours that does it. Where a word is not enough, the next one is
/// behind it.
pub(super) const COMMANDS: Tips = &[
    (
        &["soql", "data", "select", "rows", "force"],
        "sfmtls query \"SELECT Id, Name FROM Account\"",
    ),
    (
        &["bulk", "export"],
        "sfmtls bulk-query \"SELECT Id FROM Contact\"",
    ),
    (&["job", "jobs", "resume"], "sfmtls bulk-query --job-id ID"),
    (
        &["abort", "cancel"],
        "sfmtls bulk-query --job-id ID --abort",
    ),
    (
        &["describe", "sobject", "schema", "fields"],
        "sfmtls query \"SELECT FIELDS(ALL) FROM Account LIMIT 1\"",
    ),
    (
        &["config", "configure", "set"],
        "there is no configuration file: sfmtls --help shows the options and their variables",
    ),
    (
        &["limits"],
        "Salesforce shows them under Setup > Company Information",
    ),
    (
        &[
            "whoami",
            "me",
            "user",
            "userinfo",
            "user-info",
            "id",
            "org",
            "display",
            "org display",
            "ping",
        ],
        "sfmtls getuserinfo",
    ),
    (
        &["org login", "web"],
        "to log in in a browser, use sf: sf org login web, then sfmtls login --from-sf ALIAS",
    ),
    (&["org logout"], "sfmtls logout"),
    (
        &["org list", "list", "ls", "profile", "profiles", "sessions"],
        "each session is a file named after its profile: ls ~/.cache/sfmtls",
    ),
    (
        &["status"],
        "sfmtls getuserinfo shows whether the session works, sfmtls bulk-query --job-id ID --wait 0 how far a job is",
    ),
    (
        &["man", "manual", "usage"],
        "sfmtls help, sfmtls help query",
    ),
    (
        &[
            "auth",
            "signin",
            "sign-in",
            "connect",
            "session",
            "authorize",
        ],
        "sfmtls login",
    ),
    (&["signout", "sign-out", "disconnect"], "sfmtls logout"),
    (
        &[
            "check", "cert", "verify", "doctor", "diagnose", "lint", "fix", "test",
        ],
        "sfmtls check-cert client.pem",
    ),
    (
        &["mock", "server", "sandbox", "start", "org-local"],
        "sfmtls local-org -- bash",
    ),
    (
        &["walkthrough", "tour", "tutorial", "example"],
        "sfmtls demo",
    ),
    (
        &["autocomplete", "complete", "completion"],
        "sfmtls completions bash",
    ),
    (&["version"], "sfmtls --version"),
];

/// Formats of others, and ours.
pub(super) const FORMATS: Tips = &[
    (
        &["table", "tabel", "text", "txt", "plain", "pretty"],
        "-r human",
    ),
    (&["jsonl", "jsonlines", "json-lines"], "-r ndjson"),
    (&["excel", "xlsx", "xls"], "-r csv"),
    (
        &["tsv", "tab"],
        "tabs between cells: sfmtls bulk-query --bulk-api 2 --column-delimiter TAB",
    ),
];

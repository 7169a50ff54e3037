//! The imitation org on the loopback interface. Shares nothing with the client but the wire.
//!
//! It imitates what the documents and public captures say of the service, so that one misreading cannot
//! hide another: strict where the service is strict, varied where it may vary, its failures
//! [`Switches`] and planned [`Mishap`]s. It mints its certificates at each start and keeps nothing.
//! SOAP is in `partner`, the bulk APIs in `bulk`, OAuth in `token`; a further API is one more module.
//!
//! ```no_run
//! use sfmtls::local_org::{Call, Config, Mishap, Org, When};
//!
//! let org = Org::start(Config::default())?;
//! org.plan(Call::QueryMore, When::Nth(2), Mishap::Chunked(1000));
//! for (name, value) in org.environment() {
//!     println!("export {name}='{value}'");
//! }
//! # Ok::<(), std::io::Error>(())
//! ```

mod alert;
mod answer;
mod bulk;
mod certificates;
mod data;
mod directory;
mod filter;
mod groups;
mod http;
mod journal;
mod link;
mod login;
mod partner;
pub mod plain;
pub mod proxy;
mod query;
mod record;
mod selection;
mod server;
mod service;
mod soap;
mod soql;
mod state;
mod switches;
#[cfg(test)]
mod tests;
mod tls;
mod token;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub use bulk::{BulkSwitches, Chunks, EmptyResult, ListSwitches, Pace};
pub use certificates::{Files, LeafKey};
pub use journal::{Entry, Journal, Port, SessionSeen};
pub use login::User;
pub use switches::{
    Call, Ending, FaultShape, HighestTls, Interruption, LoginRule, Mishap, NamedCas, Prefixes,
    RefusalPage, ServerCertificate, SignatureAlgorithms, Switches, TlsSwitches, When,
};

pub use token::OauthSwitches;

use directory::Directory;
use login::Session;
use server::Server;
use state::{State, locked};
use switches::Plan;
use token::App;

/// What an org starts with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the identity files go; made if it is not there, never removed. No file is replaced but those
    /// of an org before. Default: a temporary directory that goes with the org.
    pub dir: Option<PathBuf>,
    /// The port like 443. Default 0: any.
    pub login_port: u16,
    /// The port like 8443. Default 0: any.
    pub mutual_port: u16,
    /// Contacts in the org; other objects follow from them. Default 25.
    pub rows: u64,
    /// Who can log in; the first is the one that [`Org::environment`] names. Default: one with
    /// enforced mutual authentication and one without.
    pub users: Vec<User>,
    /// Kind of the main client key. Default P-256.
    pub leaf_key: LeafKey,
    /// Behaviour from the start on.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        let user = |username: &str, enforced, id: &str, full_name: &str| User {
            username: username.to_owned(),
            password: "p&ss<word>\"'1".to_owned(),
            security_token: "XZtoken0123456789abcdefgh".to_owned(),
            enforced,
            id: id.to_owned(),
            full_name: full_name.to_owned(),
        };
        Self {
            dir: None,
            login_port: 0,
            mutual_port: 0,
            rows: 25,
            users: vec![
                user(
                    "integration@acme.test",
                    true,
                    "00536000000a1b2AAA",
                    "Integration User",
                ),
                user(
                    "free@acme.test",
                    false,
                    "00536000000a1b3AAA",
                    "Zoë \u{201c}Free\u{201d} O'Neil & Co",
                ),
            ],
            leaf_key: LeafKey::default(),
            switches: Switches::default(),
        }
    }
}

/// A running org. It stops, and its connections with it, when dropped.
pub struct Org {
    server: Server,
    state: Arc<State>,
    /// Keeps other orgs out.
    directory: Mutex<Directory>,
    // Dropped last: the directory goes when nothing is served any more.
    _temporary: Option<tempfile::TempDir>,
}

impl Org {
    /// Mints the certificates, writes the files and begins to listen on `127.0.0.1` and, where there is
    /// one, `::1`.
    ///
    /// # Errors
    /// When the directory cannot be written to, holds files of others under the names of the org's, or is
    /// another org's; a port is taken, or `users` is empty.
    pub fn start(config: Config) -> io::Result<Self> {
        let Some(first) = config.users.first() else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "an org needs a user",
            ));
        };
        let (dir, temporary) = match config.dir {
            Some(dir) => (dir, None),
            None => {
                let temporary = directory::temporary()?;
                (temporary.path().to_path_buf(), Some(temporary))
            }
        };
        let mut directory = Directory::take(&dir)?;
        let app = App::new();
        let certificates = certificates::mint(
            &mut directory,
            config.leaf_key,
            &first.password_with_token(),
            &app,
        )?;
        let state = Arc::new(State::new(
            certificates,
            app,
            config.users,
            config.rows,
            config.switches,
        ));
        let server = Server::start(Arc::clone(&state), config.login_port, config.mutual_port)?;
        Ok(Self {
            server,
            state,
            directory: Mutex::new(directory),
            _temporary: temporary,
        })
    }

    /// The port like 443: login(), no client certificates.
    #[must_use]
    pub fn login_port(&self) -> u16 {
        self.server.login_port
    }

    /// The port like 8443: client certificates.
    #[must_use]
    pub fn mutual_port(&self) -> u16 {
        self.server.mutual_port
    }

    /// Identity files and the directory that holds them.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.state.certificates.files
    }

    /// The user that [`Org::environment`] names.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.state.users[0]
    }

    /// The consumer key of the app that may ask for tokens, also in [`Files::client_id`].
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.state.app.client_id
    }

    /// The app's secret, also in [`Files::client_secret`].
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.state.app.client_secret
    }

    /// The file with the key that JWTs for the app are signed with: RSA with 2048 bits, PKCS#8. It is minted
    /// and written when first asked for, which takes up to 0.3 s; until then no JWT is good.
    ///
    /// # Errors
    /// When the file cannot be written, or one of another's is there.
    pub fn jwt_key(&self) -> io::Result<PathBuf> {
        let mut directory = locked(&self.directory);
        let content = self.state.app.mint_key()?.private_key_to_pem_pkcs8()?;
        directory.add(directory::JWT_KEY, content)
    }

    /// The variables that make a client use this org with SOAP login().
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let files = self.files();
        let user = self.user();
        let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
        [
            ("SFMTLS_CERT", path(&files.client)),
            ("SFMTLS_CACERT", path(&files.ca)),
            (
                "SFMTLS_LOGIN_URL",
                format!("https://localhost:{}", self.login_port()),
            ),
            ("SFMTLS_LOGIN_PORT", self.login_port().to_string()),
            ("SFMTLS_MTLS_PORT", self.mutual_port().to_string()),
            ("SFMTLS_USERNAME", user.username.clone()),
            ("SFMTLS_PASSWORD", user.password.clone()),
            ("SFMTLS_SECURITY_TOKEN", user.security_token.clone()),
            ("SFMTLS_SESSION", path(&files.dir.join(directory::SESSION))),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Changes standing behaviour.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        self.state.switch(change);
    }

    /// Lets something go wrong with some of the requests to come. Of several plans for one request, the
    /// first made holds.
    pub fn plan(&self, call: Call, when: When, mishap: Mishap) {
        self.state.plans().push(Plan {
            call,
            when,
            mishap,
            seen: 0,
        });
    }

    /// Gives out a session of the user at this index of [`Config::users`] without a login().
    #[must_use]
    pub fn session(&self, user: usize, host: &str) -> String {
        let session = Session::new(user, host, self.state.now());
        self.state.sessions().begin(session)
    }

    /// Ends every session, as time would.
    pub fn end_sessions(&self) {
        self.state.sessions().end_all();
    }

    /// Ends every query locator, as time would.
    pub fn end_queries(&self) {
        locked(&self.state.cursors).end_all();
    }

    /// What was asked so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.state.journal()
    }

    /// The same, which the org then forgets: for a long run, whose memory is looked at.
    #[must_use]
    pub fn take_journal(&self) -> Journal {
        self.state.take_journal()
    }
}

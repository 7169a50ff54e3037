//! Each way to fail, as a person reads it and as a script gets it.
//!
//! The modules are one table, split by theme. A [`case`](table::case) names what is wrong, sets the
//! world accordingly, and says what the program answers: its exit status, the stable code, and the
//! exact text on standard error. `--json` carries the same facts, so its exact document follows from
//! those three; `a_document_in_full` shows one.
//!
//! Unless a case says otherwise, the world is an org in good order. For `login` the environment holds
//! the credentials; for every other command it holds none, and a session is in the cache.

mod alerts;
mod answers;
mod certificates;
mod connection;
mod faults;
mod identity;
mod login;
mod output;
mod page;
mod proxy;
mod retries;
mod servers;
mod session;
mod table;
mod trust;
mod usage;
mod world;

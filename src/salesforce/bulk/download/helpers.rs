//! The threads that fetch ahead, and how they hand over.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::fetch::{Fetch, Filled, Meter};
use super::{Options, Source};
use crate::salesforce::bulk::BulkError;

/// How many parts may be ahead of the one being written: each one that is complete holds a file open.
const AHEAD: usize = 64;

/// How long a thread waits before it checks for itself: a notification may be missed, and the calling
/// thread reports progress meanwhile.
const POLL: Duration = Duration::from_millis(100);

/// The helpers of one download. When it is dropped, they are told to stop, but not waited for.
pub(super) struct Helpers<S: Source> {
    shared: Arc<Shared<S>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared<S: Source> {
    source: Arc<S>,
    options: Options,
    meter: Meter,
    /// The part whose turn it is.
    turn: AtomicUsize,
    stop: AtomicBool,
    /// Held while the source is asked for the next part, so that parts are begun in order.
    starting: Mutex<()>,
    board: Mutex<Board<S::Part>>,
    changed: Condvar,
}

struct Board<P> {
    /// The next part to begin.
    next: usize,
    /// Parts that wait for the calling thread.
    handed_over: BTreeMap<usize, Fetch<P>>,
    failed: Option<BulkError>,
}

/// What the calling thread gets when it asks for the part whose turn it is.
pub(super) enum Taken<P> {
    Fetch(Fetch<P>),
    /// There is none.
    End,
    /// A helper has it.
    NotYet,
}

impl<S: Source> Helpers<S> {
    pub(super) fn new(source: Arc<S>, options: &Options) -> Self {
        Self {
            shared: Arc::new(Shared {
                source,
                options: options.clone(),
                meter: Meter::default(),
                turn: AtomicUsize::new(0),
                stop: AtomicBool::new(false),
                starting: Mutex::default(),
                board: Mutex::new(Board {
                    next: 0,
                    handed_over: BTreeMap::new(),
                    failed: None,
                }),
                changed: Condvar::new(),
            }),
            threads: Vec::new(),
        }
    }

    pub(super) fn source(&self) -> &Arc<S> {
        &self.shared.source
    }

    pub(super) fn options(&self) -> &Options {
        &self.shared.options
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.shared.meter
    }

    /// The error of a helper, or of the source, if there is one.
    pub(super) fn check(&self) -> Result<(), BulkError> {
        if !self.shared.stopped() {
            return Ok(());
        }
        match self.shared.lock().failed.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Takes part `turn`: from the helper that has begun it, else from the source.
    pub(super) fn take(&mut self, turn: usize) -> Taken<S::Part> {
        self.shared.turn.store(turn, Ordering::Release);
        self.shared.changed.notify_all();
        if self.shared.lock().next == turn
            && let Some(begun) = self.begin(turn)
        {
            return begun;
        }
        let board = self.shared.lock();
        let waits = |board: &mut Board<S::Part>| {
            board.failed.is_none() && !board.handed_over.contains_key(&turn)
        };
        let waited = self.shared.changed.wait_timeout_while(board, POLL, waits);
        let (mut board, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let handed_over = board.handed_over.remove(&turn);
        drop(board);
        self.reap();
        match handed_over {
            Some(fetch) => Taken::Fetch(fetch),
            None => Taken::NotYet,
        }
    }

    /// Begins part `turn`, unless a helper has done so meanwhile, or the source fails.
    fn begin(&mut self, turn: usize) -> Option<Taken<S::Part>> {
        let part = match self.shared.begin(|next| next == turn) {
            Begun::Part(_, part) => part,
            Begun::End => return Some(Taken::End),
            Begun::Not => return None,
        };
        // Not earlier, or a helper might begin this part. Helpers that found the source empty have
        // ended, and it may have more by now.
        self.reap();
        for _ in self.threads.len() + 1..self.shared.options.parallel {
            let shared = Arc::clone(&self.shared);
            self.threads.push(std::thread::spawn(move || shared.help()));
        }
        Some(Taken::Fetch(Fetch::new(part)))
    }

    /// Joins the threads that have ended, and panics if one of them did.
    fn reap(&mut self) {
        for thread in self.threads.extract_if(.., |thread| thread.is_finished()) {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}

impl<S: Source> Drop for Helpers<S> {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.changed.notify_all();
    }
}

enum Begun<P> {
    Part(usize, P),
    /// The source has no more.
    End,
    /// The next part is not wanted, or there was an error.
    Not,
}

impl<S: Source> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, Board<S::Part>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn fail(&self, error: BulkError) {
        self.lock().failed.get_or_insert(error);
        self.stop.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// Begins the next part, if `wanted` says so.
    ///
    /// A source that has failed is not asked again: its answer might be taken for its end.
    fn begin(&self, wanted: impl FnOnce(usize) -> bool) -> Begun<S::Part> {
        let starting = self.starting.lock();
        let _starting = starting.unwrap_or_else(PoisonError::into_inner);
        let next = self.lock().next;
        if self.stopped() || !wanted(next) {
            return Begun::Not;
        }
        match self.source.next() {
            Ok(Some(part)) => {
                self.lock().next = next + 1;
                Begun::Part(next, part)
            }
            Ok(None) => Begun::End,
            Err(error) => {
                self.fail(error);
                Begun::Not
            }
        }
    }

    /// What a helper does, until there is nothing more to begin.
    fn help(&self) {
        while self.wait_for_room() {
            match self.begin(|next| self.has_room(next)) {
                Begun::Part(index, part) => {
                    if let Err(error) = self.fetch(index, part) {
                        self.fail(error);
                    }
                }
                Begun::End => return,
                Begun::Not => {}
            }
        }
    }

    fn has_room(&self, next: usize) -> bool {
        next < self.turn.load(Ordering::Acquire) + AHEAD
    }

    /// Waits until one more part may be begun; `false` means that the work is over.
    fn wait_for_room(&self) -> bool {
        let mut board = self.lock();
        while !self.stopped() && !self.has_room(board.next) {
            // Turn and stop change without the board's lock, so a notification may be missed.
            let waited = self.changed.wait_timeout(board, POLL);
            board = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        !self.stopped()
    }

    /// Fetches a part until it is complete or its turn has come.
    fn fetch(&self, index: usize, part: S::Part) -> Result<(), BulkError> {
        let mut fetch = Fetch::new(part);
        while self.turn.load(Ordering::Acquire) != index {
            if self.stopped() {
                return Ok(());
            }
            match fetch.fill(&*self.source, &self.options, &self.meter)? {
                Filled::Some => {}
                Filled::Full => fetch.spool(&self.options.folder)?,
                Filled::End => {
                    fetch.spool(&self.options.folder)?;
                    break;
                }
            }
        }
        self.lock().handed_over.insert(index, fetch);
        self.changed.notify_all();
        Ok(())
    }
}

//! The helpers that fetch ahead, and how they hand over.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::fetch::{Fetch, Filled, Meter};
use super::{Options, Source};
use crate::salesforce::bulk::BulkError;

/// Parts that may be ahead of the one being written: each that is whole holds an open file.
const AHEAD: usize = 64;

/// The calling thread looks this often whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// The helpers of one download. They are told to stop, not waited for, when it is dropped.
pub(super) struct Side<S: Source> {
    shared: Arc<Shared<S>>,
    helpers: Vec<JoinHandle<()>>,
}

struct Shared<S: Source> {
    source: Arc<S>,
    options: Options,
    meter: Meter,
    /// The part whose turn it is.
    turn: AtomicUsize,
    stop: AtomicBool,
    /// Held while the source is asked for the next part, so that parts begin in order.
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

impl<S: Source> Side<S> {
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
            helpers: Vec::new(),
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

    /// The error of a helper, if one has failed.
    pub(super) fn check(&self) -> Result<(), BulkError> {
        if !self.shared.stop.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.shared.lock().failed.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Takes part `turn`: from the source where no helper has begun it, else from the helper.
    pub(super) fn take(&mut self, turn: usize) -> Result<Taken<S::Part>, BulkError> {
        self.shared.turn.store(turn, Ordering::Release);
        self.shared.changed.notify_all();
        if self.shared.lock().next == turn
            && let Some(begun) = self.begin(turn)?
        {
            return Ok(begun);
        }
        let board = self.shared.lock();
        let waits = |board: &mut Board<S::Part>| {
            board.failed.is_none() && !board.handed_over.contains_key(&turn)
        };
        let waited = self.shared.changed.wait_timeout_while(board, LOOK, waits);
        let (mut board, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match board.handed_over.remove(&turn) {
            Some(fetch) => Ok(Taken::Fetch(fetch)),
            None => Ok(Taken::NotYet),
        }
    }

    /// Begins part `turn`, unless a helper has done so meanwhile.
    fn begin(&mut self, turn: usize) -> Result<Option<Taken<S::Part>>, BulkError> {
        let begun = self.shared.begin(|next| next == turn)?;
        let Begun::Part(_, part) = begun else {
            return Ok(matches!(begun, Begun::End).then_some(Taken::End));
        };
        // Only now, so that this part is not theirs. A source that had no more may have more now.
        self.helpers.retain(|helper| !helper.is_finished());
        for _ in self.helpers.len() + 1..self.shared.options.parallel {
            let shared = Arc::clone(&self.shared);
            self.helpers.push(std::thread::spawn(move || shared.help()));
        }
        Ok(Some(Taken::Fetch(Fetch::new(part))))
    }
}

impl<S: Source> Drop for Side<S> {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.changed.notify_all();
    }
}

enum Begun<P> {
    Part(usize, P),
    /// The source has no more.
    End,
    /// The next part is not one that is wanted.
    Other,
}

impl<S: Source> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, Board<S::Part>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the next part, if `wanted` wants it.
    fn begin(&self, wanted: impl FnOnce(usize) -> bool) -> Result<Begun<S::Part>, BulkError> {
        let starting = self.starting.lock();
        let _starting = starting.unwrap_or_else(PoisonError::into_inner);
        let next = self.lock().next;
        if !wanted(next) {
            return Ok(Begun::Other);
        }
        let Some(part) = self.source.next()? else {
            return Ok(Begun::End);
        };
        self.lock().next = next + 1;
        Ok(Begun::Part(next, part))
    }

    /// What a helper does until there is nothing more to begin.
    fn help(&self) {
        loop {
            let begun = match self.wait_for_room() {
                true => self.begin(|next| self.has_room(next)),
                false => return,
            };
            let done = begun.and_then(|begun| match begun {
                Begun::Part(index, part) => self.fetch(index, part).map(|()| true),
                Begun::End => Ok(false),
                Begun::Other => Ok(true),
            });
            match done {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    self.lock().failed.get_or_insert(error);
                    self.stop.store(true, Ordering::Release);
                    self.changed.notify_all();
                    return;
                }
            }
        }
    }

    fn has_room(&self, next: usize) -> bool {
        next < self.turn.load(Ordering::Acquire) + AHEAD
    }

    /// Waits until one more part may be begun; `false` is the end of the work.
    fn wait_for_room(&self) -> bool {
        let stopped = || self.stop.load(Ordering::Acquire);
        let mut board = self.lock();
        while !stopped() && !self.has_room(board.next) {
            // Turn and stop change without the board's lock, so a signal may be missed.
            let waited = self.changed.wait_timeout(board, LOOK);
            board = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        !stopped()
    }

    /// Fetches a part until it is whole or its turn has come.
    fn fetch(&self, index: usize, part: S::Part) -> Result<(), BulkError> {
        let mut fetch = Fetch::new(part);
        while self.turn.load(Ordering::Acquire) != index {
            if self.stop.load(Ordering::Acquire) {
                return Ok(());
            }
            match fetch.fill(&*self.source, &self.options, &self.meter)? {
                Filled::Some => {}
                Filled::Full => fetch.park(&self.options.folder)?,
                Filled::End => {
                    fetch.park(&self.options.folder)?;
                    break;
                }
            }
        }
        self.lock().handed_over.insert(index, fetch);
        self.changed.notify_all();
        Ok(())
    }
}

//! What one request and its answer (RFC 9110 calls them an exchange) did on their connection.
//!
//! ureq gives a request no way to hand a value to the connection that serves it, and a pooled
//! connection does not learn of its next request. But a request is written by the thread that sends
//! it; so its [`Exchange`] lies in a slot of that thread while [`super::Transport::send`] runs, and
//! the connection takes it from there with the first write.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::trace::{RequestTrace, Tracer};

thread_local! {
    static CURRENT: RefCell<Option<Arc<Exchange>>> = const { RefCell::new(None) };
}

/// The counters of one request, and what its connection announces when it starts.
#[derive(Debug)]
pub(crate) struct Exchange {
    sent: AtomicU64,
    received: AtomicU64,
    /// What had arrived when the last piece of the body was handed out.
    handed_out: AtomicU64,
    reused: AtomicBool,
    certificate_requested: OnceLock<bool>,
    tracer: Tracer,
    request: RequestTrace,
}

impl Exchange {
    pub(crate) fn new(tracer: Tracer, request: RequestTrace) -> Arc<Self> {
        Arc::new(Self {
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            handed_out: AtomicU64::new(0),
            reused: AtomicBool::new(false),
            certificate_requested: OnceLock::new(),
            tracer,
            request,
        })
    }

    /// Runs `work` with this exchange in the thread's slot.
    pub(crate) fn during<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        /// Empties the slot also when `work` panics.
        struct Slot;
        impl Drop for Slot {
            fn drop(&mut self) {
                CURRENT.with_borrow_mut(Option::take);
            }
        }
        CURRENT.set(Some(Arc::clone(self)));
        let _slot = Slot;
        work()
    }

    /// The exchange of the request that this thread is sending.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// A connection takes the request over, on which the server asked for a client certificate or not.
    pub(crate) fn started(&self, reused: bool, certificate_requested: Option<bool>) {
        self.reused.store(reused, Ordering::Relaxed);
        if let Some(requested) = certificate_requested {
            // There is one connection to a request: ureq does not send it again.
            let _ = self.certificate_requested.set(requested);
        }
        if reused {
            self.tracer
                .info(|| "re-using the open connection".to_owned());
        }
        self.request.show(&self.tracer);
    }

    pub(crate) fn add_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn add_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes handed to TLS for this request, whether or not they arrived.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes of the answer, head included.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// A piece of the body has been handed out.
    pub(crate) fn hand_out(&self) {
        self.handed_out.store(self.received(), Ordering::Relaxed);
    }

    /// Bytes of the answer that arrived since the last piece of its body was handed out.
    pub(crate) fn received_for_nothing(&self) -> u64 {
        let handed_out = self.handed_out.load(Ordering::Relaxed);
        self.received().saturating_sub(handed_out)
    }

    /// Whether the server asked for a client certificate; `None` where that is not known.
    pub(crate) fn certificate_requested(&self) -> Option<bool> {
        self.certificate_requested.get().copied()
    }

    /// Whether the connection had served a request before.
    pub(crate) fn reused(&self) -> bool {
        self.reused.load(Ordering::Relaxed)
    }
}

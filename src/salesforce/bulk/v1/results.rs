//! The result files of a job's batches, one batch after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{BatchInfo, BatchState, get, result_ids};
use crate::salesforce::bulk::download::{Opened, Source};
use crate::salesforce::bulk::{BulkError, Id};
use crate::salesforce::call::open;
use crate::salesforce::client::{Client, ClientError};

/// The results of all completed batches; others have none.
///
/// After a batch's last file its rows are compared with `numberRecordsProcessed`. If there are fewer, its
/// list of results is requested once more: it may have grown.
pub struct Results {
    client: Arc<Client>,
    job: Id,
    state: Mutex<State>,
}

struct State {
    batches: VecDeque<BatchInfo>,
    files: VecDeque<File>,
    /// Batches that have been begun and are not finished.
    open: Vec<Count>,
}

struct Count {
    batch: Id,
    announced: u64,
    received: u64,
    known: Vec<Id>,
    finished: usize,
    asked_again: bool,
}

/// One result file.
#[derive(Debug, Clone)]
pub struct File {
    batch: Id,
    result: Id,
}

impl Results {
    /// The results of `batches`, in their order.
    pub fn new(client: Arc<Client>, job: Id, batches: &[BatchInfo]) -> Self {
        let completed = batches.iter().filter(|b| b.state == BatchState::Completed);
        Self {
            client,
            job,
            state: Mutex::new(State {
                batches: completed.cloned().collect(),
                files: VecDeque::new(),
                open: Vec::new(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Results {
    type Part = File;

    fn next(&self) -> Result<Option<File>, BulkError> {
        loop {
            let batch = {
                let mut state = self.lock();
                if let Some(file) = state.files.pop_front() {
                    return Ok(Some(file));
                }
                match state.batches.pop_front() {
                    Some(batch) => batch,
                    None => return Ok(None),
                }
            };
            let known = result_ids(&self.client, &self.job, &batch.id)?;
            let mut state = self.lock();
            if known.is_empty() && batch.rows > 0 {
                return Err(rows_missing(&batch.id, batch.rows, 0));
            }
            let file = |result: &Id| File {
                batch: batch.id.clone(),
                result: result.clone(),
            };
            state.files = known.iter().map(file).collect();
            if !known.is_empty() {
                state.open.push(Count {
                    batch: batch.id,
                    announced: batch.rows,
                    received: 0,
                    known,
                    finished: 0,
                    asked_again: false,
                });
            }
        }
    }

    fn open(&self, file: &mut File) -> Result<Opened, BulkError> {
        let (job, File { batch, result }) = (&self.job, &*file);
        let opened = self.client.call(|transport, base, session| {
            let target = base.bulk(&format!("job/{job}/batch/{batch}/result/{result}"))?;
            Ok::<_, ClientError>(open(transport, &get(target, session))?)
        })?;
        Ok(opened.into())
    }

    fn name(&self, file: &File) -> String {
        format!("result {} of batch {}", file.result, file.batch)
    }

    fn finished(&self, file: &File, rows: u64) -> Result<(), BulkError> {
        let Some(mut count) = self.lock().take(&file.batch) else {
            return Ok(());
        };
        count.received += rows;
        count.finished += 1;
        if count.finished == count.known.len()
            && count.received < count.announced
            && !count.asked_again
        {
            count.asked_again = true;
            let listed = result_ids(&self.client, &self.job, &file.batch)?;
            let more = listed.into_iter().filter(|id| !count.known.contains(id));
            let more: Vec<_> = more.collect();
            let mut state = self.lock();
            for result in more.iter().rev() {
                state.files.push_front(File {
                    batch: file.batch.clone(),
                    result: result.clone(),
                });
            }
            count.known.extend(more);
        }
        if count.finished < count.known.len() {
            self.lock().open.push(count);
            return Ok(());
        }
        match count.received == count.announced {
            true => Ok(()),
            false => Err(rows_missing(&count.batch, count.announced, count.received)),
        }
    }
}

impl State {
    fn take(&mut self, batch: &Id) -> Option<Count> {
        let at = self.open.iter().position(|count| count.batch == *batch)?;
        Some(self.open.swap_remove(at))
    }
}

fn rows_missing(batch: &Id, announced: u64, received: u64) -> BulkError {
    BulkError::OtherRows {
        what: format!("batch {batch}"),
        announced,
        received,
    }
}

//! A line on the terminal for a run that takes long. Nothing where standard error is no terminal, and nothing that stays.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A shorter run says nothing on its way.
const LONG: Duration = Duration::from_secs(1);

/// How often the line is renewed.
const STEP: Duration = Duration::from_millis(200);

/// Shows how far the run is, until it is dropped.
pub(super) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Starts to watch `read`, the number of files that were read, unless nobody would see it.
    pub(super) fn start(read: &Arc<AtomicUsize>, is_quiet: bool) -> Progress {
        if is_quiet || !io::stderr().is_terminal() {
            return Progress(None);
        }
        let (stop, stopped) = mpsc::channel();
        let (read, start) = (Arc::clone(read), Instant::now());
        let show = move || {
            let mut wait = LONG;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = STEP;
                let (files, seconds) = (read.load(Ordering::Relaxed), start.elapsed().as_secs());
                _ = write!(io::stderr(), "\r\x1b[Kkraftlint: {files} files read, {seconds} s");
            }
            if wait == STEP {
                _ = write!(io::stderr(), "\r\x1b[K");
            }
        };
        // Without a thread there is no line, and nothing else is lost.
        let thread = std::thread::Builder::new().spawn(show).ok();
        Progress(thread.map(|thread| (stop, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            // The line is gone when the thread is.
            _ = thread.join();
        }
    }
}

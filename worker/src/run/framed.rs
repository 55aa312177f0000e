//! What comes through the frame pipe: progress, notes, figures, and the last word.

use super::{
    Run,
    judge::{Ending, Stop},
    log,
};
use crate::zygote::{Frame, FrameError};
use bytes::Bytes;
use domain::limits::MAX_FIGURES;
use protocol::zygote::{FIGURE_HEADER, FrameKind};

impl Run {
    /// Whether further frames are wanted.
    pub(super) fn take_frame(&mut self, frame: Result<Option<Frame>, FrameError>) -> bool {
        match frame {
            Ok(Some(Frame { kind, body })) => self.take(kind, body),
            Ok(None) => false,
            Err(error) => {
                self.kill(Stop::Frame(error));
                false
            }
        }
    }

    fn take(&mut self, kind: FrameKind, body: Bytes) -> bool {
        match kind {
            FrameKind::Result => self.ending = Ending::Result(body),
            FrameKind::Error => self.ending = Ending::Error(body),
            FrameKind::Progress => {
                if let Some(event) = self.progress.event(&body) {
                    self.say(event);
                }
                return true;
            }
            FrameKind::Log => {
                for event in log::note(&body, &mut self.log_left) {
                    self.say(event);
                }
                return true;
            }
            FrameKind::Figure => return self.take_figure(&body),
            FrameKind::Ready => {
                self.kill(Stop::Frame(FrameError::Unknown(kind as u8)));
                return false;
            }
        }
        // Neither threads it left behind nor the taking down of its memory delay its end, when what
        // it used is known already.
        self.account = self.process.account();
        match self.account {
            Some(_) => {
                self.stop.get_or_insert(Stop::Done);
            }
            None => self.kill(Stop::Done),
        }
        false
    }

    /// Uploads begin at once, beside the run. Without slots the runner writes figures into the
    /// result, and none that comes this way is kept. The runner numbers figures as they come; a
    /// slot that got two images would be refused by the store, which looks like a failure of ours.
    fn take_figure(&mut self, body: &Bytes) -> bool {
        let expected = self.figures;
        self.figures += 1;
        let slots = self
            .job
            .uploads
            .as_ref()
            .map(|uploads| uploads.figures.len());
        let most = slots.unwrap_or(MAX_FIGURES).min(MAX_FIGURES);
        if expected >= most {
            self.kill(Stop::Figures(most));
            return false;
        }
        let Some(uploads) = &self.job.uploads else {
            return true;
        };
        let Some((header, image)) = body.split_first_chunk::<FIGURE_HEADER>() else {
            self.kill(Stop::Frame(FrameError::Torn));
            return false;
        };
        let [a, b, c, d, format] = *header;
        if u32::from_be_bytes([a, b, c, d]) as usize != expected {
            self.kill(Stop::Frame(FrameError::Torn));
            return false;
        }
        let slot = &uploads.figures[expected];
        let media_type = if format == 0 {
            "image/svg+xml"
        } else {
            "image/png"
        };
        self.transfers
            .put(slot.clone(), media_type, body.slice_ref(image));
        true
    }
}

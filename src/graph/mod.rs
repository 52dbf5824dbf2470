//! Relations between resources: one table of labelled edges, and the look-ups on it.

mod follow;
mod table;

pub use follow::{Edge, Incoming, Target, meant_by, named, target_of};
pub use table::{EVENT_TARGET, POLICY_ATTACHMENT, Rel};

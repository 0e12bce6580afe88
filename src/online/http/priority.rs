//! What a throttled tenant drops first (`graph.md §13`): what goes with others is part of a bulk job,
//! and gives way to a lone request, for which somebody may sit at the prompt. The quota is the same.

/// The header; in a batch each item has its own, as each counts by itself (`graph.md §12`).
pub(super) const HEADER: &str = "x-ms-throttle-priority";

/// For what goes together with others.
pub(super) const BULK: &str = "low";

/// For what goes alone.
pub(super) const LONE: &str = "normal";

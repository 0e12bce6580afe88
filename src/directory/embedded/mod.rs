//! The embedded directory.

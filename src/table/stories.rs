//! Tables from end to end: files in, files out.

//! A Microsoft 365 tenant in the box.

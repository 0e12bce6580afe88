//! acctsh.
fn main() {}

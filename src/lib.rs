//! acctsh.

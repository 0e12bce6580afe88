//! The program: everything is in the library, so that tests and documentation see it.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A plan is made of millions of small pieces: the system's allocator takes half as long again for
/// them (`docs/benchmarks.md`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    acctsh::cli::main()
}

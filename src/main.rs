//! The program: everything is in the library, so that tests and documentation see it.

use std::process::ExitCode;

fn main() -> ExitCode {
    acctsh::cli::main()
}

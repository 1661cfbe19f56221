//! The command line: a file a command; all printing and all exit codes.

fn main() {}

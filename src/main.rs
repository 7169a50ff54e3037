//! The real world, gathered: arguments, environment, streams, clock.

fn main() {}

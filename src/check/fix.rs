//! `--fix`: the same identity in good order.

//! (chain)

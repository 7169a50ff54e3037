//! What servers say, and what they ask for.

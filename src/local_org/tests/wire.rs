//! Answers on the wire, read byte by byte.

//! Certificates and chains, judged offline.

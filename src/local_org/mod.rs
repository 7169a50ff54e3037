//! The imitation org on the loopback interface. Shares nothing with the client but the wire.

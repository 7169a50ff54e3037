//! CSV as RFC 4180 has it: quoting only where needed.

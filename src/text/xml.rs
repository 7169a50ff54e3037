//! Pull tokens over quick-xml.

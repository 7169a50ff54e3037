//! Width, style and the cleaning of foreign text: what `ui` and `output` share.

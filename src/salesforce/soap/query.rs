//! `query`, `queryAll` and `queryMore`: what is asked, and the page that is answered.

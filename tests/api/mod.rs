//! The API as its users meet it.

mod submissions;

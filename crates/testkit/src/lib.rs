//! Test databases, a really started server, callers with keys.

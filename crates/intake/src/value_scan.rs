//! Where a JSON value ends, without parsing it.
//!
//! Knows strings and brackets only; whether the value is well formed is for the parser that gets it whole.

/// A scan of one value, over as many chunks as it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ValueScan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    bare: bool,
}

impl ValueScan {
    /// A scan of the value that begins with this byte; the byte itself is still to be scanned.
    pub(crate) fn beginning_with(byte: u8) -> Self {
        Self {
            bare: !matches!(byte, b'{' | b'[' | b'"'),
            ..Self::default()
        }
    }

    /// The number of these bytes that belong to the value, if it ends in them.
    pub(crate) fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.bare {
            return bytes.iter().position(|byte| ends_bare(*byte));
        }
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += if self.escaped {
                self.escaped = false;
                1
            } else if self.in_string {
                self.string_pass(rest)
            } else {
                self.brackets_pass(rest)
            };
            if self.depth == 0 && !self.in_string {
                return Some(at);
            }
        }
        None
    }

    fn string_pass(&mut self, rest: &[u8]) -> usize {
        let Some(at) = memchr::memchr2(b'"', b'\\', rest) else {
            return rest.len();
        };
        if rest.get(at) == Some(&b'"') {
            self.in_string = false;
        } else {
            self.escaped = true;
        }
        at + 1
    }

    fn brackets_pass(&mut self, rest: &[u8]) -> usize {
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'"' => {
                    self.in_string = true;
                    return at + 1;
                }
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        rest.len()
    }
}

/// How deep a well-formed value is nested: 0 for a scalar, 1 for `[]`.
pub(crate) fn nesting(value: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in value.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Whether a value can begin with this byte.
pub(crate) fn begins_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'-') || byte.is_ascii_alphanumeric()
}

fn ends_bare(byte: u8) -> bool {
    matches!(byte, b',' | b':' | b']' | b'}' | b'{' | b'[' | b'"') || is_space(byte)
}

/// JSON's white space.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

//! Byte offsets → lines and columns.

/// 1-based line and 1-based column in UTF-16 units, as editors and SARIF count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Where the lines of a text begin; made once per file that has something to show.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// UTF-16 units before every [`STEP`]th byte; empty where units and bytes are the same (ASCII).
    units: Vec<u32>,
}

/// Bytes between two counts of units: a position is found by counting fewer than these, however long the line is.
const STEP: usize = 1024;

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        starts.extend(
            memchr::memchr2_iter(b'\n', b'\r', bytes)
                // A CRLF is one line break: the LF ends it.
                .filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
                .map(|at| at as u32 + 1),
        );
        LineIndex { starts, units: count_units(text) }
    }

    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|&start| start as usize <= offset).saturating_sub(1);
        let start = self.starts[line] as usize;
        let column = self.units_before(text, offset) - self.units_before(text, start);
        Position { line: line as u32 + 1, column: column + 1 }
    }

    /// UTF-16 units of the text before a byte.
    fn units_before(&self, text: &str, offset: usize) -> u32 {
        match self.units.get(offset / STEP) {
            None => offset as u32,
            Some(&before) => before + units_of(&text.as_bytes()[offset / STEP * STEP..offset]),
        }
    }

    /// The line (1-based) without its line break, and the byte that it starts at; empty where there is none.
    pub fn line<'t>(&self, text: &'t str, line: u32) -> (&'t str, usize) {
        let index = line.saturating_sub(1) as usize;
        let Some(&start) = self.starts.get(index) else { return ("", text.len()) };
        let end = self.starts.get(index + 1).map_or(text.len(), |&next| next as usize);
        (text.get(start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r']), start as usize)
    }

    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }
}

fn count_units(text: &str) -> Vec<u32> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut total = 0;
    let chunks = text.as_bytes().chunks(STEP);
    let mut units: Vec<u32> = Vec::with_capacity(chunks.len() + 1);
    for chunk in chunks {
        units.push(total);
        total += units_of(chunk);
    }
    units.push(total);
    units
}

/// A character counts where it begins: one unit, or two for those beyond U+FFFF (four bytes).
fn units_of(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_utf16_columns() {
        let text = "a\r\nb😀c\rd\n";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(index.position(text, text.find('c').unwrap()), Position { line: 2, column: 4 });
        assert_eq!(index.position(text, text.find('d').unwrap()), Position { line: 3, column: 1 });
        assert_eq!(index.line(text, 2).0, "b😀c");
        assert_eq!(index.position(text, 9999).line, 4);
    }
}

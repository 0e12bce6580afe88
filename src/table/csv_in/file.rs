//! From a path to text: opening, size, encoding. Other encodings than UTF-8 will be told apart
//! here, and decoded.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::table::TableFault;

/// The largest file that is read. Places in a file are kept in 32 bits; the longest list of people
/// is far below.
pub(in crate::table) const MAX_BYTES: u64 = 1 << 30;

/// A file's bytes, known to be text. They may hold passwords, so memory is overwritten.
pub(super) struct TextFile {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether it begins with a byte order mark.
    pub(super) bom: bool,
}

const BOM: &[u8] = "\u{feff}".as_bytes();

impl TextFile {
    pub(super) fn read(path: &Path, named: &str) -> Result<Self, TableFault> {
        let bytes = read_bytes(path, named)?;
        let bom = bytes.starts_with(BOM);
        // UTF-16 without a mark is valid UTF-8 when all of it is ASCII: the zero bytes tell.
        let wrong = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.iter().position(|byte| *byte == 0),
            Err(error) => Some(error.valid_up_to()),
        };
        match wrong {
            None => Ok(Self { bytes, bom }),
            Some(byte) => {
                let line_ends = bytes.iter().take(byte).filter(|byte| **byte == b'\n').count();
                let line = u32::try_from(line_ends + 1).unwrap_or(u32::MAX);
                Err(TableFault::NotUtf8 { file: named.to_owned(), line, byte })
            }
        }
    }

    /// The text without the byte order mark.
    pub(super) fn text(&self) -> &str {
        let bytes = self.bytes.strip_prefix(BOM).unwrap_or(&self.bytes);
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

fn read_bytes(path: &Path, named: &str) -> Result<Zeroizing<Vec<u8>>, TableFault> {
    let file = || named.to_owned();
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => TableFault::NotFound { file: file() },
        io::ErrorKind::IsADirectory => TableFault::Folder { file: file() },
        _ => TableFault::Unreadable { file: file(), source },
    };
    let about = fs::metadata(path).map_err(unreadable)?;
    if about.is_dir() {
        return Err(TableFault::Folder { file: file() });
    }
    if about.len() > MAX_BYTES {
        return Err(TableFault::TooLarge { file: file() });
    }
    // Room for all of it at once: a vector that grows leaves copies behind.
    let room = usize::try_from(about.len()).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    let opened = File::open(path).map_err(unreadable)?;
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(TableFault::TooLarge { file: file() });
    }
    Ok(bytes)
}

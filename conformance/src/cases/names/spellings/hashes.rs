//! Names that a hash function cannot tell from one of the four: whoever looks a name up by its hash has to compare the
//! names, too.

/// Those of each name by FNV-1a, FNV-1, CRC-32, Bernstein's function with XOR and sdbm's, as far as seven capital letters
/// have one.
const COLLISIONS: [(&str, &[&str]); 4] = [
    ("SIGTERM", &["SIGNNANGUE", "SIGBLWJZGB", "SIGETBQZFM", "SIGMIVBVOG", "SIGKAFMGLP"]),
    ("SIGKILL", &["SIGQEYQAXA", "SIGGLLUVBP", "SIGETBNVXL", "SIGGHWWLFG", "SIGKAFDKFO"]),
    ("SIGINT", &["SIGDFCFPHX", "SIGAXRCCJL", "SIGSCIFXWY", "SIGFDSBSPC"]),
    ("SIGHUP", &["SIGDRYGFJU", "SIGVDZBJLG", "SIGIHPCXPW", "SIGFEGNCDJ"]),
];
/// By what a hash is multiplied before each character: that of Java's strings, and that of Bernstein.
const FACTORS: [u8; 2] = [31, 33];

pub fn hashes(name: &str, _: i32) -> Vec<String> {
    let found = COLLISIONS.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, found)| found);
    found.iter().map(|found| (*found).to_owned()).chain(FACTORS.map(|factor| carried(name, factor))).collect()
}

/// The name with one more in its last character but one, and a factor less in its last: the sum is the same, wherever it
/// begins.
fn carried(name: &str, factor: u8) -> String {
    let mut letters = name.as_bytes().to_vec();
    if let [.., before, last] = &mut letters[..] {
        (*before, *last) = (*before + 1, *last - factor);
    }
    String::from_utf8(letters).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::checks::FOUR;

    type Step = fn(u32, u32) -> u32;

    /// Where each function begins, and what a character does; CRC-32 is that of IEEE 802.3, bit by bit.
    const FUNCTIONS: [(u32, Step); 7] = [
        (0x811c_9dc5, |hash, byte| (hash ^ byte).wrapping_mul(0x0100_0193)),
        (0x811c_9dc5, |hash, byte| hash.wrapping_mul(0x0100_0193) ^ byte),
        (u32::MAX, |hash, byte| (0..8).fold(hash ^ byte, |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))),
        (5381, |hash, byte| hash.wrapping_mul(33) ^ byte),
        (0, |hash, byte| hash.wrapping_mul(65_599).wrapping_add(byte)),
        (0, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte)),
        (5381, |hash, byte| hash.wrapping_mul(33).wrapping_add(byte)),
    ];

    #[test]
    fn each_shares_a_hash_with_its_name() {
        let hash = |(first, step): (u32, Step), name: &str| {
            name.bytes().fold(first, |hash, byte| step(hash, byte.into()))
        };
        for (name, signal) in FOUR {
            let found = hashes(name, signal);
            assert!(found.len() >= 6);
            for other in found {
                assert_ne!(other, name);
                assert!(
                    FUNCTIONS.iter().any(|&function| hash(function, &other) == hash(function, name)),
                    "{other}"
                );
            }
        }
        assert_eq!(hashes("SIGTERM", 15).pop().unwrap(), "SIGTES,");
    }
}

//! The pids of a history.

use crate::testbed::agent::FIRST_UNCHOSEN_ID;
use proptest::strategy::{BoxedStrategy, Strategy};

/// Ids that no kernel gives (Linux: at most 4,194,304) but that a group could have.
pub const NEVER_GIVEN: [u32; 2] = [4_200_300, i32::MAX as u32];

/// Some pids of several shapes, all different: programs that pass ids on as text are wrong for some and right
/// for others. In half of the histories one is the decimal prefix of another.
pub fn several() -> BoxedStrategy<Vec<u32>> {
    let lengths = (5..65_u32, 100..200_u32, 200..1000_u32, 2000..10_000_u32, 10_000..FIRST_UNCHOSEN_ID);
    let all = |((small, one, three, four, five), has_prefix): ((u32, u32, u32, u32, u32), bool)| {
        vec![small, one, three, four, five, if has_prefix { one * 10 } else { one + 1000 }]
    };
    (lengths, proptest::bool::ANY).prop_map(all).prop_shuffle().boxed()
}

//! A requirement in JSON: its name.

use super::{Requirement, find};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes its name, or null.
pub fn serialize<S: Serializer>(
    requirement: &Option<&'static Requirement>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    requirement.map(|requirement| requirement.name).serialize(serializer)
}

/// Finds it by its name.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'static Requirement>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    let known = |name: String| {
        find(&name).ok_or_else(|| D::Error::custom(format!("no requirement is called {name}")))
    };
    name.map(known).transpose()
}

//! The server of this project's signaller of an authority.

use super::server;
use crate::authority::Authority;
use std::io;
use std::time::Duration;

/// Serves the signaller of an authority: its words are the authority and, in milliseconds, how long an answer
/// may take.
///
/// # Errors
/// When the input cannot be read.
pub fn serve(words: &[String]) -> io::Result<()> {
    let invalid = |cause: String| io::Error::new(io::ErrorKind::InvalidInput, cause);
    let [authority, milliseconds] = words else {
        return Err(invalid("an authority and a time are needed".to_owned()));
    };
    let authority: Authority = authority.parse().map_err(invalid)?;
    let limit = milliseconds.parse().map_err(|_| invalid(format!("`{milliseconds}` is no time")))?;
    let signaller =
        authority.signaller(Duration::from_millis(limit)).map_err(|name| invalid(name.to_string()))?;
    server::serve(signaller)
}

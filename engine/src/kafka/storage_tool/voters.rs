//! `--initial-controllers`: `id@host:port:directory`, separated by commas.
//!
//! Source: `DynamicVoters.parse`, `DynamicVoter.parse` (3.9 and later).

use crate::kafka::cluster_id;
use crate::text::Slice;

/// One controller of a dynamic quorum's first voters.
#[derive(Debug, Clone, Copy)]
pub struct InitialController<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// Its node id; `None` when it is unknown.
    pub id: Option<i32>,
    /// The id of its directory, as written.
    pub directory: Slice<'t>,
}

/// Reads the list.
///
/// # Errors
/// The entry that the tool refuses, and why. An unknown part is never refused.
pub fn initial_controllers(
    value: Slice<'_>,
) -> Result<Vec<InitialController<'_>>, (Slice<'_>, &'static str)> {
    let mut found: Vec<InitialController<'_>> = Vec::new();
    // Two commas in a row are one.
    for entry in value.trim().split(b',').filter(|e| !e.is_empty()).map(Slice::trim) {
        let controller = one(entry).map_err(|why| (entry, why));
        let controller = match controller {
            Err(_) if entry.has_hole() => InitialController { entry, id: None, directory: entry.range(0..0) },
            other => other?,
        };
        if controller.id.is_some() && found.iter().any(|c| c.id == controller.id) {
            return Err((entry, "its node id is given twice"));
        }
        found.push(controller);
    }
    if found.is_empty() { Err((value, "it names no controller")) } else { Ok(found) }
}

fn one(entry: Slice<'_>) -> Result<InitialController<'_>, &'static str> {
    let (id, rest) = entry.split_once(b'@').ok_or("it has no @ behind the node id")?;
    let id = match id.known() {
        None => None,
        Some(text) => {
            let id: Option<i32> = text.parse().ok();
            Some(id.filter(|id| *id >= 0).ok_or("what stands before @ is no node id")?)
        }
    };
    if rest.is_empty() {
        return Err("it names no host");
    }
    let text = rest.as_str();
    let behind_host = if text.starts_with('[') {
        text.find(']').ok_or("its [ has no ]")? + 1
    } else {
        text.find(':').ok_or("it has no port")?
    };
    let port = rest.range(behind_host..text.len());
    if !port.as_str().starts_with(':') {
        return Err("no port follows the host");
    }
    let (port, directory) = port
        .range(1..port.as_str().len())
        .split_once(b':')
        .ok_or("it has no directory id behind the port")?;
    if let Some(text) = port.known() {
        let port: Option<i32> = text.parse().ok();
        port.filter(|p| (0..=65535).contains(p)).ok_or("its port is no number from 0 to 65535")?;
    }
    if let Some(text) = directory.known() {
        cluster_id::canonical(text).map_err(|_| "its directory id is no base64 UUID of 16 bytes")?;
    }
    Ok(InitialController { entry, id, directory })
}

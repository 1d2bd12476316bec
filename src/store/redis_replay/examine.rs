//! Whether a server may be trusted with claims, by what its `INFO` says:
//!
//! 1. it is a master: a replica's memory may be old;
//! 2. its `maxmemory-policy` is `noeviction`: with any other, a full server forgets claims to make
//!    room, `volatile-*` included, because every claim has an expiry.
//!
//! And which memory it is. A memory's name is made of what changes whenever claims may be lost: the
//! process (a restart reads an older snapshot), the replication history (a replica that was promoted
//! may lack the last claims), and the number of evicted keys (somebody had set another policy for a
//! while).

use super::fault::Fault;

/// The name of a server's memory; empty if it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MemoryId(String);

impl MemoryId {
    pub(super) const UNKNOWN: Self = Self(String::new());

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The decision: `info` is the server's answer to `INFO`.
pub(super) fn examine(info: &str) -> Result<MemoryId, Fault> {
    let role = field(info, "role")?;
    if role != "master" {
        return Err(Fault::NotMaster(role.to_owned()));
    }
    let policy = field(info, "maxmemory_policy")?;
    if policy != "noeviction" {
        return Err(Fault::Evicts(policy.to_owned()));
    }
    let process = field(info, "run_id")?;
    let history = field(info, "master_replid")?;
    let evicted = field(info, "evicted_keys")?;
    Ok(MemoryId(format!("{process}-{history}-{evicted}")))
}

fn field<'i>(info: &'i str, name: &'static str) -> Result<&'i str, Fault> {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim_end)
        .ok_or(Fault::Unreadable(name))
}

#[cfg(test)]
mod tests {
    use super::{Fault, examine};

    const SOUND: &str = "# Server\r\nrun_id:ab\r\n\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n\
        # Stats\r\nevicted_keys:0\r\n# Replication\r\nrole:master\r\nmaster_replid:cd\r\n\
        master_replid2:00\r\n";

    #[test]
    fn a_master_that_never_evicts_is_sound() {
        assert_eq!(examine(SOUND).unwrap().as_str(), "ab-cd-0");
    }

    #[test]
    fn a_replica_or_a_server_that_evicts_is_not() {
        let replica = SOUND.replace("role:master", "role:slave");
        assert!(matches!(examine(&replica), Err(Fault::NotMaster(role)) if role == "slave"));
        for policy in ["allkeys-lru", "volatile-ttl", "volatile-lru", "noeviction2"] {
            let evicts = SOUND.replace("noeviction", policy);
            assert!(matches!(examine(&evicts), Err(Fault::Evicts(found)) if found == policy));
        }
    }

    #[test]
    fn a_restart_a_promotion_and_an_eviction_each_make_another_memory() {
        let names = [
            SOUND.to_owned(),
            SOUND.replace("run_id:ab", "run_id:ef"),
            SOUND.replace("replid:cd", "replid:ef"),
            SOUND.replace("evicted_keys:0", "evicted_keys:7"),
        ]
        .map(|info| examine(&info).unwrap());
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "{name:?}");
        }
    }

    #[test]
    fn what_info_does_not_say_is_not_assumed() {
        for line in SOUND.lines().filter(|line| line.contains(':') && !line.contains("replid2")) {
            let lacking = SOUND.replace(line, "");
            assert!(matches!(examine(&lacking), Err(Fault::Unreadable(_))), "{line}");
        }
    }
}

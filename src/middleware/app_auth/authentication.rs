/// Whether a request must present a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authentication {
    /// It must.
    #[default]
    Required,
    /// A request that presents none passes without an identity, and its body without a limit. One
    /// that presents a wrong one is refused all the same; an AppCode where the policy accepts none
    /// counts as nothing.
    Optional,
}

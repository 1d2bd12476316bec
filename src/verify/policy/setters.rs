//! One consuming setter for each knob.

/// Implements `with_*` methods: `/// docs  with_knob field: Type;`
macro_rules! setters {
    ($target:ident: $($(#[$doc:meta])* $setter:ident $field:ident: $type:ty;)+) => {
        impl $target {
            $($(#[$doc])*
            #[must_use]
            pub const fn $setter(mut self, $field: $type) -> Self {
                self.$field = $field;
                self
            })+
        }
    };
}

pub(in crate::verify) use setters;

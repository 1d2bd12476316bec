//! The errors of OpenAPI, the family of RPC, ROA and V3 signatures.
//!
//! | file | decides |
//! |---|---|
//! | `code` | the documented codes, with their status and text |
//! | `rejection` | what fills a message, and that `SignatureDoesNotMatch` has its colon |
//! | `mask` | how a string to sign is shown without a security token |
//! | `gateway` | which code a refusal of the gateway's catalogue becomes |
//! | `answer` | headers and body |
//! | `asked`, `body` | what a layer answers, and what of the request that depends on |
//! | `format`, `json`, `xml` | in which format, and what is escaped in it |

mod answer;
mod asked;
mod body;
mod code;
mod format;
mod gateway;
mod json;
mod mask;
mod rejection;
mod xml;

pub use answer::OpenApiAnswer;
pub use asked::OpenApiAsked;
pub use body::OpenApiBody;
pub use code::{OpenApiError, OpenApiOrigin};
pub use format::OpenApiFormat;
pub use mask::mask_security_token;
pub use rejection::OpenApiRejection;

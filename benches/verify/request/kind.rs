//! Which requests there are.

use countersign::credential::OpenApiScheme;
use http::Method;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Get,
    /// With so many parameters, none escaped.
    GetWith(usize),
    GetEscaped,
    Form,
    /// With a body of so many bytes, and its Content-MD5.
    Json(usize),
    AppCode,
    /// By an OpenAPI client: a GET.
    OpenApi(OpenApiScheme),
    /// By V3, with a body of so many bytes.
    V3Json(usize),
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Get,
        Self::GetEscaped,
        Self::Form,
        Self::Json(1 << 10),
        Self::Json(1 << 20),
        Self::AppCode,
    ];

    pub(crate) const OPENAPI: [Self; 4] = [
        Self::OpenApi(OpenApiScheme::Rpc),
        Self::OpenApi(OpenApiScheme::Roa),
        Self::OpenApi(OpenApiScheme::V3),
        Self::V3Json(1 << 10),
    ];

    /// The scheme of an OpenAPI client's request.
    pub(super) const fn openapi(self) -> Option<OpenApiScheme> {
        match self {
            Self::OpenApi(scheme) => Some(scheme),
            Self::V3Json(_) => Some(OpenApiScheme::V3),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Get => "a GET".into(),
            Self::GetWith(params) => format!("a GET with {params} parameters"),
            Self::GetEscaped => "a GET with 20 escaped parameters".into(),
            Self::Form => "a form POST".into(),
            Self::Json(bytes) if bytes >= 1 << 20 => format!("a JSON POST, {} MiB", bytes >> 20),
            Self::Json(bytes) => format!("a JSON POST, {} KiB", bytes >> 10),
            Self::AppCode => "a GET with an AppCode".into(),
            Self::OpenApi(scheme) => {
                format!("OpenAPI, a GET by {}", scheme.as_str().to_uppercase())
            }
            Self::V3Json(bytes) => format!("OpenAPI, a JSON POST by V3, {} KiB", bytes >> 10),
        }
    }

    /// So many that a batch takes a tenth of a millisecond or more, and so few that they stay warm.
    pub(crate) const fn batch(self) -> usize {
        match self {
            Self::Json(bytes) if bytes >= 1 << 18 => 1,
            Self::Json(bytes) if bytes >= 1 << 14 => 10,
            _ => 100,
        }
    }

    pub(super) const fn method(self) -> Method {
        match self {
            Self::Form | Self::Json(_) | Self::V3Json(_) => Method::POST,
            _ => Method::GET,
        }
    }

    pub(super) fn target(self) -> String {
        match self {
            Self::GetEscaped => {
                let params = (0..20).map(|n| format!("name%20{n}=%E4%BD%A0+{n}%26"));
                format!("/http2test/test?{}", params.collect::<Vec<_>>().join("&"))
            }
            Self::GetWith(count) if count > 0 => {
                // Not in the order that is signed.
                let params = (0..count).map(|n| format!("name{}=value{n}", n * 7 % count));
                format!("/http2test/test?{}", params.collect::<Vec<_>>().join("&"))
            }
            Self::Get | Self::AppCode => "/http2test/test?param1=test&username=xiaoming&c=3".into(),
            Self::GetWith(_) | Self::Form | Self::Json(_) => "/http2test/test".into(),
            Self::OpenApi(OpenApiScheme::Rpc) => {
                "/?Action=DescribeApis&Version=2016-07-14&Format=JSON&RegionId=cn-hangzhou&PageSize=10".into()
            }
            Self::OpenApi(_) | Self::V3Json(_) => "/?RegionId=cn-hangzhou&PageSize=10&PageNumber=1".into(),
        }
    }

    pub(super) fn body(self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Form => {
                let fields = (0..8).map(|n| format!("field{n}=some+value+{n}"));
                let body = fields.collect::<Vec<_>>().join("&");
                ("application/x-www-form-urlencoded", body.into_bytes())
            }
            Self::Json(bytes) | Self::V3Json(bytes) => ("application/json", json(bytes)),
            _ => ("", Vec::new()),
        }
    }
}

/// So long: an object, or a number where that has no room.
fn json(len: usize) -> Vec<u8> {
    match len.checked_sub(r#"{"text":""}"#.len()) {
        Some(rest) => format!(r#"{{"text":"{}"}}"#, "x".repeat(rest)).into_bytes(),
        None => vec![b'1'; len],
    }
}

//! Why two strings to sign differ, as one table.
//!
//! A row is a variant, its name in answers and in the README, what happened, and what to do. Nothing
//! else has these texts, so they cannot drift apart; a test holds the README to the names.

use std::fmt;

macro_rules! causes {
    ($($cause:ident $name:literal $says:literal $remedy:literal;)+) => {
        /// The usual cause of a difference.
        ///
        /// `Display` is a sentence without its full stop.
        ///
        /// ```
        /// use countersign::explain::Cause;
        ///
        /// let cause = Cause::TrailingSlash;
        /// assert_eq!(cause.name(), "trailing-slash");
        /// assert_eq!(cause.to_string(), "one of the two paths ends with a slash");
        /// assert!(!cause.is_often_accepted(), "no server takes one path for the other");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Cause {
            $(#[doc = concat!("`", $name, "`: ", $says, ". Remedy: ", $remedy, ".")] $cause,)+
        }

        impl Cause {
            /// Every cause, in the order of the string to sign.
            pub const ALL: &'static [Self] = &[$(Self::$cause),+];

            /// Its name in answers, and in the README's table.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$cause => $name,)+ }
            }

            /// What to do about it: a sentence without its full stop.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$cause => $remedy,)+ }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Self::$cause => $says,)+ }
            }
        }
    };
}

causes! {
LineEnds "line-ends"
    "the client's lines are not joined by line feeds"
    "join them by the byte 0A: not by `#`, not by a backslash and an n";
CarriageReturns "carriage-returns"
    "the client's lines end with CR LF"
    "end them with LF alone; a template or a text file may have brought the CR";
EmptyLineMissing "empty-line-missing"
    "the client leaves out the line of a header that it does not send"
    "write Accept, Content-MD5, Content-Type and Date always, empty where there is no header";
ExtraLine "extra-line"
    "the client has a line that belongs to nothing"
    "four lines follow the method, then the signed headers, then the path: no empty line or lone `:` between";
MethodCase "method-case"
    "the method is written in other letters"
    "sign the method in upper case, as it is sent";
MethodChanged "method-changed"
    "another method arrived than was signed"
    "sign the method on the wire; look for a redirect, a method override, or HEAD made GET";
AcceptAdded "accept-added"
    "the HTTP stack added `Accept`, or the client does not sign it"
    "set an `Accept` of your own on every request, and sign its value";
AcceptNotSent "accept-not-sent"
    "`Accept` is signed, but did not arrive"
    "set the header on the request itself, or sign an empty line";
AcceptChanged "accept-changed"
    "`Accept` arrived with another value than was signed"
    "sign the text that is sent; look for a default of the HTTP stack or a proxy";
ContentMd5NotSigned "content-md5-not-signed"
    "`Content-MD5` is sent, but signed as an empty line"
    "put the header's value on its line: the third";
ContentMd5NotSent "content-md5-not-sent"
    "`Content-MD5` is signed, but did not arrive"
    "send the header, too; some stacks drop it from requests without a body";
ContentMd5Hex "content-md5-hex"
    "`Content-MD5` is made of hexadecimal digits"
    "encode the digest's 16 bytes as base64: 24 characters that end with `==`";
ContentMd5Differs "content-md5-differs"
    "`Content-MD5` is another one than was signed, or is of other bytes"
    "digest the very bytes that are sent, once, and use that text for header and line";
ContentTypeAdded "content-type-added"
    "the HTTP stack added `Content-Type`, or the client does not sign it"
    "set it yourself and sign the same text (the PHP demo leaves it out if there is no Accept)";
ContentTypeNotSent "content-type-not-sent"
    "`Content-Type` is signed, but did not arrive"
    "set the header on the request itself; many stacks drop it where there is no body";
ContentTypeChanged "content-type-changed"
    "`Content-Type` arrived with another value: a charset, a boundary, other letters"
    "sign the text that is sent; where the stack chooses the boundary, sign X-Ca-Signed-Content-Type";
DateAdded "date-added"
    "the HTTP stack added `Date`, or the client does not sign it"
    "sign the Date that is sent, or send none: X-Ca-Timestamp is what counts";
DateNotSent "date-not-sent"
    "`Date` is signed, but did not arrive"
    "send it, or sign an empty line: browsers do not let a script set it";
DateChanged "date-changed"
    "`Date` arrived with another value than was signed"
    "format it once, and use that text for header and line";
WhiteSpace "white-space"
    "the signed text has white space that HTTP does not carry"
    "sign values without blanks at their ends, and headers as `name:value`";
CharacterEncoding "character-encoding"
    "the text is encoded as other bytes"
    "make strings to bytes as UTF-8, for the HMAC and on the wire";
NoSignatureHeaders "no-signature-headers"
    "no signed header is declared"
    "list the signed headers in `X-Ca-Signature-Headers`";
HeaderOrder "header-order"
    "the headers are signed in another order"
    "sort by the bytes of the declared names: all upper case comes before lower case";
HeaderNameCase "header-name-case"
    "the header's name is spelled differently"
    "sign names as `X-Ca-Signature-Headers` spells them; in lower case all servers read them alike";
HeaderDeclaredTwice "header-declared-twice"
    "the header is declared twice, so its line appears twice"
    "list each header once";
HeaderNotDeclared "header-not-declared"
    "the header is signed, but not declared"
    "list it in `X-Ca-Signature-Headers`, or leave it out of the string";
HeaderNotSigned "header-not-signed"
    "the header is declared, but not signed"
    "sign every name of `X-Ca-Signature-Headers`, also a header without a value: `name:`";
DocumentedName "documented-name"
    "the header has a line of its own, and is declared as well"
    "do not list Accept, Content-MD5, Content-Type, Date, X-Ca-Signature or X-Ca-Signature-Headers";
HeaderNotSent "header-not-sent"
    "the header is signed, but arrived empty or not at all"
    "send it, or find the proxy that drops it (nginx drops names with `_`)";
HeaderSignedEmpty "header-signed-empty"
    "the header is signed as empty, but arrived with a value"
    "set the header before signing; or a proxy added it: do not declare it";
HeaderChanged "header-changed"
    "the header arrived with another value than was signed"
    "sign the text that is sent; do not declare what a proxy rewrites";
StageHeader "stage-header"
    "`X-Ca-Stage` was added, removed or changed after signing"
    "set the stage before signing, and let nothing on the way set it";
AnotherCall "another-call"
    "timestamp or nonce is of another call"
    "make them once for each call, sign them and send them; compare strings of one call only";
HostSigned "host-signed"
    "the client signs scheme or host"
    "sign the path and the parameters only";
FragmentSigned "fragment-signed"
    "the client signs the fragment, which is not sent"
    "sign up to the `#`";
PathNotDecoded "path-not-decoded"
    "the client signs the path as it is on the wire, the server shows it decoded"
    "sign the decoded path";
PathKeptEscape "path-kept-escape"
    "the client decoded an escape that the server keeps"
    "sign the path as it is on the wire: `%2F` and `%5C`, or letters that need no escape, are kept";
PathEscapedTwice "path-escaped-twice"
    "the path arrived with its escapes escaped again"
    "escape the path once, and give it to the HTTP stack as it is";
TrailingSlash "trailing-slash"
    "one of the two paths ends with a slash"
    "sign the path that is sent; look for a redirect or a proxy that adds or removes the slash";
PathPrefix "path-prefix"
    "the path's beginning was added or removed on the way"
    "sign the path that the verifying server receives, or let the proxy keep it";
PathNormalised "path-normalised"
    "the path arrived without its double slashes or dots"
    "send and sign the plain path, or let the proxy keep it (nginx: merge_slashes off)";
PathTemplate "path-template"
    "the client signs the path's pattern"
    "put the values in for `[id]` or `{id}` before signing";
EmptyPath "empty-path"
    "the client signs an empty path"
    "sign `/`, which is what is sent";
PathChanged "path-changed"
    "another path arrived than was signed"
    "sign the path that is sent; look for a proxy that rewrites it";
ParameterOrder "parameter-order"
    "the parameters are signed in another order"
    "sort them by the bytes of their decoded names, query and form together";
EmptyValue "empty-value"
    "a parameter without a value is written in another way"
    "sign `k`, not `k=`, whichever is sent";
PlusSign "plus-sign"
    "one side has a plus sign where the other has a space"
    "send a plus sign as `%2B`; a `+` in a query or form is a space, and signed as one";
ParameterEncoded "parameter-encoded"
    "the client signs the parameter with its escapes"
    "sign names and values decoded";
ParameterEscapedTwice "parameter-escaped-twice"
    "the parameter arrived with its escapes escaped again"
    "escape it once, and give it to the HTTP stack as it is";
FormNotSigned "form-not-signed"
    "a parameter of the form body is not signed"
    "sign query and form parameters together, sorted by name";
FormTypeMissing "form-type-missing"
    "the client signs a form's parameters, but the body is not declared a form"
    "send Content-Type application/x-www-form-urlencoded, or sign Content-MD5 instead";
QueryFormClash "query-form-clash"
    "query and form have the parameter with different values: the client signs the form's"
    "use the name in one of the two places";
RepeatedParameter "repeated-parameter"
    "the parameter occurs more than once: only its first value is signed"
    "sign the first value, not the last, nor all of them";
ParameterNotSigned "parameter-not-signed"
    "a parameter arrived that is not signed"
    "sign every parameter that is sent; look for a default of the client or a proxy that adds it";
ParameterNotSent "parameter-not-sent"
    "a parameter is signed that did not arrive"
    "send every parameter that is signed; null values are often dropped";
ParameterChanged "parameter-changed"
    "the parameter arrived with another value than was signed"
    "sign the value that is sent";
TrailingLineFeed "trailing-line-feed"
    "the client's string ends with a line feed"
    "end it with the path and its parameters: `echo` adds an LF, `printf %s` does not";
NotShown "not-shown"
    "the strings are the same as far as the server shows its own"
    "compare what it hides (long ends, values given as lengths) by eye; then check the AppSecret";
SameString "same-string"
    "both strings are the same: secret, signature method or encoding must differ"
    "check the AppSecret for this AppKey, HmacSHA256, and base64 of the MAC's bytes";
WrongSecret "wrong-secret"
    "the signature is right for this secret: the server knows another one for the AppKey"
    "compare AppKey and AppSecret as a pair; look for another environment or a rotated secret";
SecretWhiteSpace "secret-white-space"
    "the secret has white space at its ends, or lost it"
    "sign with the secret as it was given; files and variables often end with a line feed";
SecretEncoding "secret-encoding"
    "the secret is decoded before it is used"
    "use the secret's text as it is, in UTF-8, as the HMAC's key";
SignatureMethodDiffers "signature-method-differs"
    "the signature is made by another method than X-Ca-Signature-Method says"
    "use HmacSHA256; or send X-Ca-Signature-Method: HmacSHA1 where the server allows it";
SignatureEncoding "signature-encoding"
    "the signature is right, but not in standard base64 with its padding"
    "encode the MAC's bytes (not its hexadecimal digits) with `+`, `/` and `=`";
SignedAnotherString "signed-another-string"
    "the signature is not of this string by this secret"
    "compare the string and the secret where the HMAC is computed";
Unrecognised "unrecognised"
    "no usual cause fits"
    "compare the two texts by eye";
}

impl Cause {
    /// Whether many servers accept the difference by trying the other reading, this crate's by
    /// default among them: then it is not what the signature fails for.
    #[must_use]
    pub const fn is_often_accepted(self) -> bool {
        use Cause::{DocumentedName, EmptyPath, PathNotDecoded, QueryFormClash};
        matches!(self, PathNotDecoded | EmptyPath | QueryFormClash | DocumentedName)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

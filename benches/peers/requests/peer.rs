//! What a peer is asked to do.

use std::cell::Cell;

use crate::harness::rounds::{Row, numbers};
use crate::request::{Kind, Signed};

pub(crate) trait Peer {
    type Request;
    /// With what was taken of the request: to free it is no part of the job.
    type Verified;

    const NAME: &'static str;

    /// The equivalent of the request, signed as the peer has it.
    fn sign(&self, request: &Signed, number: u64) -> Self::Request;

    /// Changes what the signature covers.
    fn tamper(&self, request: &mut Self::Request);

    fn verify(&self, request: Self::Request) -> Option<Self::Verified>;

    /// Its row, once it has accepted a good request and refused a changed one.
    fn row(&self, kind: Kind) -> Row<'_> {
        let sign = move |number| self.sign(&Signed::new(kind, 1, number), number);
        let [good, mut changed] = [(); 2].map(|()| sign(numbers(1).start));
        self.tamper(&mut changed);
        assert!(self.verify(good).is_some(), "{} refuses what is good", Self::NAME);
        assert!(self.verify(changed).is_none(), "{} accepts what was changed", Self::NAME);

        let make = move |number| (Cell::new(Some(sign(number))), Cell::new(None));
        Row::new(Self::NAME, make, |requests: &[(Cell<_>, Cell<_>)]| {
            for (request, verified) in requests {
                verified.set(self.verify(request.take().unwrap()));
            }
            assert!(requests.iter().all(|(_, verified)| verified.take().is_some()));
        })
    }
}

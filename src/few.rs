//! A list of a handful, mostly.

use std::ops::{Deref, DerefMut};

use arrayvec::ArrayVec;

/// A list whose first `N` elements need no allocation: a typical request then needs none for its
/// headers, parameters and nonce. (The usual small-vector types are invariant in a lifetime of their
/// elements; these elements borrow from requests.)
#[derive(Clone, Debug)]
pub(crate) enum Few<T, const N: usize> {
    Inline(ArrayVec<T, N>),
    Heap(Vec<T>),
}

impl<T, const N: usize> Few<T, N> {
    #[inline(always)]
    pub(crate) fn push(&mut self, element: T) {
        match self {
            Self::Inline(few) if !few.is_full() => few.push(element),
            _ => self.push_to_heap(element),
        }
    }

    #[cold]
    fn push_to_heap(&mut self, element: T) {
        match self {
            Self::Heap(list) => list.push(element),
            Self::Inline(few) => *self = Self::Heap(few.drain(..).chain([element]).collect()),
        }
    }
}

impl<const N: usize> Few<u8, N> {
    /// Empties the list, and has room for `len` bytes.
    pub(crate) fn clear_for(&mut self, len: usize) {
        match self {
            Self::Inline(few) if len <= N => few.clear(),
            Self::Inline(_) => *self = Self::Heap(Vec::with_capacity(len)),
            Self::Heap(list) => list.clear(),
        }
    }

    #[inline(always)]
    pub(crate) fn extend_from_slice(&mut self, bytes: &[u8]) {
        let added = match self {
            Self::Inline(few) => few.try_extend_from_slice(bytes).is_ok(),
            Self::Heap(_) => false,
        };
        if !added {
            self.extend_heap_from_slice(bytes);
        }
    }

    #[cold]
    fn extend_heap_from_slice(&mut self, bytes: &[u8]) {
        match self {
            Self::Heap(list) => list.extend_from_slice(bytes),
            Self::Inline(few) => *self = Self::Heap([few.as_slice(), bytes].concat()),
        }
    }
}

impl<const N: usize> From<&[u8]> for Few<u8, N> {
    fn from(bytes: &[u8]) -> Self {
        match bytes.try_into() {
            Ok(few) => Self::Inline(few),
            Err(_) => Self::Heap(bytes.to_vec()),
        }
    }
}

impl<T: PartialEq, const N: usize> PartialEq for Few<T, N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq, const N: usize> Eq for Few<T, N> {}

impl<T, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self::Inline(ArrayVec::new_const())
    }
}

impl<T, const N: usize> Deref for Few<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Inline(few) => few,
            Self::Heap(list) => list,
        }
    }
}

impl<T, const N: usize> DerefMut for Few<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::Inline(few) => few,
            Self::Heap(list) => list,
        }
    }
}

impl<T, const N: usize> FromIterator<T> for Few<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut list = Self::default();
        elements.into_iter().for_each(|element| list.push(element));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn it_keeps_its_elements_in_order_wherever_they_are() {
        for len in 0..10 {
            let mut list: Few<_, 4> = (0..len).collect();
            assert!(list.iter().copied().eq(0..len), "{len}");
            assert_eq!(matches!(list, Few::Inline(_)), len <= 4);
            list.sort_by(|a, b| b.cmp(a));
            assert!(list.iter().copied().eq((0..len).rev()), "{len}");
        }
    }
}

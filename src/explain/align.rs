//! Pairs the lines of two lists by their names.

use std::collections::{HashMap, VecDeque};

/// Lines of the client's list and of the server's, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    Both { client: usize, server: usize },
    OnlyClient(usize),
    OnlyServer(usize),
}

/// Two lists of lines, paired.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alignment {
    /// In the server's order; what only the client has, at its own place.
    pub(super) pairs: Vec<Pair>,
    /// The server's first line of a pair where the client has another pair's.
    pub(super) disorder: Option<usize>,
}

/// Pairs each of the server's lines with the client's next line of that name.
pub(super) fn align<'a>(
    client: impl Iterator<Item = &'a str>,
    server: impl Iterator<Item = &'a str>,
) -> Alignment {
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (at, name) in client.enumerate() {
        places.entry(name).or_default().push_back(at);
    }
    let mut pairs: Vec<(usize, Pair)> = Vec::new();
    let mut order = Vec::new();
    for (at, name) in server.enumerate() {
        match places.get_mut(name).and_then(VecDeque::pop_front) {
            Some(client) => {
                order.push((client, at));
                pairs.push((at, Pair::Both { client, server: at }));
            }
            None => pairs.push((at, Pair::OnlyServer(at))),
        }
    }
    pairs.extend(places.into_values().flatten().map(|at| (at, Pair::OnlyClient(at))));
    pairs.sort_by_key(|(at, pair)| (*at, matches!(pair, Pair::OnlyClient(_))));
    let disorder = disorder(&order);
    Alignment { pairs: pairs.into_iter().map(|(_, pair)| pair).collect(), disorder }
}

/// Of pairs in the server's order, the first that would be another one in the client's order.
fn disorder(order: &[(usize, usize)]) -> Option<usize> {
    let mut of_client: Vec<_> = order.iter().map(|(client, _)| *client).collect();
    of_client.sort_unstable();
    let mut pairs = order.iter().zip(of_client);
    pairs.find(|((client, _), here)| client != here).map(|((_, server), _)| *server)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(client: &str, server: &str) -> Alignment {
        align(client.split(' '), server.split(' '))
    }

    #[test]
    fn lines_are_paired_by_name_and_occurrence() {
        let Alignment { pairs, disorder } = aligned("a a b d", "a c b a");
        assert_eq!(
            pairs,
            [
                Pair::Both { client: 0, server: 0 },
                Pair::OnlyServer(1),
                Pair::Both { client: 2, server: 2 },
                Pair::Both { client: 1, server: 3 },
                Pair::OnlyClient(3),
            ]
        );
        assert_eq!(disorder, Some(2));
    }

    #[test]
    fn lists_of_the_same_order_have_no_disorder() {
        assert_eq!(aligned("a x b c", "a b y c").disorder, None);
        assert_eq!(aligned("b a", "a b").disorder, Some(0));
        assert_eq!(aligned("", "").pairs.len(), 1);
    }
}

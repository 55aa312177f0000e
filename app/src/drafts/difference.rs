//! What differs between two texts, line by line.

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    Same(&'a str),
    Removed(&'a str),
    Added(&'a str),
}

/// Above this many compared pairs the middle is shown as replaced, to stay quick.
const MAX_PAIRS: usize = 4_000_000;

/// The shortest way from `before` to `after`.
#[must_use]
pub fn difference<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let start = common(before.iter(), after.iter());
    let end = common(before[start..].iter().rev(), after[start..].iter().rev());
    let (old, new) = (
        &before[start..before.len() - end],
        &after[start..after.len() - end],
    );
    let mut lines: Vec<Line<'a>> = before[..start]
        .iter()
        .map(|line| Line::Same(line))
        .collect();
    if old.len() * new.len() > MAX_PAIRS {
        lines.extend(old.iter().map(|line| Line::Removed(line)));
        lines.extend(new.iter().map(|line| Line::Added(line)));
    } else {
        middle(old, new, &mut lines);
    }
    lines.extend(
        before[before.len() - end..]
            .iter()
            .map(|line| Line::Same(line)),
    );
    lines
}

fn common<'a>(a: impl Iterator<Item = &'a &'a str>, b: impl Iterator<Item = &'a &'a str>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// Longest common subsequence, from its table of lengths.
fn middle<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    let width = new.len() + 1;
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = if old[i] == new[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(Line::Same(old[i]));
            i += 1;
            j += 1;
        } else if j == new.len()
            || (i < old.len() && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
        {
            lines.push(Line::Removed(old[i]));
            i += 1;
        } else {
            lines.push(Line::Added(new[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line::*, *};

    #[test]
    fn only_what_changed_is_marked() {
        assert_eq!(
            difference("a\nb\nc\nd", "a\nx\nc\nd\ne"),
            [
                Same("a"),
                Removed("b"),
                Added("x"),
                Same("c"),
                Same("d"),
                Added("e")
            ]
        );
        assert_eq!(difference("a", "a"), [Same("a")]);
        assert_eq!(difference("", "a"), [Added("a")]);
        assert_eq!(difference("a\na", "a"), [Same("a"), Removed("a")]);
    }
}

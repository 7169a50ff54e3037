//! The locators of one query, watched so that a server cannot lead us in circles for ever.

use super::PageError;

/// Remembers one locator at a time, and replaces it ever more rarely: that finds a circle of any
/// length in constant memory (Brent's algorithm).
#[derive(Debug, Default)]
pub struct Trail {
    remembered: Option<String>,
    followed: u64,
}

impl Trail {
    /// Notes that a locator is about to be followed.
    ///
    /// # Errors
    /// [`PageError::Circle`] when it was followed before; in a long circle only some rounds later.
    pub fn follow(&mut self, locator: &str) -> Result<(), PageError> {
        if self.remembered.as_deref() == Some(locator) {
            return Err(PageError::Circle);
        }
        self.followed += 1;
        if self.followed.is_power_of_two() {
            self.remembered = Some(locator.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_any_length_is_found_and_a_way_without_one_is_gone() {
        for (before, length) in [(0, 1), (1, 1), (0, 2), (3, 2), (5, 7), (100, 40)] {
            let mut trail = Trail::default();
            let locators = (0..before).chain((before..before + length).cycle());
            let found = locators
                .take(4 * (before + length))
                .position(|locator| trail.follow(&locator.to_string()).is_err());
            assert!(
                found.is_some_and(|at| at >= before + length),
                "{before} {length}"
            );
        }
        let mut trail = Trail::default();
        assert!((0..1000).all(|locator| trail.follow(&locator.to_string()).is_ok()));
    }

    #[test]
    fn the_same_locator_twice_is_found_at_once() {
        let mut trail = Trail::default();
        assert_eq!(trail.follow("01g-2000"), Ok(()));
        assert_eq!(trail.follow("01g-2000"), Err(PageError::Circle));
    }
}

//! What goes wrong next, from a seed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sfmtls::local_org::{Call, Ending, Mishap, Org, When};

/// How often a call is tried: once, and the four tries of the default.
pub(super) const TRIES: u64 = 5;

/// xorshift64: the same run for the same seed.
pub(super) struct Chance(u64);

pub(super) fn seed_of_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_micros() as u64
}

/// What goes wrong with one call.
#[derive(Debug)]
pub(super) enum Trouble {
    None,
    /// The answer looks another way, and is good.
    Odd(&'static str),
    /// So many tries fail in a way that may pass; [`TRIES`] of them are all.
    Transient(&'static str, u64),
    /// The session ends after so many tries that failed.
    SessionEnds(u64),
    /// It will not pass: the exit status.
    Final(&'static str, i32),
}

const ODD: [&str; 7] = [
    "chunked",
    "gzip unasked",
    "until close_notify",
    "closed when idle",
    "delayed",
    "slow",
    "no gzip",
];
const TRANSIENT: [&str; 14] = [
    "503",
    "503 with Retry-After: 0",
    "429 as text/xml",
    "502",
    "done behind a 504",
    "reset unheard",
    "reset before the head",
    "closed before the head",
    "reset in the body",
    "closed in the body",
    "closed at the end of the body",
    "Content-Length too long",
    // gzip that is cut off.
    "Content-Length too short",
    "SERVER_UNAVAILABLE",
];
const FINAL: [(&str, i32); 7] = [
    ("INVALID_FIELD", 4),
    ("REQUEST_LIMIT_EXCEEDED of the day", 4),
    ("HTML with HTTP 200", 6),
    ("503 with Retry-After: 600", 6),
    ("redirect", 6),
    ("DOCTYPE", 6),
    ("XML that stops", 6),
];

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Half of all calls meet something.
    pub(super) fn trouble(&mut self) -> Trouble {
        match self.below(20) {
            0..10 => Trouble::None,
            10..13 => Trouble::Odd(self.one(&ODD)),
            13..17 => Trouble::Transient(self.one(&TRANSIENT), 1 + self.below(TRIES)),
            17 => Trouble::SessionEnds(self.below(TRIES)),
            _ => {
                let (name, status) = self.one(&FINAL);
                Trouble::Final(name, status)
            }
        }
    }

    /// For the program, whose waits are real: what passes does not lengthen them.
    pub(super) fn trouble_without_waits(&mut self) -> Trouble {
        match self.trouble() {
            Trouble::Transient(_, tries) => Trouble::Transient("503 with Retry-After: 0", tries),
            Trouble::SessionEnds(_) => Trouble::SessionEnds(0),
            trouble => trouble,
        }
    }
}

impl Trouble {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Odd(name) | Self::Transient(name, _) | Self::Final(name, _) => name,
            Self::SessionEnds(_) => "the session ends",
        }
    }

    /// The exit status that is right.
    pub(super) fn status(&self) -> i32 {
        match self {
            Self::Transient(_, TRIES) => match self.name() {
                "SERVER_UNAVAILABLE" => 4,
                _ => 6,
            },
            Self::Final(_, status) => *status,
            _ => 0,
        }
    }

    /// Whether the connection ends at some time after a whole answer.
    pub(super) fn closes_later(&self) -> bool {
        self.name() == "closed when idle"
    }

    /// The logins that are due.
    pub(super) fn logins(&self) -> u64 {
        match self {
            Self::SessionEnds(_) => 1,
            _ => 0,
        }
    }

    /// Lets it happen to the next requests of this kind.
    pub(super) fn plan(&self, org: &Org, call: Call, chance: &mut Chance) {
        org.switch(|switches| switches.gzip = self.name() != "no gzip");
        let mut plan = |nth, name| {
            if let Some(mishap) = mishap(name, chance) {
                org.plan(call, When::Nth(nth), mishap);
            }
        };
        match self {
            Self::None => {}
            Self::Odd(name) | Self::Final(name, _) => plan(1, name),
            Self::Transient(name, tries) => (1..=*tries).for_each(|nth| plan(nth, name)),
            Self::SessionEnds(before) => {
                (1..=*before).for_each(|nth| plan(nth, "503"));
                org.plan(call, When::Nth(before + 1), Mishap::SessionEnds);
            }
        }
    }
}

fn page(status: u16, content_type: &'static str, retry_after: Option<&str>) -> Mishap {
    Mishap::Page {
        status,
        content_type,
        retry_after: retry_after.map(str::to_owned),
    }
}

fn cut(after: Option<usize>, ending: Ending) -> Mishap {
    Mishap::Cut { after, ending }
}

fn mishap(name: &str, chance: &mut Chance) -> Option<Mishap> {
    const HTML: &str = "text/html";
    // Shorter than any answer, in gzip too.
    let within = |chance: &mut Chance| Some(1 + chance.below(200) as usize);
    Some(match name {
        "chunked" => Mishap::Chunked(1 + chance.below(3000) as usize),
        "gzip unasked" => Mishap::GzipUnasked,
        "until close_notify" => Mishap::UntilClose(Ending::CloseNotify),
        "closed when idle" => Mishap::CloseIdle,
        "delayed" => Mishap::Delay(Duration::from_millis(chance.below(5))),
        "slow" => Mishap::Slow(100_000 + chance.below(900_000)),
        "no gzip" => return None,
        "503" => page(503, HTML, None),
        "503 with Retry-After: 0" => page(503, HTML, Some("0")),
        "429 as text/xml" => page(429, "text/xml", None),
        "502" => page(502, HTML, None),
        "done behind a 504" => Mishap::DoneBehind(504),
        "reset unheard" => Mishap::Unheard(Ending::Reset),
        "reset before the head" => cut(None, Ending::Reset),
        "closed before the head" => cut(None, Ending::Close),
        "reset in the body" => cut(within(chance), Ending::Reset),
        "closed in the body" => cut(within(chance), Ending::CloseNotify),
        "closed at the end of the body" => Mishap::UntilClose(Ending::Close),
        "Content-Length too long" => Mishap::LengthTooLong(1 + chance.below(5000) as usize),
        "SERVER_UNAVAILABLE" => Mishap::Fault("SERVER_UNAVAILABLE", "try again"),
        "INVALID_FIELD" => Mishap::Fault("INVALID_FIELD", "No such column"),
        "REQUEST_LIMIT_EXCEEDED of the day" => {
            Mishap::Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        }
        "HTML with HTTP 200" => page(200, HTML, None),
        "503 with Retry-After: 600" => page(503, HTML, Some("600")),
        "redirect" => Mishap::Redirect("https://elsewhere.test/".to_owned()),
        "DOCTYPE" => Mishap::Doctype,
        "XML that stops" => Mishap::CutXml(1 + chance.below(500) as usize),
        "Content-Length too short" => Mishap::LengthTooShort(1 + chance.below(100) as usize),
        _ => unreachable!("{name} is no trouble"),
    })
}

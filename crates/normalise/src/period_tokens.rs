//! The words of a period: numbers, names of months, quarters, half-years and weeks, marks between them.
//!
//! Words that say nothing about which period is meant («станом на», «року», «за», "of") are dropped; whether a
//! stock date was announced is kept.

use crate::folded;

/// What a word or a sign of a period says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    /// A month, from 1.
    Month(u32),
    /// A Roman numeral or a numeral in words.
    Numeral(u32),
    Quarter,
    Half,
    Week,
    /// «місяців»
    Months,
    /// «з», "from": a range begins.
    From,
    /// «по», «до», "to": what follows ends a range.
    To,
    /// «початок», «кінець» of the period that follows.
    Beginning,
    End,
    Dash,
    Dot,
    Slash,
}

/// A text in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) list: Vec<Token>,
    /// «станом на», «на», "as of" stands before it.
    pub(crate) stock: bool,
    /// «цього року», «ц.р.» stands for a year that the text does not name.
    pub(crate) this_year: bool,
    /// «минулого року» stands for it.
    pub(crate) last_year: bool,
}

/// Tokens of a longer text are no period.
const MOST: usize = 16;

/// The tokens of a text; `None` when a word in it is none of a period.
pub(crate) fn tokens_of(text: &str) -> Option<Tokens> {
    let key = folded(text);
    let mut found = Tokens::default();
    let mut words = Words { rest: &key };
    while let Some(word) = words.next() {
        if found.list.len() > MOST {
            return None;
        }
        match word {
            Word::Number(digits) => found.list.push(Token::Number(digits.parse().ok()?, digits.len())),
            Word::Sign('-') => found.list.push(Token::Dash),
            Word::Sign('/') => found.list.push(Token::Slash),
            Word::Sign('.') => found.list.push(Token::Dot),
            Word::Sign(',' | '«' | '»' | '"' | '“' | '”' | '„' | '(' | ')' | '№') => {}
            Word::Sign(_) => return None,
            Word::Letters(letters) => found.take_word(letters, &mut words)?,
        }
    }
    Some(found)
}

impl Tokens {
    fn take_word(&mut self, word: &str, words: &mut Words<'_>) -> Option<()> {
        // «ц.р.», «м.р.»: this and last year.
        if matches!(word, "ц" | "м") && words.skip(".") {
            words.skip(" ");
            words.skip("р").then_some(())?;
            words.skip(".");
            self.last_year |= word == "м";
            self.this_year |= word != "м";
            return Some(());
        }
        if self.qualifier(word) {
            return Some(());
        }
        if let Some(token) = token_of(word) {
            // An abbreviation carries its point.
            words.skip(".");
            self.list.push(token);
            return Some(());
        }
        if is_filler(word) {
            words.skip(".");
            return Some(());
        }
        self.ending(word)
    }

    /// Words that say which year or which day is meant without naming it.
    fn qualifier(&mut self, word: &str) -> bool {
        match word {
            "станом" | "as" => self.stock = true,
            "на" => self.stock |= self.list.is_empty(),
            "цього" | "цьому" | "поточного" | "поточному" | "поточний" | "this" | "current" => {
                self.this_year = true
            }
            "минулого" | "минулому" | "минулий" | "торік" | "попереднього" | "last" | "previous" => {
                self.last_year = true
            }
            _ => return false,
        }
        true
    }

    /// `3-й`, `24th`: an ending of an ordinal number belongs to the number before it.
    fn ending(&mut self, word: &str) -> Option<()> {
        let ordinal = [
            "й", "ій", "ий", "го", "ого", "му", "ому", "м", "я", "тя", "ту", "ше", "ге", "те", "е", "х", "ї",
            "ої", "st", "nd", "rd", "th", "а",
        ];
        if !ordinal.contains(&word) {
            return None;
        }
        if self.list.last() == Some(&Token::Dash) {
            self.list.pop();
        }
        matches!(self.list.last(), Some(Token::Number(..) | Token::Numeral(_))).then_some(())
    }
}

fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "року"
            | "рік"
            | "році"
            | "роки"
            | "років"
            | "роках"
            | "рр"
            | "р"
            | "за"
            | "у"
            | "в"
            | "протягом"
            | "упродовж"
            | "впродовж"
            | "період"
            | "періоду"
            | "звітний"
            | "перші"
            | "перших"
            | "включно"
            | "of"
            | "the"
            | "in"
            | "at"
            | "on"
            | "for"
            | "during"
            | "year"
            | "period"
            | "ended"
            | "ending"
    )
}

fn token_of(word: &str) -> Option<Token> {
    Some(match word {
        "квартал" | "кварталу" | "кварталі" | "квартали" | "кварталів" | "кварталом" | "кварталах" | "кв"
        | "q" | "quarter" | "quarters" | "qtr" => Token::Quarter,
        "півріччя" | "півріччі" | "півріччю" | "пів" | "півр" | "s" | "h" | "half" | "semester" => {
            Token::Half
        }
        "тиждень" | "тижня" | "тижні" | "тижнем" | "тиж" | "w" | "week" | "wk" => {
            Token::Week
        }
        "місяців" | "місяці" | "місяць" | "місяця" | "міс" | "months" | "month" => {
            Token::Months
        }
        "з" | "із" | "зі" | "від" | "from" | "between" => Token::From,
        "по" | "до" | "to" | "through" | "till" | "until" | "and" => Token::To,
        "початок" | "початку" | "beginning" | "start" => Token::Beginning,
        "кінець" | "кінця" | "кінці" | "end" => Token::End,
        _ => {
            return month(word)
                .map(Token::Month)
                .or_else(|| numeral(word).map(Token::Numeral));
        }
    })
}

/// Ukrainian months: stem, endings in full, abbreviations. English names are read to three letters.
const MONTHS: [(&str, &[&str], &[&str], &str); 12] = [
    ("січ", ENDINGS, &["січ"], "january"),
    ("лют", &["ий", "ого", "ому", "им", "ім"], &["лют"], "february"),
    ("берез", ENDINGS, &["бер", "берез"], "march"),
    ("квіт", ENDINGS, &["кві", "квіт"], "april"),
    ("трав", ENDINGS, &["тра", "трав"], "may"),
    ("черв", ENDINGS, &["чер", "черв"], "june"),
    ("лип", ENDINGS, &["лип"], "july"),
    ("серп", ENDINGS, &["сер", "серп"], "august"),
    ("верес", ENDINGS, &["вер", "верес"], "september"),
    ("жовт", ENDINGS, &["жов", "жовт"], "october"),
    (
        "листопад",
        &["", "а", "у", "і", "ом", "ові"],
        &["лис", "лист"],
        "november",
    ),
    ("груд", ENDINGS, &["гру", "груд"], "december"),
];
const ENDINGS: &[&str] = &["ень", "ня", "ню", "ні", "нем"];

fn month(word: &str) -> Option<u32> {
    let index = MONTHS.iter().position(|(stem, endings, short, english)| {
        let full = word
            .strip_prefix(stem)
            .is_some_and(|ending| endings.contains(&ending));
        full || short.contains(&word)
            || word == *english
            || (word.len() == 3 && english.starts_with(word))
            || (word == "sept" && *english == "september")
    });
    u32::try_from(index? + 1).ok()
}

/// Roman numerals to XII in Latin or Cyrillic letters, and numerals in words.
fn numeral(word: &str) -> Option<u32> {
    const ROMAN: [&str; 12] = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii",
    ];
    const WORDS: [(&[&str], u32); 13] = [
        (&["перший", "першого", "першому", "перше", "перша", "first"], 1),
        (
            &[
                "другий",
                "другого",
                "другому",
                "друге",
                "друга",
                "second",
                "два",
                "двох",
                "two",
            ],
            2,
        ),
        (
            &[
                "третій",
                "третього",
                "третьому",
                "третє",
                "третя",
                "third",
                "три",
                "трьох",
                "three",
            ],
            3,
        ),
        (
            &[
                "четвертий",
                "четвертого",
                "четвертому",
                "fourth",
                "чотири",
                "чотирьох",
                "four",
            ],
            4,
        ),
        (&["п'ять", "п'яти", "five"], 5),
        (&["шість", "шести", "six"], 6),
        (&["сім", "семи", "seven"], 7),
        (&["вісім", "восьми", "eight"], 8),
        (&["дев'ять", "дев'яти", "nine"], 9),
        (&["десять", "десяти", "ten"], 10),
        (&["одинадцять", "одинадцяти", "eleven"], 11),
        (&["дванадцять", "дванадцяти", "twelve"], 12),
        (&["один", "одного", "one"], 1),
    ];
    let latin: String = word
        .chars()
        .map(|letter| match letter {
            'і' => 'i',
            'х' => 'x',
            other => other,
        })
        .collect();
    if let Some(index) = ROMAN.iter().position(|roman| *roman == latin) {
        return u32::try_from(index + 1).ok();
    }
    let found = WORDS.iter().find(|(words, _)| words.contains(&word));
    found.map(|(_, number)| *number)
}

enum Word<'a> {
    Number(&'a str),
    Letters(&'a str),
    Sign(char),
}

/// Parts a folded text into runs of digits, runs of letters and signs; spaces only part them.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self
            .rest
            .find(|letter| !belongs(letter))
            .unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        run
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        self.run(char::is_whitespace);
        let first = self.rest.chars().next()?;
        Some(if first.is_ascii_digit() {
            Word::Number(self.run(|letter| letter.is_ascii_digit()))
        } else if first.is_alphabetic() {
            Word::Letters(self.run(|letter| letter.is_alphabetic() || letter == '\''))
        } else {
            self.rest = self.rest.get(first.len_utf8()..).unwrap_or("");
            Word::Sign(first)
        })
    }
}

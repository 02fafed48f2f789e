//! `sasl.jaas.config`: one login module with its options.
//!
//! Follows Kafka's `JaasConfig`, which reads with `java.io.StreamTokenizer`: quotes of both kinds, comments of three, numbers that
//! are no words. Not for JAAS files, whose grammar is the JVM's own.

/// What a value of `sasl.jaas.config` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The class of the login module.
    pub module: String,
    /// Its options. A key may be missing: Kafka takes a number for one.
    pub options: Vec<(Option<String>, String)>,
}

impl Entry {
    /// The value of an option; the last one counts.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.iter().rev().find(|(k, _)| k.as_deref() == Some(key)).map(|(_, value)| value.as_str())
    }
}

/// Reads the value, or says what is wrong with it.
///
/// # Errors
/// What Kafka refuses, to stand behind "sasl.jaas.config".
pub fn parse(text: &str) -> Result<Entry, &'static str> {
    let mut tokens = Tokens { text: text.chars(), peeked: None };
    let mut found = None;
    loop {
        let module = match tokens.next() {
            Token::End => return found.ok_or("names no login module"),
            token => token.word(),
        };
        let flag = match tokens.next() {
            Token::End => return Err("has no control flag behind the login module"),
            token => token.word(),
        };
        let flags = ["required", "requisite", "sufficient", "optional"];
        if !flag.is_some_and(|f| flags.contains(&f.to_lowercase().as_str())) {
            return Err(
                "has no control flag (required, requisite, sufficient, optional) behind the login module",
            );
        }
        let mut options = Vec::new();
        loop {
            let key = match tokens.next() {
                Token::End => return Err("does not end with a semicolon"),
                Token::Other(';') => break,
                token => token.word(),
            };
            if tokens.next() != Token::Other('=') {
                return Err("has an option without a value");
            }
            match tokens.next().word() {
                Some(value) => options.push((key, value)),
                None => {
                    return Err("has an option without a value, or with a number that stands without quotes");
                }
            }
        }
        let module = module.filter(|m| !m.is_empty()).ok_or("names no login module")?;
        if found.is_some() {
            return Err("names more than one login module");
        }
        found = Some(Entry { module, options });
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    End,
    /// A word, or what stands in quotes.
    Word(String),
    Number,
    Other(char),
}

impl Token {
    fn word(self) -> Option<String> {
        match self {
            Token::Word(text) => Some(text),
            _ => None,
        }
    }
}

/// `StreamTokenizer` as `JaasConfig` sets it up.
struct Tokens<'t> {
    text: std::str::Chars<'t>,
    peeked: Option<char>,
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '$') || c >= '\u{a0}'
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | '-')
}

impl Tokens<'_> {
    fn read(&mut self) -> Option<char> {
        self.peeked.take().or_else(|| self.text.next())
    }

    fn rest_of_line(&mut self) {
        while let Some(c) = self.read() {
            if c == '\n' || c == '\r' {
                self.peeked = Some(c);
                return;
            }
        }
    }

    fn next(&mut self) -> Token {
        loop {
            let Some(c) = self.read() else { return Token::End };
            match c {
                '\0'..=' ' => {}
                _ if is_digit(c) => return self.number(c),
                _ if is_word(c) => return Token::Word(self.word(c)),
                '"' | '\'' => return Token::Word(self.quoted(c)),
                '/' => match self.read() {
                    Some('*') => {
                        let mut before = '\0';
                        loop {
                            match self.read() {
                                None => return Token::End,
                                Some('/') if before == '*' => break,
                                Some(c) => before = c,
                            }
                        }
                    }
                    // One slash alone begins a comment too: `StreamTokenizer` has it so from the start. What stands
                    // behind it is skipped, be it the end of the line.
                    _ => self.rest_of_line(),
                },
                _ => return Token::Other(c),
            }
        }
    }

    fn number(&mut self, first: char) -> Token {
        let mut c = Some(first);
        if first == '-' {
            c = self.read();
            if !c.is_some_and(|c| c == '.' || c.is_ascii_digit()) {
                self.peeked = c;
                return Token::Other('-');
            }
        }
        let mut dot = false;
        loop {
            match c {
                Some('.') if !dot => dot = true,
                Some('0'..='9') => {}
                _ => break,
            }
            c = self.read();
        }
        self.peeked = c;
        Token::Number
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        loop {
            match self.read() {
                Some(c) if is_word(c) || is_digit(c) => word.push(c),
                other => {
                    self.peeked = other;
                    return word;
                }
            }
        }
    }

    /// Up to the same quote, or to the end of the line.
    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        let mut next = self.read();
        loop {
            let Some(c) = next else { return text };
            if c == quote {
                return text;
            }
            if c == '\n' || c == '\r' {
                self.peeked = Some(c);
                return text;
            }
            if c != '\\' {
                text.push(c);
                next = self.read();
                continue;
            }
            match self.read() {
                Some(first @ '0'..='7') => {
                    let (value, after) = self.octal(first);
                    text.push(value);
                    next = after;
                    continue;
                }
                Some(c) => text.push(match c {
                    'a' => '\x07',
                    'b' => '\x08',
                    'f' => '\x0c',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\x0b',
                    other => other,
                }),
                None => return text,
            }
            next = self.read();
        }
    }

    /// `\7`, `\77`, `\377`, and the character behind it.
    fn octal(&mut self, first: char) -> (char, Option<char>) {
        let mut value = first.to_digit(8).unwrap_or(0);
        let most = if first <= '3' { 2 } else { 1 };
        for _ in 0..most {
            let next = self.read();
            match next.and_then(|c| c.to_digit(8)) {
                Some(digit) => value = value * 8 + digit,
                None => return (char::from_u32(value).unwrap_or('?'), next),
            }
        }
        (char::from_u32(value).unwrap_or('?'), self.read())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn reads_what_people_write() {
        let entry = parse("a.b.C required\n username=\"u \\\"x\"\n password='p;#' z=w; // done").unwrap();
        assert_eq!(entry.module, "a.b.C");
        assert_eq!(entry.option("username"), Some("u \"x"));
        assert_eq!(entry.option("password"), Some("p;#"));
        assert_eq!(entry.option("z"), Some("w"));
        assert!(parse("a.b.C REQUIRED;").is_ok());
        assert_eq!(parse("C optional k=\"\\101\\0\";").unwrap().option("k"), Some("A\0"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, fault) in [
            ("", "names no login module"),
            ("C", "has no control flag behind the login module"),
            ("C required", "does not end with a semicolon"),
            ("C required username=\"u\", password=\"p\";", "has an option without a value"),
            ("C required; D required;", "names more than one login module"),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
        for text in [
            "C needed;",
            "C required a=1;",
            "C required a=/x;",
            "KafkaClient { C required; };",
            "C required;;",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

//! Condition operators and the request context.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>

use std::borrow::Cow;
use std::net::IpAddr;

use crate::model::pattern::{self, Pattern, Syntax};
use crate::model::text::Text;
use crate::model::tri::Tri;

use super::policy::At;

/// `[ForAllValues:|ForAnyValue:]Base[IfExists]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub set: Option<SetOperator>,
    pub base: Base,
    /// `StringNotEquals` and the like: true where the positive one is not.
    pub negated: bool,
    pub if_exists: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    All,
    Any,
}

/// The comparison without its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    /// `ArnEquals` and `ArnLike` behave alike.
    Arn,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Every operator without prefix and suffix, as AWS spells it.
pub const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

impl Operator {
    /// Reads the name of an operator, in any case; `None` where AWS knows none of that name.
    pub fn named(name: &str) -> Option<Operator> {
        let (set, rest) = match name.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Some(SetOperator::All), rest),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Some(SetOperator::Any), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let suffix = rest.len().checked_sub("IfExists".len()).filter(|&at| rest.is_char_boundary(at));
        let (rest, if_exists) = match suffix {
            Some(at) if rest[at..].eq_ignore_ascii_case("IfExists") => (&rest[..at], true),
            _ => (rest, false),
        };
        let index = OPERATORS.iter().position(|operator| operator.eq_ignore_ascii_case(rest))?;
        use Order::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let (base, negated) = match OPERATORS[index] {
            "StringEquals" => (Base::StringEquals, false),
            "StringNotEquals" => (Base::StringEquals, true),
            "StringEqualsIgnoreCase" => (Base::StringEqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Base::StringEqualsIgnoreCase, true),
            "StringLike" => (Base::StringLike, false),
            "StringNotLike" => (Base::StringLike, true),
            "NumericEquals" => (Base::Numeric(Equal), false),
            "NumericNotEquals" => (Base::Numeric(Equal), true),
            "NumericLessThan" => (Base::Numeric(Less), false),
            "NumericLessThanEquals" => (Base::Numeric(LessOrEqual), false),
            "NumericGreaterThan" => (Base::Numeric(Greater), false),
            "NumericGreaterThanEquals" => (Base::Numeric(GreaterOrEqual), false),
            "DateEquals" => (Base::Date(Equal), false),
            "DateNotEquals" => (Base::Date(Equal), true),
            "DateLessThan" => (Base::Date(Less), false),
            "DateLessThanEquals" => (Base::Date(LessOrEqual), false),
            "DateGreaterThan" => (Base::Date(Greater), false),
            "DateGreaterThanEquals" => (Base::Date(GreaterOrEqual), false),
            "Bool" => (Base::Bool, false),
            "BinaryEquals" => (Base::Binary, false),
            "IpAddress" => (Base::Ip, false),
            "NotIpAddress" => (Base::Ip, true),
            "ArnEquals" | "ArnLike" => (Base::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Base::Arn, true),
            _ => (Base::Null, false),
        };
        if base == Base::Null && (if_exists || set.is_some()) {
            return None;
        }
        Some(Operator { set, base, negated, if_exists })
    }
}

/// One operator on one key with its values.
#[derive(Clone, Debug)]
pub struct Condition<'s> {
    pub at: At,
    pub operator_at: At,
    /// As written.
    pub operator_name: Cow<'s, str>,
    /// `None`: there is no such operator.
    pub operator: Option<Operator>,
    /// As written; keys are compared without case.
    pub key: Cow<'s, str>,
    pub values: Vec<ConditionValue<'s>>,
    /// The values were written as a list.
    pub listed: bool,
    /// Further values that are not known.
    pub unknown: Option<At>,
}

#[derive(Clone, Debug)]
pub struct ConditionValue<'s> {
    pub at: At,
    pub text: Text<'s>,
    test: Test<'s>,
}

/// What a value means under its operator.
#[derive(Clone, Debug)]
enum Test<'s> {
    /// Matched against the whole string.
    Pattern(Pattern<'s>),
    /// Field by field.
    Arn(Box<[Pattern<'s>; 6]>),
    /// An ARN pattern in which a variable or symbol may hide a separator.
    ArnText(Text<'s>),
    Number(Number),
    Instant(i128),
    Bool(bool),
    Bytes(Vec<u8>),
    Net(IpAddr, u8),
    /// No value of that kind: it matches nothing.
    Invalid,
    /// Not known in full.
    Unknown,
}

/// What a request says about one key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyState<'s> {
    Values(Vec<Text<'s>>),
    /// There, with a value that is not known.
    Present,
    Absent,
    /// It may be there or not.
    Unknown,
}

/// The context of a request.
#[derive(Clone, Debug)]
pub struct Context<'s> {
    entries: Vec<(Cow<'s, str>, KeyState<'s>)>,
    others: KeyState<'s>,
}

impl<'s> Context<'s> {
    /// Keys that are not named are absent.
    pub fn closed() -> Self {
        Context { entries: Vec::new(), others: KeyState::Absent }
    }

    /// Keys that are not named may be there or not.
    pub fn open() -> Self {
        Context { entries: Vec::new(), others: KeyState::Unknown }
    }

    /// Sets one value.
    pub fn set(&mut self, key: impl Into<Cow<'s, str>>, value: impl Into<Text<'s>>) {
        self.put(key, KeyState::Values(vec![value.into()]));
    }

    pub fn put(&mut self, key: impl Into<Cow<'s, str>>, state: KeyState<'s>) {
        let key = key.into();
        let state = match state {
            // A null data set is as good as no key.
            KeyState::Values(values) if values.is_empty() => KeyState::Absent,
            state => state,
        };
        match self.entries.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(&key)) {
            Some((_, slot)) => *slot = state,
            None => self.entries.push((key, state)),
        }
    }

    pub fn get(&self, key: &str) -> &KeyState<'s> {
        self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map_or(&self.others, |(_, state)| state)
    }

    pub fn entries(&self) -> impl Iterator<Item = (&str, &KeyState<'s>)> {
        self.entries.iter().map(|(key, state)| (&**key, state))
    }

    /// The value of a policy variable: `Err` where there is none.
    pub(super) fn variable(&self, key: &str) -> Option<Text<'s>> {
        match self.get(key) {
            KeyState::Values(values) => match &values[..] {
                [value] => Some(value.clone()),
                _ => Some(pattern::anything()),
            },
            KeyState::Present | KeyState::Unknown => Some(pattern::anything()),
            KeyState::Absent => None,
        }
    }
}

impl<'s> Condition<'s> {
    pub(super) fn new(
        at: At,
        operator_at: At,
        name: Cow<'s, str>,
        operator: Option<Operator>,
        key: Cow<'s, str>,
    ) -> Self {
        Condition {
            at,
            operator_at,
            operator_name: name,
            operator,
            key,
            values: Vec::new(),
            listed: false,
            unknown: None,
        }
    }

    pub(super) fn push(&mut self, at: At, text: Text<'s>) {
        self.values.push(ConditionValue { at, text, test: Test::Unknown });
    }

    /// Reads the values under the operator once. `variables`: the policy's language has variables.
    pub(super) fn prepare(&mut self, variables: bool) {
        let Some(operator) = self.operator else { return };
        for value in &mut self.values {
            value.test = test_of(operator.base, &value.text, variables);
        }
    }

    /// Whether the condition holds.
    pub fn holds(&self, context: &Context<'s>) -> Tri {
        let Some(operator) = self.operator else { return Tri::Unknown };
        let state = context.get(&self.key);
        if operator.base == Base::Null {
            return self.is_null(state);
        }
        match state {
            KeyState::Absent => absent(operator),
            KeyState::Values(values) => self.holds_for(operator, values, context),
            KeyState::Present => self.holds_for(operator, &[pattern::anything()], context),
            KeyState::Unknown => {
                let (without, with) = (absent(operator), self.holds_for(operator, &[pattern::anything()], context));
                if without == with { with } else { Tri::Unknown }
            }
        }
    }

    fn is_null(&self, state: &KeyState<'_>) -> Tri {
        let absent = match state {
            KeyState::Absent => Tri::Yes,
            KeyState::Values(_) | KeyState::Present => Tri::No,
            KeyState::Unknown => Tri::Unknown,
        };
        let mut found = if self.unknown.is_some() { Tri::Unknown } else { Tri::No };
        for value in &self.values {
            found = found.or(match value.test {
                Test::Bool(true) => absent,
                Test::Bool(false) => !absent,
                Test::Unknown => Tri::Unknown,
                _ => Tri::No,
            });
        }
        found
    }

    fn holds_for(&self, operator: Operator, values: &[Text<'s>], context: &Context<'s>) -> Tri {
        // Whether one value of the request equals one of the policy's.
        let one = |value: &Text<'s>| {
            let mut found = if self.unknown.is_some() { Tri::Unknown } else { Tri::No };
            for candidate in &self.values {
                if found.is_yes() {
                    break;
                }
                found = found.or(candidate.matches(operator.base, value, context));
            }
            found
        };
        let negate = |answer: Tri| if operator.negated { !answer } else { answer };
        match operator.set {
            Some(SetOperator::All) => values.iter().fold(Tri::Yes, |all, value| all.and(negate(one(value)))),
            Some(SetOperator::Any) => values.iter().fold(Tri::No, |any, value| any.or(negate(one(value)))),
            // Without a set operator a negated comparison is the negation of the positive one.
            None => negate(values.iter().fold(Tri::No, |any, value| any.or(one(value)))),
        }
    }
}

fn absent(operator: Operator) -> Tri {
    if operator.if_exists {
        return Tri::Yes;
    }
    match operator.set {
        Some(SetOperator::All) => Tri::Yes,
        Some(SetOperator::Any) => Tri::No,
        None => operator.negated.into(),
    }
}

impl<'s> ConditionValue<'s> {
    /// The value as a wildcard pattern, under operators that compare strings.
    pub fn pattern(&self) -> Option<&Pattern<'s>> {
        match &self.test {
            Test::Pattern(pattern) => Some(pattern),
            _ => None,
        }
    }

    /// Whether the value can be read under its operator; unknown ones can.
    pub fn is_valid(&self) -> bool {
        !matches!(self.test, Test::Invalid)
    }

    fn matches(&self, base: Base, value: &Text<'s>, context: &Context<'s>) -> Tri {
        match &self.test {
            Test::Pattern(own) => {
                let fold = base == Base::StringEqualsIgnoreCase;
                let folded;
                let value = if fold {
                    folded = lower(value);
                    &folded
                } else {
                    value
                };
                if own.has_variables() {
                    return match own.expand(fold, |key| context.variable(key)) {
                        Some(own) => maybe_variable(own.matches(value), own_is_unknown(&self.text, context)),
                        None => Tri::No,
                    };
                }
                own.matches(value)
            }
            Test::Arn(own) => arn_matches(own, value),
            Test::ArnText(text) => {
                let whole = Pattern::compile(text, Syntax { wildcards: true, variables: true, fold: false });
                let Some(expanded) = whole.expand(false, |key| context.variable(key)) else { return Tri::No };
                let text = expanded.to_text();
                match text.arn_fields() {
                    Some(own) => arn_matches(&own.map(|field| Pattern::glob(&field)), value),
                    None => match expanded.matches(value) {
                        Tri::No => Tri::No,
                        // The same symbols in the same places are equal field by field too.
                        Tri::Yes if !expanded.has_wildcards() => Tri::Yes,
                        _ => Tri::Unknown,
                    },
                }
            }
            Test::Unknown => match base {
                Base::Bool | Base::Numeric(_) | Base::Date(_) | Base::Ip | Base::Binary => Tri::Unknown,
                _ => pattern::same(&self.text, value),
            },
            Test::Invalid => match value.as_literal() {
                Some(_) => Tri::No,
                None => Tri::No,
            },
            test => {
                let Some(value) = value.as_literal() else { return Tri::Unknown };
                match test {
                    Test::Number(own) => Number::of(value).is_some_and(|value| value.is(base, own)).into(),
                    Test::Instant(own) => instant(value).is_some_and(|value| ordered(base, value.cmp(own))).into(),
                    Test::Bool(own) => (boolean(value) == Some(*own)).into(),
                    Test::Bytes(own) => (base64(value).as_ref() == Some(own)).into(),
                    Test::Net(net, bits) => value.parse().is_ok_and(|value| in_net(value, *net, *bits)).into(),
                    _ => Tri::Unknown,
                }
            }
        }
    }
}

/// A variable whose key may be absent makes a sure match unsure: absent, it would match nothing.
fn maybe_variable(answer: Tri, unsure: bool) -> Tri {
    if unsure && answer.is_yes() { Tri::Unknown } else { answer }
}

fn own_is_unknown(text: &Text<'_>, context: &Context<'_>) -> bool {
    let whole = Pattern::compile(text, Syntax { wildcards: true, variables: true, fold: false });
    whole.variables().any(|key| matches!(context.get(key), KeyState::Unknown))
}

fn arn_matches(own: &[Pattern<'_>; 6], value: &Text<'_>) -> Tri {
    if let Some(value) = value.as_literal() {
        let mut parts = value.splitn(6, ':');
        return own.iter().fold(Tri::Yes, |all, own| match parts.next() {
            Some(part) if !all.is_no() => all.and(own.matches_literal(part)),
            _ => Tri::No,
        });
    }
    let Some(parts) = value.arn_fields() else { return Tri::Unknown };
    own.iter().zip(&parts).fold(Tri::Yes, |all, (own, part)| all.and(own.matches(part)))
}

fn lower<'s>(text: &Text<'s>) -> Text<'s> {
    match text {
        Text::Literal(text) => Text::Literal(Cow::Owned(text.to_lowercase())),
        Text::Symbolic(_) => pattern::fold(text),
    }
}

fn test_of<'s>(base: Base, text: &Text<'s>, variables: bool) -> Test<'s> {
    let pattern = |wildcards| Test::Pattern(Pattern::compile(text, Syntax { wildcards, variables, fold: false }));
    match base {
        Base::StringEquals => pattern(false),
        Base::StringLike => pattern(true),
        Base::StringEqualsIgnoreCase => {
            Test::Pattern(Pattern::compile(&lower(text), Syntax { wildcards: false, variables, fold: false }))
        }
        Base::Arn => {
            let whole = Pattern::compile(text, Syntax { wildcards: true, variables, fold: false });
            if whole.has_variables() {
                return Test::ArnText(text.clone());
            }
            match text.arn_fields() {
                Some(parts) => Test::Arn(Box::new(parts.map(|part| {
                    Pattern::compile(&part.into_owned(), Syntax { wildcards: true, variables, fold: false })
                }))),
                None if text.as_literal() == Some("*") => Test::Pattern(Pattern::any()),
                None if text.as_literal().is_some() => Test::Invalid,
                None => Test::ArnText(text.clone()),
            }
        }
        Base::Bool | Base::Null | Base::Numeric(_) | Base::Date(_) | Base::Ip | Base::Binary => {
            let Some(text) = text.as_literal() else { return Test::Unknown };
            match base {
                Base::Bool | Base::Null => boolean(text).map(Test::Bool),
                Base::Numeric(_) => Number::of(text).map(Test::Number),
                Base::Date(_) => instant(text).map(Test::Instant),
                Base::Ip => net(text).map(|(net, bits)| Test::Net(net, bits)),
                _ => base64(text).map(Test::Bytes),
            }
            .unwrap_or(Test::Invalid)
        }
    }
}

/// `true` or `false`, in any case.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A number of a condition: exact where it is an integer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Integer(i128),
    Decimal(f64),
}

impl Number {
    pub fn of(text: &str) -> Option<Number> {
        let text = text.trim();
        if let Ok(integer) = text.parse() {
            return Some(Number::Integer(integer));
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E')) {
            return None;
        }
        text.parse().ok().filter(|decimal: &f64| decimal.is_finite()).map(Number::Decimal)
    }

    fn is(self, base: Base, own: &Number) -> bool {
        let order = match (self, *own) {
            (Number::Integer(a), Number::Integer(b)) => Some(a.cmp(&b)),
            (a, b) => a.decimal().partial_cmp(&b.decimal()),
        };
        order.is_some_and(|order| ordered(base, order))
    }

    fn decimal(self) -> f64 {
        match self {
            Number::Integer(integer) => integer as f64,
            Number::Decimal(decimal) => decimal,
        }
    }
}

fn ordered(base: Base, order: std::cmp::Ordering) -> bool {
    let (Base::Numeric(wanted) | Base::Date(wanted)) = base else { return false };
    match wanted {
        Order::Equal => order.is_eq(),
        Order::Less => order.is_lt(),
        Order::LessOrEqual => order.is_le(),
        Order::Greater => order.is_gt(),
        Order::GreaterOrEqual => order.is_ge(),
    }
}

/// Milliseconds since 1970 of a W3C profile of ISO 8601 (`2026`, `2026-11`, `2026-11-21`, with time and zone), or of epoch
/// seconds. <https://www.w3.org/TR/NOTE-datetime>
pub fn instant(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.is_empty() {
        return None;
    }
    // Four digits are a year, any other number is epoch seconds.
    if bytes.len() != 4
        && let Ok(seconds) = text.parse::<i64>()
        && bytes.iter().all(u8::is_ascii_digit)
    {
        return Some(i128::from(seconds) * 1000);
    }
    let (date, time) = match text.find(['T', 't']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let mut millis = i128::from(days_from_epoch(year, month, day)) * 86_400_000;
    if let Some(time) = time {
        if date.len() != 10 {
            return None;
        }
        let zone_at = time.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = time.split_at(zone_at);
        let (clock, fraction) = match clock.split_once('.') {
            Some((clock, fraction)) if !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
                (clock, fraction)
            }
            Some(_) => return None,
            None => (clock, ""),
        };
        let mut parts = clock.split(':');
        let hour = digits(parts.next()?, 2)?;
        let minute = digits(parts.next()?, 2)?;
        let second = parts.next().map_or(Some(0), |part| digits(part, 2))?;
        if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        millis += i128::from((hour * 60 + minute) * 60 + second) * 1000;
        for (place, digit) in fraction.bytes().take(3).enumerate() {
            millis += i128::from(digit - b'0') * [100, 10, 1][place];
        }
        if !zone.eq_ignore_ascii_case("z") {
            let sign = if zone.starts_with('+') { 1 } else { -1 };
            let (hours, minutes) =
                zone[1..].split_once(':').or_else(|| (zone.len() == 5).then(|| zone[1..].split_at(2)))?;
            let offset = digits(hours, 2)? * 60 + digits(minutes, 2)?;
            millis -= i128::from(sign * offset) * 60_000;
        }
    }
    Some(millis)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar, counted in years that start in March.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// An address or a CIDR block.
pub fn net(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        Some(bits) if !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
        Some(_) => return None,
        None => all,
    };
    (bits <= all).then_some((address, bits))
}

/// Whether an address lies in a block.
pub fn in_net(address: IpAddr, net: IpAddr, bits: u8) -> bool {
    match (address, net) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            u32::from(a) & mask == u32::from(b) & mask
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            u128::from(a) & mask == u128::from(b) & mask
        }
        _ => false,
    }
}

/// The bytes of a base64 text (RFC 4648), with padding.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let body = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - body.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(body.len() * 3 / 4);
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in body.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
        }
    }
    Some(bytes)
}

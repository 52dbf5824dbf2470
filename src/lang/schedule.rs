//! Schedule expressions: `rate(1 day)`, `cron(0 2 * * ? *)`, `at(2026-12-24T18:00:00)`.
//!
//! Sources: AWS, *Creating a rule that runs on a schedule in Amazon EventBridge* (eb-create-rule-schedule, "Cron expressions
//! reference", "Rate expressions reference"), *Schedule types in EventBridge Scheduler* (schedule-types), and *Schedule
//! expressions in Secrets Manager rotation* (rotate-secrets_schedule).

use super::holes::Units;
use super::language::{self, Language, any, blanks, caseless, class, either, list, maybe, sequence, some, times, word};
use super::{Problem, Verdict};
use crate::model::text::Text;

/// Longest expression, in characters (`PutRule`, `CreateSchedule`).
pub const MAX_LENGTH: usize = 256;

/// Who reads the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `AWS::Events::Rule`, in UTC.
    Rule,
    /// `AWS::Scheduler::Schedule`: also `at()`, and units in either number.
    Scheduler,
    /// `RotationRules.ScheduleExpression` of Secrets Manager: at least four hours apart, on the hour.
    Rotation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    Rate { value: u64, unit: RateUnit },
    Cron(Cron),
    At(DateTime),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateUnit {
    Minute,
    Hour,
    Day,
}

impl RateUnit {
    pub fn minutes(self) -> u64 {
        match self {
            RateUnit::Minute => 1,
            RateUnit::Hour => 60,
            RateUnit::Day => 24 * 60,
        }
    }

    fn name(self, value: u64) -> &'static str {
        match (self, value == 1) {
            (RateUnit::Minute, true) => "minute",
            (RateUnit::Minute, false) => "minutes",
            (RateUnit::Hour, true) => "hour",
            (RateUnit::Hour, false) => "hours",
            (RateUnit::Day, true) => "day",
            (RateUnit::Day, false) => "days",
        }
    }
}

/// The six fields; numbers as AWS counts them (Sunday is 1, January is 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    pub minutes: Vec<Item>,
    pub hours: Vec<Item>,
    pub day_of_month: Vec<Item>,
    pub month: Vec<Item>,
    pub day_of_week: Vec<Item>,
    pub year: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// `*`
    Every,
    /// `?`
    Unspecified,
    One(u16),
    Range(u16, u16),
    /// `start/step`, `*/step`, `first-last/step`
    Step {
        first: Option<u16>,
        last: Option<u16>,
        step: u16,
    },
    /// `L`
    Last,
    /// `6L`: the last such weekday of the month.
    LastWeekday(u16),
    /// `15W`: the weekday nearest to the day.
    NearestWeekday(u16),
    /// `3#2`: the second Tuesday.
    Nth(u16, u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Minutes,
    Hours,
    DayOfMonth,
    Month,
    DayOfWeek,
    Year,
}

const FIELDS: [Field; 6] =
    [Field::Minutes, Field::Hours, Field::DayOfMonth, Field::Month, Field::DayOfWeek, Field::Year];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    fn bounds(self) -> (u16, u16) {
        match self {
            Field::Minutes => (0, 59),
            Field::Hours => (0, 23),
            Field::DayOfMonth => (1, 31),
            Field::Month => (1, 12),
            Field::DayOfWeek => (1, 7),
            Field::Year => (1970, 2199),
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Field::Month => &MONTHS,
            Field::DayOfWeek => &WEEKDAYS,
            _ => &[],
        }
    }

    fn title(self) -> &'static str {
        match self {
            Field::Minutes => "minutes",
            Field::Hours => "hours",
            Field::DayOfMonth => "day of month",
            Field::Month => "month",
            Field::DayOfWeek => "day of week",
            Field::Year => "year",
        }
    }
}

/// Reads an expression.
pub fn parse(text: &Text, dialect: Dialect) -> Verdict<Schedule> {
    let units = Units::of(text);
    let (least, _) = units.length_bounds();
    let end = units.offset(units.len());
    if least > MAX_LENGTH {
        return Verdict::Invalid(Problem::new(
            0,
            end,
            format!("The expression has at least {least} characters; AWS takes {MAX_LENGTH}"),
            error(dialect),
        ));
    }
    let Some(literal) = text.as_literal() else {
        return match language::possible(&whole_language(dialect), &units) {
            Ok(()) => Verdict::Undetermined("the schedule has parts that are known only at deployment".into()),
            Err(index) => {
                let offset = units.offset(index);
                let length = units.offset(index + 1).saturating_sub(offset);
                Verdict::Invalid(Problem::new(
                    offset,
                    length,
                    "No value of the unknown parts makes this a schedule expression",
                    error(dialect),
                ))
            }
        };
    };
    let mut reader = Reader { dialect, doubt: None };
    match (reader.schedule(literal), reader.doubt) {
        (Err(problem), _) => Verdict::Invalid(*problem),
        (Ok(_), Some(why)) => Verdict::Undetermined(why.into()),
        (Ok(schedule), None) => Verdict::Valid(schedule),
    }
}

fn error(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Rule => "ValidationException: Parameter ScheduleExpression is not valid.",
        Dialect::Scheduler => "ValidationException: Invalid Schedule Expression",
        Dialect::Rotation => "InvalidParameterException: Invalid rotation schedule expression",
    }
}

/// More than every expression that AWS may accept; see [`language`].
fn whole_language(dialect: Dialect) -> Language {
    fn blank(c: char) -> bool {
        c.is_whitespace()
    }
    fn digit(c: char) -> bool {
        c.is_numeric()
    }
    fn positive(c: char) -> bool {
        c.is_numeric() && c != '0'
    }
    let units: &[&str] = match dialect {
        Dialect::Rotation => &["hour", "hours", "day", "days"],
        _ => &["minute", "minutes", "hour", "hours", "day", "days"],
    };
    let rate = sequence([
        caseless("rate"),
        blanks(),
        word("("),
        blanks(),
        any(word("0")),
        class(positive),
        any(class(digit)),
        some(class(blank)),
        either(units.iter().map(|unit| caseless(unit))),
        blanks(),
        word(")"),
    ]);
    let field = |field: Field| {
        let (low, high) = field.bounds();
        let number = match field {
            Field::Year => sequence([either([word("19"), word("20"), word("21")]), times(class(digit), 2)]),
            _ => sequence([any(word("0")), either((low..=high).map(|n| word(&n.to_string())))]),
        };
        let value = either([number, either(field.names().iter().map(|name| caseless(name)))]);
        let step = sequence([word("/"), some(class(digit))]);
        let mut items = vec![sequence([
            maybe(either([word("*"), value.clone(), sequence([value.clone(), word("-"), value.clone()])])),
            maybe(step),
        ])];
        match field {
            Field::DayOfMonth => items.extend([
                caseless("l"),
                caseless("w"),
                caseless("lw"),
                sequence([caseless("l-"), some(class(digit)), maybe(caseless("w"))]),
                sequence([value, caseless("w")]),
            ]),
            Field::DayOfWeek => items.extend([
                caseless("l"),
                sequence([value.clone(), caseless("l")]),
                sequence([value, word("#"), class(|c| ('1'..='5').contains(&c))]),
            ]),
            _ => {}
        }
        list(either(items), word(","))
    };
    let gap = || some(class(blank));
    let days = either([
        sequence([word("?"), gap(), field(Field::Month), gap(), field(Field::DayOfWeek)]),
        sequence([field(Field::DayOfMonth), gap(), field(Field::Month), gap(), word("?")]),
    ]);
    let cron = sequence([
        caseless("cron"),
        blanks(),
        word("("),
        blanks(),
        field(Field::Minutes),
        gap(),
        field(Field::Hours),
        gap(),
        days,
        gap(),
        field(Field::Year),
        blanks(),
        word(")"),
    ]);
    let mut forms = vec![rate, cron];
    if dialect == Dialect::Scheduler {
        let two = || times(class(digit), 2);
        forms.push(sequence([
            caseless("at"),
            blanks(),
            word("("),
            blanks(),
            times(class(digit), 4),
            word("-"),
            two(),
            word("-"),
            two(),
            caseless("t"),
            two(),
            word(":"),
            two(),
            maybe(sequence([word(":"), two()])),
            blanks(),
            word(")"),
        ]));
    }
    sequence([blanks(), either(forms), blanks()])
}

type Read<T> = Result<T, Box<Problem>>;

struct Reader {
    dialect: Dialect,
    doubt: Option<&'static str>,
}

impl Reader {
    fn doubt(&mut self, why: &'static str) {
        self.doubt.get_or_insert(why);
    }

    fn refuse<T>(&self, offset: usize, length: usize, message: impl Into<String>) -> Read<T> {
        Err(Box::new(self.problem(offset, length, message)))
    }

    fn problem(&self, offset: usize, length: usize, message: impl Into<String>) -> Problem {
        Problem::new(offset, length, message, error(self.dialect))
    }

    fn schedule(&mut self, text: &str) -> Read<Schedule> {
        let trimmed = text.trim();
        if trimmed.len() != text.len() {
            self.doubt("blanks around the expression");
        }
        let start = text.len() - text.trim_start().len();
        let Some(open) = trimmed.find('(') else {
            let problem = self.problem(start, trimmed.len(), self.forms());
            return Err(Box::new(match self.mended_crontab(trimmed) {
                Some(fix) => problem.with_fix(fix),
                None => problem,
            }));
        };
        let written = &trimmed[..open];
        let name = written.trim_end().to_ascii_lowercase();
        let known = match name.as_str() {
            "rate" | "cron" => true,
            "at" => self.dialect == Dialect::Scheduler,
            _ => false,
        };
        if !known {
            return self.refuse(start, written.len().max(1), self.forms());
        }
        if written != name {
            self.doubt("the name of the expression is not in lower case, or followed by a blank");
        }
        let Some(inner) = trimmed[open + 1..].strip_suffix(')') else {
            let last = trimmed.chars().next_back().map_or(0, char::len_utf8);
            return self.refuse(start + trimmed.len() - last, last, "The expression must end with ')'");
        };
        let at = start + open + 1;
        match name.as_str() {
            "rate" => self.rate(inner, at),
            "cron" => self.cron(inner, at, (start, trimmed)),
            _ => self.at(inner, at),
        }
    }

    fn forms(&self) -> &'static str {
        match self.dialect {
            Dialect::Scheduler => "Expected rate(…), cron(…) or at(…)",
            _ => "Expected rate(…) or cron(…)",
        }
    }

    fn rate(&mut self, inner: &str, at: usize) -> Read<Schedule> {
        if inner.trim() != inner {
            self.doubt("blanks inside the brackets of rate()");
        }
        let words = words(inner);
        let [(number_at, number), (unit_at, unit)] = words[..] else {
            return self.refuse(at, inner.len(), "rate() takes a number and a unit: rate(5 minutes)");
        };
        let value = match number.parse::<u64>() {
            Ok(0) => return self.refuse(at + number_at, number.len(), "The number of rate() must be at least 1"),
            Ok(value) if number.bytes().all(|b| b.is_ascii_digit()) => value,
            _ if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                self.doubt("a very large number");
                u64::MAX
            }
            _ => return self.refuse(at + number_at, number.len(), format!("{number} is no positive whole number")),
        };
        if number.starts_with('0') || value > 1_000_000 {
            self.doubt("an unusual number in rate()");
        }
        let lower = unit.to_ascii_lowercase();
        let kind = match lower.as_str() {
            "minute" | "minutes" => RateUnit::Minute,
            "hour" | "hours" => RateUnit::Hour,
            "day" | "days" => RateUnit::Day,
            _ => {
                return self.refuse(
                    at + unit_at,
                    unit.len(),
                    format!("{unit} is no unit of rate(); the units are minutes, hours and days"),
                );
            }
        };
        if lower != unit {
            self.doubt("a unit that is not in lower case");
        }
        let right = kind.name(value);
        if lower != right {
            match self.dialect {
                Dialect::Rule => {
                    let problem = self.problem(
                        at + unit_at,
                        unit.len(),
                        format!("The unit must be singular exactly if the number is 1: rate({value} {right})"),
                    );
                    return Err(Box::new(problem.with_fix(right)));
                }
                Dialect::Scheduler | Dialect::Rotation => self.doubt("number and unit do not agree"),
            }
        }
        if self.dialect == Dialect::Rotation {
            if kind == RateUnit::Minute {
                return self.refuse(at + unit_at, unit.len(), "A rotation schedule takes hours or days");
            }
            if value.saturating_mul(kind.minutes()) < 4 * 60 {
                return self.refuse(at, inner.len(), "Secrets Manager rotates at most every four hours");
            }
        }
        Ok(Schedule::Rate { value, unit: kind })
    }

    /// `whole` is the expression with its offset, which a fix replaces.
    fn cron(&mut self, inner: &str, at: usize, whole: (usize, &str)) -> Read<Schedule> {
        if inner.trim() != inner {
            self.doubt("blanks inside the brackets of cron()");
        }
        let fields = words(inner);
        if fields.len() != 6 {
            let problem = self.problem(
                whole.0,
                whole.1.len(),
                format!(
                    "cron() takes six fields (minutes, hours, day of month, month, day of week, year), found {}",
                    fields.len()
                ),
            );
            return Err(Box::new(match self.mended_crontab(inner) {
                Some(fix) => problem.with_fix(fix),
                None => problem,
            }));
        }
        let mut parsed: Vec<Vec<Item>> = Vec::with_capacity(6);
        for (field, (offset, text)) in FIELDS.into_iter().zip(&fields) {
            parsed.push(self.field(field, text, at + offset)?);
        }
        let unspecified = |items: &Vec<Item>| items[..] == [Item::Unspecified];
        let (month_day_at, month_day) = fields[2];
        let (week_day_at, week_day) = fields[4];
        match (unspecified(&parsed[2]), unspecified(&parsed[4])) {
            (true, true) => {
                return self.refuse(
                    at + week_day_at,
                    week_day.len(),
                    "Day of month and day of week cannot both be '?'; '*' means every day",
                );
            }
            (false, false) => {
                // The field that says "every day" is the one to give up: the days stay the same.
                let (offset, length, fix) = if week_day == "*" {
                    (at + week_day_at, week_day.len(), Some("?"))
                } else if month_day == "*" {
                    (at + month_day_at, month_day.len(), Some("?"))
                } else {
                    (at + week_day_at, week_day.len(), None)
                };
                let problem = self.problem(offset, length, "One of day of month and day of week must be '?'");
                return Err(Box::new(match fix {
                    Some(fix) => problem.with_fix(fix),
                    None => problem,
                }));
            }
            _ => {}
        }
        if self.dialect == Dialect::Rotation {
            if fields[0].1 != "0" {
                return self.refuse(
                    at + fields[0].0,
                    fields[0].1.len(),
                    "A rotation starts on the hour: the minutes must be 0",
                );
            }
            if fields[5].1 != "*" {
                return self.refuse(at + fields[5].0, fields[5].1.len(), "The year of a rotation schedule must be '*'");
            }
        }
        let mut parsed = parsed.into_iter();
        let mut next = || parsed.next().unwrap_or_default();
        Ok(Schedule::Cron(Cron {
            minutes: next(),
            hours: next(),
            day_of_month: next(),
            month: next(),
            day_of_week: next(),
            year: next(),
        }))
    }

    fn field(&mut self, field: Field, text: &str, at: usize) -> Read<Vec<Item>> {
        let mut items = Vec::new();
        let mut offset = at;
        for part in text.split(',') {
            items.push(self.item(field, part, offset)?);
            offset += part.len() + 1;
        }
        if items.len() > 1 {
            for item in &items {
                match item {
                    Item::Nth(..) => {
                        return self.refuse(at, text.len(), "A '#' allows no other entry in the day of week");
                    }
                    Item::Unspecified => return self.refuse(at, text.len(), "'?' stands alone"),
                    Item::Every | Item::Last | Item::LastWeekday(_) | Item::NearestWeekday(_) => {
                        self.doubt("a list with a wildcard in it");
                    }
                    _ => {}
                }
            }
        }
        Ok(items)
    }

    fn item(&mut self, field: Field, part: &str, at: usize) -> Read<Item> {
        let (low, high) = field.bounds();
        match (field, part.to_ascii_uppercase().as_str()) {
            (_, "") => return self.refuse(at, 0, format!("An entry is missing in the {}", field.title())),
            (_, "*") => return Ok(Item::Every),
            (Field::DayOfMonth | Field::DayOfWeek, "?") => return Ok(Item::Unspecified),
            (_, "?") => {
                return self.refuse(
                    at,
                    1,
                    format!("'?' is for day of month and day of week, not for the {}", field.title()),
                );
            }
            (Field::DayOfMonth | Field::DayOfWeek, "L") => {
                if part != "L" {
                    self.doubt("a small l");
                }
                return Ok(Item::Last);
            }
            (Field::DayOfMonth, "LW" | "W") => {
                self.doubt("LW or W alone, which AWS's documentation does not mention");
                return Ok(Item::Last);
            }
            (Field::DayOfMonth, upper) if upper.starts_with("L-") => {
                let rest = upper[2..].trim_end_matches('W');
                if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_digit()) {
                    return self.refuse(at, part.len(), format!("{part} is no day of month"));
                }
                self.doubt("L with an offset, which AWS's documentation does not mention");
                return Ok(Item::Last);
            }
            _ => {}
        }
        if let Some((base, step)) = part.split_once('/') {
            return self.step(field, base, step, at);
        }
        if field == Field::DayOfMonth
            && let Some(day) = part.strip_suffix(['W', 'w'])
        {
            if part.ends_with('w') {
                self.doubt("a small w");
            }
            return Ok(Item::NearestWeekday(self.value(field, day, at)?));
        }
        if field == Field::DayOfWeek {
            if let Some((day, count)) = part.split_once('#') {
                let day_number = self.value(field, day, at)?;
                if day.parse::<u16>().is_err() {
                    self.doubt("a name before '#'");
                }
                return match count.parse::<u16>() {
                    Ok(count @ 1..=5) => Ok(Item::Nth(day_number, count)),
                    _ => {
                        self.refuse(at + day.len() + 1, count.len(), "After '#' stands which week of the month, 1 to 5")
                    }
                };
            }
            if let Some(day) = part.strip_suffix(['L', 'l']) {
                if part.ends_with('l') || day.parse::<u16>().is_err() {
                    self.doubt("an unusual spelling of the last weekday");
                }
                return Ok(Item::LastWeekday(self.value(field, day, at)?));
            }
        }
        if let Some((first, last)) = part.split_once('-') {
            let (first, last) = self.range(field, first, last, at)?;
            return Ok(Item::Range(first, last));
        }
        let value = self.value(field, part, at)?;
        debug_assert!((low..=high).contains(&value));
        Ok(Item::One(value))
    }

    fn range(&mut self, field: Field, first: &str, last: &str, at: usize) -> Read<(u16, u16)> {
        let low = self.value(field, first, at)?;
        let high = self.value(field, last, at + first.len() + 1)?;
        if low > high {
            self.doubt("a range that runs backwards");
        }
        Ok((low, high))
    }

    fn step(&mut self, field: Field, base: &str, step: &str, at: usize) -> Read<Item> {
        let (low, high) = field.bounds();
        let (first, last) = match base {
            "*" => (None, None),
            "" => {
                // Secrets Manager's documentation has cron(0 /8 * * ? *).
                if self.dialect != Dialect::Rotation {
                    self.doubt("a step without a start");
                }
                (None, None)
            }
            _ => match base.split_once('-') {
                Some((first, last)) => {
                    let (first, last) = self.range(field, first, last, at)?;
                    (Some(first), Some(last))
                }
                None => (Some(self.value(field, base, at)?), None),
            },
        };
        let step_at = at + base.len() + 1;
        match step.parse::<u16>() {
            Ok(0) => self.refuse(step_at, step.len(), "The step after '/' must be at least 1"),
            Ok(step) if step <= high - low + 1 => Ok(Item::Step { first, last, step }),
            _ if !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()) => {
                self.doubt("a step beyond the field's range");
                Ok(Item::Step { first, last, step: u16::MAX })
            }
            _ => self.refuse(step_at, step.len(), format!("Expected a number after '/', found '{step}'")),
        }
    }

    fn value(&mut self, field: Field, text: &str, at: usize) -> Read<u16> {
        let (low, high) = field.bounds();
        let upper = text.to_ascii_uppercase();
        if let Some(index) = field.names().iter().position(|name| *name == upper) {
            if upper != text {
                self.doubt("a name that is not in upper case");
            }
            return u16::try_from(index + 1).or_else(|_| self.refuse(at, text.len(), "out of range"));
        }
        let names = match field {
            Field::Month => " or JAN-DEC",
            Field::DayOfWeek => " or SUN-SAT (1 is Sunday)",
            _ => "",
        };
        match text.parse::<u16>() {
            Ok(value) if (low..=high).contains(&value) && text.bytes().all(|b| b.is_ascii_digit()) => {
                if text.len() > value.to_string().len() && text.len() > 2 {
                    self.doubt("a number with leading zeros");
                }
                Ok(value)
            }
            _ => {
                self.refuse(at, text.len(), format!("'{text}' does not fit the {}: {low}-{high}{names}", field.title()))
            }
        }
    }

    /// A Unix crontab line as AWS's form, where the days can be said in it.
    fn mended_crontab(&self, text: &str) -> Option<String> {
        if self.dialect == Dialect::Rotation {
            return None;
        }
        let words = words(text);
        let [minutes, hours, month_day, month, week_day] = words[..] else { return None };
        let (month_day, week_day) = match (month_day.1, week_day.1) {
            (day, "*" | "?") if day != "?" => (day.to_string(), "?".to_string()),
            ("*" | "?", days) => ("?".to_string(), unix_weekdays(days)?),
            _ => return None,
        };
        let fix = format!("cron({} {} {month_day} {} {week_day} *)", minutes.1, hours.1, month.1);
        // What is offered must itself be accepted.
        parse(&Text::literal(fix.as_str()), self.dialect).is_valid().then_some(fix)
    }

    fn at(&mut self, inner: &str, at: usize) -> Read<Schedule> {
        let trimmed = inner.trim();
        let fits = |shape: &str| {
            trimmed.len() == shape.len()
                && trimmed.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'd' { b.is_ascii_digit() } else { b == s })
        };
        if !fits("dddd-dd-ddTdd:dd:dd") && !fits("dddd-dd-ddTdd:dd") {
            return self.refuse(at, inner.len(), "at() takes a date and time: at(yyyy-mm-ddThh:mm:ss)");
        }
        if trimmed != inner || fits("dddd-dd-ddTdd:dd") {
            self.doubt("an unusual spelling of the time in at()");
        }
        let inner = trimmed;
        let number =
            |range: std::ops::Range<usize>| inner.get(range).and_then(|digits| digits.parse::<u16>().ok()).unwrap_or(0);
        let small = |range| u8::try_from(number(range)).unwrap_or(u8::MAX);
        let time = DateTime {
            year: number(0..4),
            month: small(5..7),
            day: small(8..10),
            hour: small(11..13),
            minute: small(14..16),
            second: small(17..19),
        };
        let leap = time.year.is_multiple_of(4) && (!time.year.is_multiple_of(100) || time.year.is_multiple_of(400));
        let days = match time.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        };
        if !(1..=days).contains(&time.day) || time.hour > 23 || time.minute > 59 || time.second > 59 {
            return self.refuse(at, inner.len(), format!("{inner} is no date and time"));
        }
        Ok(Schedule::At(time))
    }
}

/// Unix weekdays (0 and 7 are Sunday) as AWS's names. `None` where the form is more than a list of days and ranges.
fn unix_weekdays(text: &str) -> Option<String> {
    let day = |text: &str| -> Option<&'static str> {
        match text.parse::<usize>() {
            Ok(number) if text.len() == 1 && number <= 7 => WEEKDAYS.get(number % 7).copied(),
            _ => WEEKDAYS.iter().copied().find(|name| name.eq_ignore_ascii_case(text)),
        }
    };
    let mut parts = Vec::new();
    for part in text.split(',') {
        parts.push(match part.split_once('-') {
            Some((first, last)) => format!("{}-{}", day(first)?, day(last)?),
            None => day(part)?.to_string(),
        });
    }
    Some(parts.join(","))
}

/// The words between blanks, each with its byte offset.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (index, c) in text.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                words.push((from, &text[from..index]));
                start = None;
            }
            (false, None) => start = Some(index),
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push((from, &text[from..]));
    }
    words
}

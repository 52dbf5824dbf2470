//! The managed runtimes of Lambda and when AWS stops supporting them.
//!
//! Source: AWS Lambda Developer Guide, "Lambda runtimes" (tables of supported and deprecated runtimes), as of 2026-11-21.

/// The day of the table, `YYYY-MM-DD`.
pub(super) const AS_OF: &str = "2026-11-21";

/// One runtime. Dates are `YYYY-MM-DD`; `None` where AWS has published none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runtime {
    /// As `Runtime` of a function names it.
    pub name: &'static str,
    /// The last day of support.
    pub deprecated: Option<&'static str>,
    /// From then on AWS refuses new functions.
    pub create_block: Option<&'static str>,
    /// From then on AWS refuses changes of functions.
    pub update_block: Option<&'static str>,
    pub successor: Option<&'static str>,
}

const fn row(
    name: &'static str,
    deprecated: Option<&'static str>,
    create_block: Option<&'static str>,
    update_block: Option<&'static str>,
    successor: Option<&'static str>,
) -> Runtime {
    Runtime { name, deprecated, create_block, update_block, successor }
}

#[rustfmt::skip]
pub(super) const RUNTIMES: &[Runtime] = &[
    row("dotnet6", Some("2024-12-20"), Some("2027-02-01"), Some("2027-03-03"), Some("dotnet10")),
    row("dotnet8", Some("2026-11-10"), Some("2027-02-01"), Some("2027-03-03"), Some("dotnet10")),
    row("dotnet9", Some("2026-11-10"), None, None, Some("dotnet10")),
    row("dotnet10", Some("2028-11-14"), Some("2028-12-14"), Some("2029-01-15"), None),
    row("dotnetcore1.0", Some("2019-06-27"), Some("2019-06-30"), Some("2019-07-30"), Some("dotnet10")),
    row("dotnetcore2.0", Some("2019-05-30"), Some("2019-04-30"), Some("2019-05-30"), Some("dotnet10")),
    row("dotnetcore2.1", Some("2022-01-05"), Some("2022-01-05"), Some("2022-04-13"), Some("dotnet10")),
    row("dotnetcore3.1", Some("2023-04-03"), Some("2023-04-03"), Some("2023-05-03"), Some("dotnet10")),
    row("go1.x", Some("2024-01-08"), Some("2024-02-08"), Some("2027-03-03"), Some("provided.al2023")),
    row("java8", Some("2024-01-08"), Some("2024-02-08"), Some("2027-03-03"), Some("java25")),
    row("java8.al2", Some("2027-06-30"), Some("2027-07-31"), Some("2027-08-31"), Some("java25")),
    row("java8.al2023", None, None, None, None),
    row("java11", Some("2027-06-30"), Some("2027-07-31"), Some("2027-08-31"), Some("java25")),
    row("java11.al2023", None, None, None, None),
    row("java17", Some("2027-06-30"), Some("2027-07-31"), Some("2027-08-31"), Some("java25")),
    row("java17.al2023", None, None, None, None),
    row("java21", Some("2029-06-30"), Some("2029-07-31"), Some("2029-08-31"), Some("java25")),
    row("java25", Some("2029-06-30"), Some("2029-07-31"), Some("2029-08-31"), None),
    row("nodejs", Some("2016-08-30"), Some("2016-09-30"), Some("2016-10-31"), Some("nodejs24.x")),
    row("nodejs4.3", Some("2020-03-05"), Some("2020-02-03"), Some("2020-03-05"), Some("nodejs24.x")),
    row("nodejs4.3-edge", Some("2020-03-05"), Some("2019-03-31"), Some("2019-04-30"), Some("nodejs24.x")),
    row("nodejs6.10", Some("2019-08-12"), Some("2019-07-12"), Some("2019-08-12"), Some("nodejs24.x")),
    row("nodejs8.10", Some("2020-03-06"), Some("2020-02-04"), Some("2020-03-06"), Some("nodejs24.x")),
    row("nodejs10.x", Some("2021-07-30"), Some("2021-07-30"), Some("2022-02-14"), Some("nodejs24.x")),
    row("nodejs12.x", Some("2023-03-31"), Some("2023-03-31"), Some("2023-04-30"), Some("nodejs24.x")),
    row("nodejs14.x", Some("2023-12-04"), Some("2024-01-09"), Some("2027-03-03"), Some("nodejs24.x")),
    row("nodejs16.x", Some("2024-06-12"), Some("2027-02-01"), Some("2027-03-03"), Some("nodejs24.x")),
    row("nodejs18.x", Some("2025-09-01"), Some("2027-02-01"), Some("2027-03-03"), Some("nodejs24.x")),
    row("nodejs20.x", Some("2026-04-30"), Some("2027-02-01"), Some("2027-03-03"), Some("nodejs24.x")),
    row("nodejs22.x", Some("2027-04-30"), Some("2027-06-01"), Some("2027-07-01"), Some("nodejs24.x")),
    row("nodejs24.x", Some("2028-04-30"), Some("2028-06-01"), Some("2028-07-01"), None),
    row("nodejs26.x", None, None, None, None),
    row("provided", Some("2024-01-08"), Some("2024-02-08"), Some("2027-03-03"), Some("provided.al2023")),
    row("provided.al2", Some("2026-07-31"), Some("2027-02-01"), Some("2027-03-03"), Some("provided.al2023")),
    row("provided.al2023", Some("2029-06-30"), Some("2029-07-31"), Some("2029-08-31"), None),
    row("python2.7", Some("2021-07-15"), Some("2021-07-15"), Some("2022-05-30"), Some("python3.14")),
    row("python3.6", Some("2022-07-18"), Some("2022-07-18"), Some("2022-08-29"), Some("python3.14")),
    row("python3.7", Some("2023-12-04"), Some("2024-01-09"), Some("2027-03-03"), Some("python3.14")),
    row("python3.8", Some("2024-10-14"), Some("2027-02-01"), Some("2027-03-03"), Some("python3.14")),
    row("python3.9", Some("2025-12-15"), Some("2027-02-01"), Some("2027-03-03"), Some("python3.14")),
    row("python3.10", Some("2026-10-31"), Some("2027-02-01"), Some("2027-03-03"), Some("python3.14")),
    row("python3.11", Some("2027-06-30"), Some("2027-07-31"), Some("2027-08-31"), Some("python3.14")),
    row("python3.12", Some("2028-10-31"), Some("2028-11-30"), Some("2029-01-10"), Some("python3.14")),
    row("python3.13", Some("2029-06-30"), Some("2029-07-31"), Some("2029-08-31"), Some("python3.14")),
    row("python3.14", Some("2029-06-30"), Some("2029-07-31"), Some("2029-08-31"), None),
    row("python3.15", None, None, None, None),
    row("ruby2.5", Some("2021-07-30"), Some("2021-07-30"), Some("2022-03-31"), Some("ruby4.0")),
    row("ruby2.7", Some("2023-12-07"), Some("2024-01-09"), Some("2027-03-03"), Some("ruby4.0")),
    row("ruby3.2", Some("2026-03-31"), Some("2027-02-01"), Some("2027-03-03"), Some("ruby4.0")),
    row("ruby3.3", Some("2027-03-31"), Some("2027-04-30"), Some("2027-05-31"), Some("ruby4.0")),
    row("ruby3.4", Some("2028-03-31"), Some("2028-04-30"), Some("2028-05-31"), Some("ruby4.0")),
    row("ruby4.0", Some("2029-03-31"), Some("2029-04-30"), Some("2029-05-31"), None),
];

/// The runtime of a name.
pub(super) fn runtime(name: &str) -> Option<&'static Runtime> {
    RUNTIMES.iter().find(|runtime| runtime.name == name)
}

/// The known name that is most like another one.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    RUNTIMES
        .iter()
        .map(|runtime| (distance(&name.to_ascii_lowercase(), runtime.name), runtime.name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = if a == *b { diagonal } else { 1 + diagonal.min(row[j]).min(row[j + 1]) };
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[right.len()]
}

/// The day so many days before a date `YYYY-MM-DD`; `None` for no date.
pub(super) fn days_before(date: &str, days: i64) -> Option<String> {
    let number = day_number(date)? - days;
    // Civil date of a day number (days since 1970-01-01), by the proleptic Gregorian calendar.
    let shifted = number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        assert_eq!(days_before("2027-04-30", 180).as_deref(), Some("2026-11-01"));
        assert_eq!(days_before("2024-03-01", 1).as_deref(), Some("2024-02-29"));
        assert_eq!(days_before("soon", 1), None);
    }

    #[test]
    fn misspelt_runtimes_have_a_neighbour() {
        assert_eq!(nearest("nodejs24x"), Some("nodejs24.x"));
        assert_eq!(nearest("cobol"), None);
    }
}

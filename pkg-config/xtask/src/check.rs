//! `check` and `access`, native: the arguments of the command line that rule writers and `cases/check.py` use, no more.
//! The real command line is `js/cli`; this one exists because it builds in seconds.

use std::fs;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use stackproof::Checker;

/// What the arguments ask for.
struct Request {
    options: Map<String, Value>,
    format: String,
    config: Option<String>,
    requests: Option<String>,
    files: Vec<String>,
}

pub fn run(command: &str, arguments: &[String]) -> ExitCode {
    match parse(arguments).and_then(|request| if command == "access" { access(&request) } else { check(&request) }) {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn parse(arguments: &[String]) -> Result<Request, String> {
    let mut request =
        Request { options: Map::new(), format: "text".to_owned(), config: None, requests: None, files: Vec::new() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().cloned().ok_or_else(|| format!("{argument} needs a value"));
        let mut list = |key: &str, item: String| {
            let entry = request.options.entry(key).or_insert_with(|| json!([]));
            if let Some(items) = entry.as_array_mut() {
                items.extend(item.split(',').map(Value::from));
            }
        };
        match argument.as_str() {
            "--rule" => list("rules", value()?),
            "--skip" => list("skip", value()?),
            "--preset" => drop(request.options.insert("preset".to_owned(), value()?.into())),
            "--fail-on" => drop(request.options.insert("failOn".to_owned(), value()?.into())),
            "--severity" => drop(request.options.insert("severity".to_owned(), value()?.into())),
            "--now" => drop(request.options.insert("now".to_owned(), value()?.into())),
            "--strict" => drop(request.options.insert("strict".to_owned(), true.into())),
            "--show" => {
                value()?;
                request.options.insert("showUndetermined".to_owned(), true.into());
            }
            "--format" => request.format = value()?,
            "--config" => request.config = Some(value()?),
            "--requests" => request.requests = Some(value()?),
            "--no-config" => {}
            flag if flag.starts_with('-') => return Err(format!("xtask check does not know {flag}")),
            file => request.files.push(file.to_owned()),
        }
    }
    request.options.entry("now").or_insert_with(|| today().into());
    Ok(request)
}

fn checker(request: &Request) -> Result<Checker, String> {
    let mut checker = Checker::new(&Value::from(request.options.clone()).to_string())?;
    if let Some(path) = &request.config {
        checker.config(path, &read(path)?)?;
    }
    for file in &request.files {
        checker.begin_input(file, "auto");
        match fs::read(file) {
            Ok(bytes) => checker.add_file(file, bytes),
            Err(error) => checker.input_error(file, &error.to_string()),
        }
    }
    Ok(checker)
}

fn check(request: &Request) -> Result<u8, String> {
    let mut checker = checker(request)?;
    let report = checker.run();
    if request.format == "json" {
        println!("{report}");
    } else {
        let show = request.options.get("showUndetermined").cloned().unwrap_or(false.into());
        print!("{}", checker.render(&request.format, &json!({ "showUndetermined": show }).to_string())?);
    }
    Ok(checker.exit_code())
}

fn access(request: &Request) -> Result<u8, String> {
    let path = request.requests.as_ref().ok_or("access needs --requests FILE")?;
    let text = String::from_utf8(read(path)?).map_err(|error| format!("{path}: {error}"))?;
    println!("{}", checker(request)?.access(&text)?);
    Ok(0)
}

/// Today, `YYYY-MM-DD`: the core has no clock, and the command line gives it the same.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    date((seconds / 86_400) as u32)
}

/// The date of a day, counted from 1970-01-01. A year is taken to begin in March, so that its leap day is its last.
fn date(day: u32) -> String {
    let day = day + 719_468;
    let era = day / 146_097;
    let of_era = day % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + u32::from(month <= 2))
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_have_their_dates() {
        for (day, expected) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_453, "2025-12-31"),
            (20_454, "2026-01-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(super::date(day), expected);
        }
    }
}

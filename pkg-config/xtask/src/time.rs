//! `time FILE`: where the time of a native check goes: parsing, the model, each rule. For whoever makes it faster.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::json;
use stackproof::Checker;
use stackproof::doc::parse_json;
use stackproof::frontend::{InputFile, Settings, load};
use stackproof::rules::all;

pub fn run(arguments: &[String]) -> Result<(), String> {
    let [path] = arguments else { return Err("usage: xtask time FILE".into()) };
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let text = String::from_utf8(bytes.clone()).map_err(|error| error.to_string())?;
    println!("{:>10.2?} serde_json::Value", best(|| drop(black_box(serde_json::from_str::<serde_json::Value>(&text)))));
    println!("{:>10.2?} parse_json", best(|| drop(black_box(parse_json(&text)))));
    let file = || vec![InputFile { path: path.clone(), bytes: bytes.clone() }];
    println!("{:>10.2?} load", best(|| drop(black_box(load(path, "auto", file(), &|_| Settings::default())))));
    let check = |rules: &[&str]| {
        let options = json!({ "preset": "all", "rules": rules, "now": "2026-11-26" }).to_string();
        best(|| {
            if let Ok(mut checker) = Checker::new(&options) {
                checker.begin_input(path, "auto");
                checker.add_file(path, bytes.clone());
                black_box(checker.run());
            }
        })
    };
    let every = check(&[]);
    let none = check(&["template-limits"]);
    println!("{every:>10.2?} all rules\n{none:>10.2?} one cheap rule");
    let mut rules: Vec<(Duration, &str)> =
        all().map(|rule| (check(&[rule.id]).saturating_sub(none), rule.id)).collect();
    rules.sort_unstable();
    for (time, id) in rules.iter().rev() {
        println!("{time:>10.2?} {id}");
    }
    Ok(())
}

/// The shortest of five runs.
fn best(mut run: impl FnMut()) -> Duration {
    let times = (0..5).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    });
    times.min().unwrap_or_default()
}

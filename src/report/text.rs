//! The report for people: the source line with the exact spot underlined, what AWS would say, what to change.

use std::fmt::Write;

use rustc_hash::FxHashMap;

use crate::doc::LineIndex;
use crate::rules::{Outcome, Severity};

use super::json::{Finding, Location, Report};
use super::mask::mask;

#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions {
    pub color: bool,
    pub show_undetermined: bool,
}

/// Renders a report. `sources` has the text of each file by the path that locations name.
pub fn render_text(report: &Report, sources: &FxHashMap<String, String>, options: TextOptions) -> String {
    let mut out = String::new();
    let style = Style { color: options.color };
    let faults = report.errors.iter().map(|error| (error, "error", "1;31"));
    let oddities = report.warnings.iter().map(|warning| (warning, "warning", "1;33"));
    for (error, word, code) in faults.chain(oddities) {
        let at = match (error.line, error.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", error.file),
            _ => error.file.clone(),
        };
        let _ = writeln!(out, "{} {at}: {}\n", style.paint(word, code), error.message);
    }
    let mut indices: FxHashMap<&str, LineIndex> = FxHashMap::default();
    for finding in &report.findings {
        if finding.suppressed.is_some() || (finding.outcome == Outcome::Undetermined && !options.show_undetermined) {
            continue;
        }
        let source = finding.location.as_ref().and_then(|at| sources.get_key_value(&at.file));
        if let Some((file, text)) = source {
            indices.entry(file).or_insert_with(|| LineIndex::new(text));
        }
        let source = source.map(|(file, text)| (text.as_str(), &indices[file.as_str()]));
        one(&mut out, style, finding, source);
    }
    summary(&mut out, style, report, options);
    out
}

#[derive(Clone, Copy)]
struct Style {
    color: bool,
}

impl Style {
    fn paint(self, text: &str, code: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn severity(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => "1;35",
            Severity::High => "1;31",
            Severity::Medium => "1;33",
            Severity::Low => "1;36",
            Severity::Info => "1;34",
        }
    }
}

pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

fn one(out: &mut String, style: Style, finding: &Finding, source: Option<(&str, &LineIndex)>) {
    let word = match finding.outcome {
        Outcome::Fail => severity_word(finding.severity),
        Outcome::Undetermined => "undetermined",
    };
    let code = match finding.outcome {
        Outcome::Fail => style.severity(finding.severity),
        Outcome::Undetermined => "2",
    };
    let _ = writeln!(
        out,
        "{} {}",
        style.paint(&format!("{word}[{}]", finding.rule), code),
        style.paint(&finding.message, "1")
    );
    if let Some(at) = &finding.location {
        let resource = finding.resource.as_ref().map(|resource| {
            let name = resource.construct_path.as_deref().unwrap_or(&resource.id);
            format!("  {} ({})", name.rsplit("::").next().unwrap_or(name), resource.source_type)
        });
        let _ = writeln!(
            out,
            "  {} {}:{}:{}{}",
            style.paint("-->", "34"),
            at.file,
            at.line,
            at.column,
            resource.unwrap_or_default()
        );
        if let Some((text, index)) = source {
            excerpt(out, style, at, text, index);
        }
    }
    let mut row = |name: &str, text: &str| {
        let mut lines = text.lines();
        let _ = writeln!(out, "  {} {}", style.paint(&format!("{name}:"), "1"), lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(out, "      {line}");
        }
    };
    if let Some(under) = &finding.under {
        row("when", under);
    }
    if let Some(text) = &finding.explanation {
        row("why", text);
    }
    if let Some(text) = &finding.aws_error {
        row("AWS would say", text);
    }
    for place in &finding.places {
        row("also", &format!("{} (line {}): {}", place.pointer, place.location.line, place.message));
    }
    for related in &finding.related {
        row("see", &format!("{} {} (line {})", related.id, related.note, related.location.line));
    }
    if let Some(fix) = &finding.fix {
        row("fix", &fix.text);
    }
    out.push('\n');
}

/// The line with the spot underlined. Long lines are cut around the spot, and only what is shown of them is looked at.
fn excerpt(out: &mut String, style: Style, at: &Location, text: &str, index: &LineIndex) {
    const WIDTH: usize = 110;
    const BEFORE: usize = 30;
    let (line, line_start) = index.line(text, at.line);
    let (before, after) = line.split_at_checked((at.span[0] as usize).saturating_sub(line_start)).unwrap_or((line, ""));
    let long = line.chars().nth(WIDTH).is_some();
    let from = match before.char_indices().rev().nth(BEFORE - 1) {
        Some((cut, _)) if long => cut,
        _ => 0,
    };
    let indent = before[from..].chars().count();
    let shown: String = line[from..].chars().take(WIDTH).map(|c| if c == '\t' { ' ' } else { c }).collect();
    // UTF-16 units of the spot on this line; a spot that goes on is underlined to the line's end.
    let mut left = if at.end_line == at.line { at.end_column.saturating_sub(at.column) as usize } else { usize::MAX };
    let spot = after.chars().take(WIDTH.saturating_sub(indent)).take_while(|c| {
        let inside = left > 0;
        left = left.saturating_sub(c.len_utf16());
        inside
    });
    let length = spot.count().max(1);
    let number = at.line.to_string();
    let margin = " ".repeat(number.len());
    let masked = mask(&shown);
    let bar = style.paint("|", "34");
    let _ = writeln!(out, "  {margin} {bar}");
    let _ = writeln!(out, "  {} {bar} {masked}", style.paint(&number, "34"));
    let _ = writeln!(out, "  {margin} {bar} {}{}", " ".repeat(indent), style.paint(&"^".repeat(length), "1;31"));
}

fn summary(out: &mut String, style: Style, report: &Report, options: TextOptions) {
    let summary = &report.summary;
    let resources: usize = report.inputs.iter().map(|input| input.resources).sum();
    let counts = [
        (summary.critical, Severity::Critical),
        (summary.high, Severity::High),
        (summary.medium, Severity::Medium),
        (summary.low, Severity::Low),
        (summary.info, Severity::Info),
    ];
    let found: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| {
            style.paint(&format!("{count} {}", severity_word(*severity)), style.severity(*severity))
        })
        .collect();
    let what = if found.is_empty() { style.paint("no findings", "1;32") } else { found.join(", ") };
    let _ = write!(
        out,
        "{what} in {} of {}, {}",
        counted(resources, "resource"),
        counted(report.inputs.len(), "input"),
        counted(report.tool.rules, "rule")
    );
    if summary.undetermined > 0 {
        let hint = if options.show_undetermined { "" } else { " (--show undetermined lists them)" };
        let _ = write!(out, "; {} undetermined{hint}", summary.undetermined);
    }
    if summary.suppressed > 0 {
        let _ = write!(out, "; {} suppressed", summary.suppressed);
    }
    if !report.errors.is_empty() {
        let _ = write!(out, "; {} could not be read", report.errors.len());
    }
    out.push('\n');
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

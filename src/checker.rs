//! Stands where the engine will be: reads nothing, reports every input as unreadable, never as clean.

use serde_json::{Value, json};

/// One check: options, configuration files and inputs go in, a report comes out.
pub struct Checker {
    inputs: Vec<String>,
    errors: Vec<Value>,
}

impl Checker {
    pub fn new(options: &str) -> Result<Self, String> {
        match serde_json::from_str::<Value>(options) {
            Ok(Value::Object(_)) => Ok(Self { inputs: Vec::new(), errors: Vec::new() }),
            _ => Err(json!({ "message": "options must be a JSON object" }).to_string()),
        }
    }

    pub fn config(&mut self, _path: &str, _bytes: &[u8]) -> Result<(), String> {
        Ok(())
    }

    pub fn begin_input(&mut self, name: &str, _kind: &str) {
        self.inputs.push(name.to_owned());
        self.input_error(name, "the rule core is not built in yet");
    }

    pub fn add_file(&mut self, _path: &str, _bytes: Vec<u8>) {}

    pub fn input_error(&mut self, name: &str, message: &str) {
        self.errors.push(json!({ "file": name, "line": 1, "column": 1, "message": message }));
    }

    pub fn run(&mut self) -> String {
        json!({
            "version": 1,
            "tool": { "name": "stackproof", "version": version(), "rules": 0 },
            "inputs": [], "errors": self.errors,
            "summary": { "critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0, "undetermined": 0, "suppressed": 0 },
            "findings": [],
        })
        .to_string()
    }

    pub fn render(&self, _format: &str, _options: &str) -> Result<String, String> {
        Ok(self.errors.iter().map(|error| format!("{error}\n")).collect())
    }

    pub fn exit_code(&self) -> u8 {
        if self.errors.is_empty() { 0 } else { 2 }
    }

    pub fn access(&mut self, _requests: &str) -> Result<String, String> {
        Err(json!({ "message": "the IAM evaluator is not built in yet" }).to_string())
    }
}

pub fn rules() -> String {
    "[]".to_owned()
}

pub fn explain(id: &str) -> Result<String, String> {
    Err(json!({ "message": format!("there is no rule `{id}`") }).to_string())
}

pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

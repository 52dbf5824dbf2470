//! What JavaScript sees: the same methods as [`crate::Checker`], with strings of JSON text and byte arrays for values.
//!
//! A method that refuses its arguments throws a *string*: JSON text `{message, file?, line?, column?}`. Anything else that
//! is thrown (an `Error`, a trap) is a fault of this program, and the host must drop the whole instance.

use wasm_bindgen::prelude::*;

/// A panic cannot unwind here and would end as a bare `unreachable`; thrown, its message reaches the host first.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_val(JsError::new(&panic.to_string()).into())));
}

#[wasm_bindgen]
pub struct Checker(crate::Checker);

#[wasm_bindgen]
impl Checker {
    /// `options`: `{preset, config?, failOn, strict, now, rules?, skip?, severity?, showUndetermined?, color?}`.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Checker, JsValue> {
        crate::Checker::new(options).map(Checker).map_err(refused)
    }

    /// A configuration file, JSON or YAML.
    pub fn config(&mut self, path: &str, bytes: &[u8]) -> Result<(), JsValue> {
        self.0.config(path, bytes).map_err(refused)
    }

    /// What options and configuration come to for each rule, as JSON text.
    pub fn settings(&self) -> String {
        self.0.settings()
    }

    /// Starts the next input; the files that follow belong to it. `kind`: `auto`, or what the host knows it to be.
    pub fn begin_input(&mut self, name: &str, kind: &str) {
        self.0.begin_input(name, kind);
    }

    pub fn add_file(&mut self, path: &str, bytes: Vec<u8>) {
        self.0.add_file(path, bytes);
    }

    /// What the host could not read: it goes to the report's `errors`.
    pub fn input_error(&mut self, name: &str, message: &str) {
        self.0.input_error(name, message);
    }

    /// Checks everything that was added; the report, as JSON text.
    pub fn run(&mut self) -> String {
        self.0.run()
    }

    /// The last report in another format.
    pub fn render(&self, format: &str, options: &str) -> Result<String, JsValue> {
        self.0.render(format, options).map_err(refused)
    }

    /// What a command line exits with after the last run: 0, 1 or 2.
    pub fn exit_code(&self) -> u8 {
        self.0.exit_code()
    }

    /// The catalogue of actions, for what `access` notes about a question.
    pub fn actions(&mut self, catalogue: String) {
        self.0.actions(catalogue);
    }

    /// Puts IAM requests to the policies they carry, or to those of the inputs.
    pub fn access(&mut self, requests: &str) -> Result<String, JsValue> {
        self.0.access(requests).map_err(refused)
    }
}

/// The rules' metadata: a JSON list.
#[wasm_bindgen]
pub fn rules() -> String {
    crate::rules()
}

/// Throws if there is no such rule, and says which one may be meant. The documentation itself is a file of the package.
#[wasm_bindgen]
pub fn require_rule(id: &str) -> Result<(), JsValue> {
    crate::require_rule(id).map(drop).map_err(refused)
}

#[wasm_bindgen]
pub fn version() -> String {
    crate::version().to_owned()
}

fn refused(json: String) -> JsValue {
    JsValue::from_str(&json)
}

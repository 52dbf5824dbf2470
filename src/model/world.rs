//! One way a stack may come out: which conditions hold, which values parameters have.
//!
//! Rules never see a conditional value. Whatever they read is resolved under the current choices; where the reading needs
//! a choice that is still open, one is made and noted. The engine runs a rule again for each alternative that is left
//! ([`World::next`]), so a rule is judged once per reachable alternative of what it reads, and of nothing else.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::source::NodeRef;
use super::stack::Model;
use super::text::StackId;

/// Most alternatives that a rule is run for on one resource.
pub const MAX_ALTERNATIVES: usize = 128;

pub struct World<'m> {
    pub model: &'m Model,
    trail: RefCell<Vec<Choice>>,
    cursor: Cell<usize>,
    /// How often a choice or an assumption was asked for.
    consulted: Cell<usize>,
    /// What the computations under way have asked, innermost last.
    recorders: RefCell<Vec<Vec<Question>>>,
    /// Above zero: what is asked is a part of a question that is recorded as a whole.
    silent: Cell<usize>,
    run: RefCell<Run>,
    infeasible: Cell<bool>,
    took_default: Cell<bool>,
    pub(super) depth: Cell<usize>,
}

struct Choice {
    taken: usize,
    of: usize,
}

/// What has been decided in the current run.
#[derive(Default)]
struct Run {
    /// Few, and asked for often: a list that is searched without making a key.
    values: Vec<(StackId, String, Assumption)>,
    atoms: FxHashMap<String, usize>,
    /// Named conditions, by their expression.
    named: FxHashMap<(StackId, NodeRef), bool>,
    labels: Vec<String>,
    /// What was chosen freely: parameters, and questions without one.
    chosen: Vec<String>,
}

impl Run {
    fn assumption(&self, stack: StackId, parameter: &str) -> Option<&Assumption> {
        self.values.iter().find(|(of, name, _)| *of == stack && name == parameter).map(|(.., known)| known)
    }
}

/// What a computation asked of the alternatives, with the answer it got.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    Condition(StackId, Rc<str>, bool),
    /// The literal value; `None` where it is unknown or a list.
    Parameter(StackId, Rc<str>, Option<Rc<str>>),
    /// Something that cannot be asked again by name.
    Other,
}

/// Results of one computation, by what it asked: where the answers are the same, so is the result.
#[derive(Debug)]
pub struct Memo<T>(Vec<(Vec<Question>, T)>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo(Vec::new())
    }
}

/// What is assumed about a parameter.
#[derive(Clone, Debug)]
pub enum Assumption {
    Is(String),
    IsNot(Vec<String>),
}

impl<'m> World<'m> {
    pub fn new(model: &'m Model) -> Self {
        World {
            model,
            trail: RefCell::default(),
            cursor: Cell::new(0),
            consulted: Cell::new(0),
            recorders: RefCell::default(),
            silent: Cell::new(0),
            run: RefCell::default(),
            infeasible: Cell::new(false),
            took_default: Cell::new(false),
            depth: Cell::new(0),
        }
    }

    /// Forgets all choices: the next run is the first of its rule and resource.
    pub fn reset(&self) {
        self.trail.borrow_mut().clear();
        self.rewind();
    }

    fn rewind(&self) {
        self.cursor.set(0);
        self.infeasible.set(false);
        self.took_default.set(false);
        let mut run = self.run.borrow_mut();
        if !run.labels.is_empty() || !run.values.is_empty() || !run.atoms.is_empty() || !run.named.is_empty() {
            *run = Run::default();
        }
    }

    /// Moves to the next alternative. `false` when all have been seen.
    pub fn next(&self) -> bool {
        let mut trail = self.trail.borrow_mut();
        while let Some(last) = trail.last_mut() {
            if last.taken + 1 < last.of {
                last.taken += 1;
                drop(trail);
                self.rewind();
                return true;
            }
            trail.pop();
        }
        false
    }

    /// Whether anything was chosen in this run.
    pub fn has_choices(&self) -> bool {
        self.cursor.get() > 0
    }

    /// How often anything that may differ between alternatives was asked for: equal before and after a computation whose
    /// result holds in all of them.
    pub fn consulted(&self) -> usize {
        self.consulted.get()
    }

    pub(super) fn record(&self, question: impl FnOnce() -> Question) {
        if self.silent.get() == 0
            && let Some(recorder) = self.recorders.borrow_mut().last_mut()
        {
            let question = question();
            if !recorder.contains(&question) {
                recorder.push(question);
            }
        }
    }

    /// Runs what is a part of one question.
    pub(super) fn silently<T>(&self, run: impl FnOnce() -> T) -> T {
        self.silent.set(self.silent.get() + 1);
        let result = run();
        self.silent.set(self.silent.get() - 1);
        result
    }

    fn consult(&self) {
        self.consulted.set(self.consulted.get() + 1);
    }

    /// The choices of this run in words.
    pub fn labels(&self) -> Vec<String> {
        self.run.borrow().labels.clone()
    }

    /// Whether the choices contradict each other, so that nothing found in this run counts.
    pub fn is_infeasible(&self) -> bool {
        self.infeasible.get()
    }

    /// Chooses one of `of` alternatives: the one under examination, else the first.
    pub(super) fn choose(&self, of: usize) -> usize {
        if of <= 1 {
            return 0;
        }
        self.consult();
        let mut trail = self.trail.borrow_mut();
        let at = self.cursor.get();
        if at == trail.len() {
            trail.push(Choice { taken: 0, of });
        }
        self.cursor.set(at + 1);
        trail[at].taken
    }

    /// Notes that a parameter (or question) was decided by a choice, not by what the template says.
    pub(super) fn note_choice(&self, of: &str) {
        let mut run = self.run.borrow_mut();
        if !run.chosen.iter().any(|known| known == of) {
            run.chosen.push(of.to_owned());
        }
    }

    /// How many parameters were given a value by choice in this run.
    pub fn chosen(&self) -> usize {
        self.run.borrow().chosen.len()
    }

    pub(super) fn label(&self, label: String) {
        self.run.borrow_mut().labels.push(label);
    }

    pub(super) fn label_count(&self) -> usize {
        self.run.borrow().labels.len()
    }

    /// Replaces the labels made since `from` with one that says more.
    pub(super) fn relabel(&self, from: usize, label: String) {
        let mut run = self.run.borrow_mut();
        if run.labels.len() > from {
            run.labels.truncate(from);
            run.labels.push(label);
        }
    }

    pub(super) fn assumption(&self, stack: StackId, parameter: &str) -> Option<Assumption> {
        self.consult();
        self.run.borrow().assumption(stack, parameter).cloned()
    }

    /// What a pseudo parameter is assumed to be. Without an assumption it is a symbol, which stands for every value, so
    /// that nothing depends on the question.
    pub(super) fn pseudo_assumption(&self, stack: StackId, name: &str) -> Option<String> {
        let run = self.run.borrow();
        if run.values.is_empty() {
            return None;
        }
        match run.assumption(stack, name) {
            Some(Assumption::Is(value)) => {
                self.consult();
                self.record(|| Question::Other);
                Some(value.clone())
            }
            _ => None,
        }
    }

    pub(super) fn assume(&self, stack: StackId, parameter: &str, assumption: Assumption) {
        let mut run = self.run.borrow_mut();
        match run.values.iter_mut().find(|(of, name, _)| *of == stack && name == parameter) {
            Some((.., known)) => *known = assumption,
            None => run.values.push((stack, parameter.to_owned(), assumption)),
        }
    }

    /// What was chosen for a question in this run.
    pub(super) fn atom(&self, key: &str) -> Option<usize> {
        self.consult();
        self.run.borrow().atoms.get(key).copied()
    }

    pub(super) fn set_atom(&self, key: String, taken: usize) {
        self.run.borrow_mut().atoms.insert(key, taken);
    }

    pub(super) fn named(&self, stack: StackId, condition: NodeRef) -> Option<bool> {
        self.consult();
        self.run.borrow().named.get(&(stack, condition)).copied()
    }

    pub(super) fn set_named(&self, stack: StackId, condition: NodeRef, value: bool) {
        self.run.borrow_mut().named.insert((stack, condition), value);
    }

    /// Whether a parameter was read as its default in this run, where another run may assume any other value.
    pub fn took_default(&self) -> bool {
        self.took_default.get()
    }

    pub(super) fn mark_default(&self) {
        self.took_default.set(true);
    }

    pub fn mark_infeasible(&self) {
        self.infeasible.set(true);
    }
}

impl<'s> World<'s> {
    /// The result of a computation, made once per set of answers to what it asks.
    pub fn remember<T: Clone>(&'s self, memo: &RefCell<Memo<T>>, make: impl FnOnce() -> T) -> T {
        if let Some(known) = self.recall(&memo.borrow()) {
            return known;
        }
        let silent = self.silent.replace(0);
        self.recorders.borrow_mut().push(Vec::new());
        let result = make();
        let asked = self.recorders.borrow_mut().pop().unwrap_or_default();
        self.silent.set(silent);
        for question in &asked {
            self.record(|| question.clone());
        }
        if !asked.contains(&Question::Other) {
            memo.borrow_mut().0.push((asked, result.clone()));
        }
        result
    }

    /// Asks again what was asked before, in the same order, as long as some remembered result agrees.
    fn recall<T: Clone>(&'s self, memo: &Memo<T>) -> Option<T> {
        let mut lead = 0;
        let mut at = 0;
        loop {
            let (asked, result) = memo.0.get(lead)?;
            let Some(question) = asked.get(at) else { return Some(result.clone()) };
            let answer = super::intrinsic::ask(self, question)?;
            if *question != answer {
                // The next result that was made under the same answers up to here, and this one.
                let agrees = |other: &Vec<Question>| {
                    other.get(..at) == asked.get(..at) && other.get(at).is_some_and(|other| *other == answer)
                };
                lead += 1 + memo.0[lead + 1..].iter().position(|(other, _)| agrees(other))?;
            }
            at += 1;
        }
    }
}

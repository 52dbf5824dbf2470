//! One way a stack may come out: which conditions hold, which values parameters have.
//!
//! Rules never see a conditional value. Whatever they read is resolved under the current choices; where the reading needs
//! a choice that is still open, one is made and noted. The engine runs a rule again for each alternative that is left
//! ([`World::next`]), so a rule is judged once per reachable alternative of what it reads, and of nothing else.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;

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
    run: RefCell<Run>,
    infeasible: Cell<bool>,
    pub(super) depth: Cell<usize>,
}

struct Choice {
    taken: usize,
    of: usize,
}

/// What has been decided in the current run.
#[derive(Default)]
struct Run {
    values: FxHashMap<(StackId, String), Assumption>,
    atoms: FxHashMap<String, usize>,
    named: FxHashMap<(StackId, String), bool>,
    labels: Vec<String>,
    /// What was chosen freely: parameters, and questions without one.
    chosen: Vec<String>,
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
            run: RefCell::default(),
            infeasible: Cell::new(false),
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
        self.run.borrow().values.get(&(stack, parameter.to_owned())).cloned()
    }

    /// What a pseudo parameter is assumed to be. Without an assumption it is a symbol, which stands for every value, so
    /// that nothing depends on the question.
    pub(super) fn pseudo_assumption(&self, stack: StackId, name: &str) -> Option<String> {
        let run = self.run.borrow();
        if run.values.is_empty() {
            return None;
        }
        match run.values.get(&(stack, name.to_owned())) {
            Some(Assumption::Is(value)) => {
                self.consult();
                Some(value.clone())
            }
            _ => None,
        }
    }

    pub(super) fn assume(&self, stack: StackId, parameter: &str, assumption: Assumption) {
        self.run.borrow_mut().values.insert((stack, parameter.to_owned()), assumption);
    }

    /// What was chosen for a question in this run.
    pub(super) fn atom(&self, key: &str) -> Option<usize> {
        self.consult();
        self.run.borrow().atoms.get(key).copied()
    }

    pub(super) fn set_atom(&self, key: String, taken: usize) {
        self.run.borrow_mut().atoms.insert(key, taken);
    }

    pub(super) fn named(&self, stack: StackId, condition: &str) -> Option<bool> {
        self.consult();
        self.run.borrow().named.get(&(stack, condition.to_owned())).copied()
    }

    pub(super) fn set_named(&self, stack: StackId, condition: &str, value: bool) {
        self.run.borrow_mut().named.insert((stack, condition.to_owned()), value);
    }

    pub fn mark_infeasible(&self) {
        self.infeasible.set(true);
    }
}

//! One way a stack may come out: which conditions hold, which values parameters have.
//!
//! Rules never see a conditional value. Whatever they read is resolved under the current choices; where the reading needs
//! a choice that is still open, one is made and noted. The engine runs a rule again for each alternative that is left
//! ([`World::next`]), so a rule is judged once per reachable alternative of what it reads, and of nothing else.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::stack::{Model, Parameter, StackData};
use super::text::{Pseudo, ResourceId, StackId, Text};

/// Most alternatives that a rule is run for on one resource.
pub const MAX_ALTERNATIVES: usize = 128;

pub struct World<'m> {
    pub model: &'m Model,
    trail: RefCell<Vec<Choice>>,
    cursor: Cell<usize>,
    /// What the computations under way have asked, innermost last.
    recorders: RefCell<Vec<Recorder>>,
    /// Above zero: what is asked is a part of a question that is recorded as a whole.
    silent: Cell<usize>,
    run: RefCell<Run<'m>>,
    infeasible: Cell<bool>,
    took_default: Cell<bool>,
    pub(super) depth: Cell<usize>,
    /// ARNs of the resources, which references spell out again and again.
    arns: OnceCell<Vec<RefCell<Memo<Option<Text<'m>>>>>>,
}

struct Choice {
    taken: usize,
    of: usize,
}

/// What has been decided in the current run.
#[derive(Default)]
struct Run<'m> {
    /// What is assumed, by stack and number of the subject.
    values: Vec<Vec<Option<Assumption<'m>>>>,
    /// The subjects that something is assumed about.
    assumed: Vec<(StackId, usize)>,
    atoms: FxHashMap<String, usize>,
    /// Named conditions by stack and number.
    named: Vec<Vec<Option<bool>>>,
    /// Those of them that are decided.
    decided: Vec<(StackId, usize)>,
    labels: Vec<Label<'m>>,
    /// What was chosen freely: parameters, and questions without one.
    chosen: FxHashSet<Cow<'m, str>>,
}

impl<'m> Run<'m> {
    fn assumption(&self, stack: StackId, subject: Subject) -> Option<&Assumption<'m>> {
        self.values.get(stack.0 as usize)?.get(subject.number())?.as_ref()
    }

    fn assumption_mut(&mut self, stack: StackId, subject: Subject) -> Option<&mut Option<Assumption<'m>>> {
        let slot = self.values.get_mut(stack.0 as usize)?.get_mut(subject.number())?;
        if slot.is_none() {
            self.assumed.push((stack, subject.number()));
        }
        Some(slot)
    }

    fn clear(&mut self) {
        for (stack, condition) in self.decided.drain(..) {
            self.named[stack.0 as usize][condition] = None;
        }
        for (stack, subject) in self.assumed.drain(..) {
            self.values[stack.0 as usize][subject] = None;
        }
        self.atoms.clear();
        self.labels.clear();
        self.chosen.clear();
    }
}

/// A parameter of a stack, by its number, or a pseudo parameter: what something is assumed about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject {
    Parameter(usize),
    Pseudo(Pseudo),
}

impl Subject {
    /// Pseudo parameters come before the parameters.
    fn number(self) -> usize {
        match self {
            Subject::Pseudo(pseudo) => pseudo as usize,
            Subject::Parameter(number) => Pseudo::ALL.len() + number,
        }
    }

    pub(super) fn name(self, data: &StackData) -> &str {
        match self {
            Subject::Parameter(number) => data.parameters.get_index(number).map_or("", |(name, _)| name),
            Subject::Pseudo(pseudo) => pseudo.name(),
        }
    }

    pub(super) fn parameter(self, data: &StackData) -> Option<&Parameter> {
        match self {
            Subject::Parameter(number) => data.parameters.get_index(number).map(|(_, parameter)| parameter),
            Subject::Pseudo(_) => None,
        }
    }
}

/// A choice in words, which are put together only where a finding shows them.
pub(super) enum Label<'m> {
    Is(&'m str, &'m str),
    IsNot(&'m str, &'m str),
    Holds(Cow<'m, str>, bool),
    /// `None` where the map has none.
    Row(String, Option<&'m str>),
}

impl std::fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Label::Is(parameter, value) => write!(f, "{parameter} is {value:?}"),
            Label::IsNot(parameter, value) => write!(f, "{parameter} is not {value:?}"),
            Label::Holds(what, holds) => write!(f, "{what} is {holds}"),
            Label::Row(map, Some(row)) => write!(f, "{map} is looked up for {row:?}"),
            Label::Row(map, None) => write!(f, "{map} has no row for it"),
        }
    }
}

/// What a computation may ask of the alternatives: a condition or parameter by its number in its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    Condition(StackId, usize),
    Parameter(StackId, usize),
    /// Something that cannot be asked again by name.
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Holds(bool),
    Value(Rc<str>),
    /// An unknown value, or an answer that says nothing.
    None,
}

/// The questions of a computation under way, each once.
#[derive(Default)]
struct Recorder {
    asked: Vec<(Question, Answer)>,
    /// Filled when there are too many to look through.
    known: FxHashSet<Question>,
}

impl Recorder {
    const FEW: usize = 16;

    fn add(&mut self, question: Question, answer: impl FnOnce() -> Answer) {
        if self.asked.len() < Self::FEW {
            if self.asked.iter().any(|(known, _)| *known == question) {
                return;
            }
        } else {
            if self.known.is_empty() {
                self.known.extend(self.asked.iter().map(|(known, _)| *known));
            }
            if !self.known.insert(question) {
                return;
            }
        }
        self.asked.push((question, answer()));
    }
}

/// Results of one computation by the answers to what it asked: a tree, since the answer to one question decides the next.
/// The branches lie side by side, the root first, so that a deep tree is no deep structure.
#[derive(Debug)]
pub struct Memo<T>(Vec<Branch<T>>);

#[derive(Debug)]
enum Branch<T> {
    Result(T),
    /// Which branch an answer leads to.
    Ask(Question, Vec<(Answer, usize)>),
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo(Vec::new())
    }
}

impl<T> Memo<T> {
    fn keep(&mut self, asked: Vec<(Question, Answer)>, result: T) {
        let mut asked = asked.into_iter();
        let mut at = 0;
        let next = self.0.len();
        while let Some(branch) = self.0.get_mut(at) {
            let (Branch::Ask(question, answers), Some((asked_now, answer))) = (branch, asked.next()) else { return };
            if *question != asked_now {
                return;
            }
            match answers.iter().find(|(known, _)| *known == answer) {
                Some((_, branch)) => at = *branch,
                None => {
                    answers.push((answer, next));
                    break;
                }
            }
        }
        for (question, answer) in asked {
            let next = self.0.len() + 1;
            self.0.push(Branch::Ask(question, vec![(answer, next)]));
        }
        self.0.push(Branch::Result(result));
    }
}

/// What is assumed about a parameter.
enum Assumption<'m> {
    Is(&'m str),
    IsNot(Vec<&'m str>),
}

impl<'m> World<'m> {
    pub fn new(model: &'m Model) -> Self {
        let named = model.stacks.iter().map(|stack| vec![None; stack.conditions.len()]).collect();
        let subjects = |stack: &StackData| Pseudo::ALL.len() + stack.parameters.len();
        let values = model.stacks.iter().map(|stack| (0..subjects(stack)).map(|_| None).collect()).collect();
        World {
            model,
            trail: RefCell::default(),
            cursor: Cell::new(0),
            recorders: RefCell::default(),
            silent: Cell::new(0),
            run: RefCell::new(Run { named, values, ..Run::default() }),
            infeasible: Cell::new(false),
            took_default: Cell::new(false),
            depth: Cell::new(0),
            arns: OnceCell::new(),
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
        self.run.borrow_mut().clear();
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

    pub(super) fn record(&self, question: Question, answer: impl FnOnce() -> Answer) {
        if self.silent.get() == 0
            && let Some(recorder) = self.recorders.borrow_mut().last_mut()
        {
            recorder.add(question, answer);
        }
    }

    /// Notes that something was asked that cannot be asked again by name.
    pub(super) fn record_other(&self) {
        self.record(Question::Other, || Answer::None);
    }

    /// Runs what is a part of one question.
    pub(super) fn silently<T>(&self, run: impl FnOnce() -> T) -> T {
        self.silent.set(self.silent.get() + 1);
        let result = run();
        self.silent.set(self.silent.get() - 1);
        result
    }

    /// The choices of this run in words.
    pub fn labels(&self) -> Vec<String> {
        self.run.borrow().labels.iter().map(Label::to_string).collect()
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
        let mut trail = self.trail.borrow_mut();
        let at = self.cursor.get();
        if at == trail.len() {
            trail.push(Choice { taken: 0, of });
        }
        self.cursor.set(at + 1);
        trail[at].taken
    }

    /// Notes that a parameter (or question) was decided by a choice, not by what the template says.
    pub(super) fn note_choice(&self, of: impl Into<Cow<'m, str>>) {
        self.run.borrow_mut().chosen.insert(of.into());
    }

    /// How many parameters were given a value by choice in this run.
    pub fn chosen(&self) -> usize {
        self.run.borrow().chosen.len()
    }

    pub(super) fn label(&self, label: Label<'m>) {
        self.run.borrow_mut().labels.push(label);
    }

    pub(super) fn label_count(&self) -> usize {
        self.run.borrow().labels.len()
    }

    /// Replaces the labels made since `from` with one that says more.
    pub(super) fn relabel(&self, from: usize, label: Label<'m>) {
        let mut run = self.run.borrow_mut();
        if run.labels.len() > from {
            run.labels.truncate(from);
            run.labels.push(label);
        }
    }

    /// The value that a parameter is assumed to have.
    pub(super) fn assumed(&self, stack: StackId, subject: Subject) -> Option<&'m str> {
        match self.run.borrow().assumption(stack, subject) {
            Some(Assumption::Is(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether nothing that is assumed about a parameter rules a value out.
    pub(super) fn may_be(&self, stack: StackId, subject: Subject, value: &str) -> bool {
        match self.run.borrow().assumption(stack, subject) {
            Some(Assumption::Is(own)) => *own == value,
            Some(Assumption::IsNot(out)) => !out.contains(&value),
            None => true,
        }
    }

    /// What a pseudo parameter is assumed to be. Without an assumption it is a symbol, which stands for every value, so
    /// that nothing depends on the question.
    pub(super) fn pseudo_assumption(&self, stack: StackId, pseudo: Pseudo) -> Option<&'m str> {
        self.assumed(stack, Subject::Pseudo(pseudo)).inspect(|_| self.record_other())
    }

    /// Assumes a value for a parameter.
    pub(super) fn assume(&self, stack: StackId, subject: Subject, value: &'m str) {
        if let Some(known) = self.run.borrow_mut().assumption_mut(stack, subject) {
            *known = Some(Assumption::Is(value));
        }
    }

    /// Assumes that a parameter has any other value.
    pub(super) fn exclude(&self, stack: StackId, subject: Subject, value: &'m str) {
        if let Some(known) = self.run.borrow_mut().assumption_mut(stack, subject) {
            match known {
                Some(Assumption::IsNot(out)) => out.push(value),
                known => *known = Some(Assumption::IsNot(vec![value])),
            }
        }
    }

    /// What was chosen for a question in this run.
    pub(super) fn atom(&self, key: &str) -> Option<usize> {
        self.run.borrow().atoms.get(key).copied()
    }

    pub(super) fn set_atom(&self, key: String, taken: usize) {
        self.run.borrow_mut().atoms.insert(key, taken);
    }

    /// What a condition was decided to be in this run.
    pub(super) fn named(&self, stack: StackId, condition: usize) -> Option<bool> {
        *self.run.borrow().named.get(stack.0 as usize)?.get(condition)?
    }

    pub(super) fn set_named(&self, stack: StackId, condition: usize, value: bool) {
        let run = &mut *self.run.borrow_mut();
        if let Some(slot) = run.named.get_mut(stack.0 as usize).and_then(|stack| stack.get_mut(condition)) {
            *slot = Some(value);
            run.decided.push((stack, condition));
        }
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
        self.recorders.borrow_mut().push(Recorder::default());
        let result = make();
        let Recorder { asked, .. } = self.recorders.borrow_mut().pop().unwrap_or_default();
        self.silent.set(silent);
        for (question, answer) in &asked {
            self.record(*question, || answer.clone());
        }
        // Conditions that name what depends on them may ask for a result while its answers are being asked again.
        if !asked.iter().any(|(question, _)| *question == Question::Other)
            && let Ok(mut memo) = memo.try_borrow_mut()
        {
            memo.keep(asked, result.clone());
        }
        result
    }

    /// The ARN of a resource, made at most once per set of answers.
    pub(super) fn arn(&'s self, id: ResourceId, make: impl FnOnce() -> Option<Text<'s>>) -> Option<Text<'s>> {
        let arns = self.arns.get_or_init(|| self.model.resources.iter().map(|_| RefCell::default()).collect());
        match arns.get(id.0 as usize) {
            Some(memo) => self.remember(memo, make),
            None => make(),
        }
    }

    /// Asks again what was asked before, as long as some remembered result had the same answers.
    fn recall<T: Clone>(&'s self, memo: &Memo<T>) -> Option<T> {
        let mut branch = memo.0.first()?;
        loop {
            match branch {
                Branch::Result(result) => return Some(result.clone()),
                Branch::Ask(question, answers) => {
                    let known = answers.iter().map(|(answer, _)| answer);
                    let (_, next) = answers.get(super::intrinsic::ask(self, *question, known)?)?;
                    branch = memo.0.get(*next)?;
                }
            }
        }
    }
}

//! Conditions: read once per input into a small tree, decided once per run.
//!
//! Source of their meaning: AWS CloudFormation User Guide, "Condition functions".

use std::borrow::Cow;

use crate::doc::{NodeId, Shape};

use super::intrinsic::{MAX_FUNCTION_DEPTH, allowed_values, default_value, parameter_value, resolve, scalar_text};
use super::pattern;
use super::source::{NodeRef, Source};
use super::stack::{Model, StackData};
use super::text::{Pseudo, StackId};
use super::tri::Tri;
use super::value::{Read, Value};
use super::world::{Answer, Label, Question, Subject, World};

/// What a condition says.
#[derive(Debug)]
pub enum Expression {
    Is(bool),
    /// Another condition of the stack, by its number.
    Condition(usize),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// A parameter without a fixed value against a literal.
    Equals(Subject, NodeRef),
    /// Two parameters without fixed values.
    Same(Subject, Subject),
    /// A parameter without a fixed value, where it is named, and something that is computed.
    Computed(Subject, NodeRef, NodeRef),
    /// Whatever else `Fn::Equals` compares.
    Alike(NodeRef, NodeRef),
    /// What CloudFormation would not take, or cannot be read: either may be.
    Open,
}

/// The conditions of a stack in the order of their numbers.
pub(super) fn read(model: &Model, stack: StackId) -> Vec<Expression> {
    let data = model.stack(stack);
    data.conditions.values().map(|&node| expression(model, data, node, 0)).collect()
}

fn expression(model: &Model, data: &StackData, node: NodeRef, depth: usize) -> Expression {
    let source = model.source(node.source);
    if let Shape::Bool(value) = source.shape(node.node) {
        return Expression::Is(value);
    }
    let Some(entry) = source.doc.single_entry(node.node).filter(|_| depth < MAX_FUNCTION_DEPTH) else {
        return Expression::Open;
    };
    let arguments: &[NodeId] = match source.shape(entry.value) {
        Shape::Array(elements) => elements,
        _ => &[],
    };
    let nested =
        |&argument: &NodeId| expression(model, data, NodeRef { source: node.source, node: argument }, depth + 1);
    match (entry.name, arguments) {
        ("Condition", _) => {
            let named = source.doc.string(entry.value).and_then(|name| data.conditions.get_index_of(name));
            named.map_or(Expression::Open, Expression::Condition)
        }
        ("Fn::Not", [argument, ..]) => Expression::Not(Box::new(nested(argument))),
        ("Fn::And", _) => Expression::All(arguments.iter().map(nested).collect()),
        ("Fn::Or", _) => Expression::Any(arguments.iter().map(nested).collect()),
        ("Fn::Equals", &[left, right]) => {
            let subjects = (subject(data, source, left), subject(data, source, right));
            let literals = (scalar_text(source, left), scalar_text(source, right));
            let at = |argument| NodeRef { source: node.source, node: argument };
            match (subjects, literals) {
                ((Some(one), _), (_, Some(_))) => Expression::Equals(one, at(right)),
                ((_, Some(other)), (Some(_), _)) => Expression::Equals(other, at(left)),
                ((Some(one), Some(other)), _) => Expression::Same(one, other),
                ((Some(one), _), _) => Expression::Computed(one, at(left), at(right)),
                ((_, Some(other)), _) => Expression::Computed(other, at(right), at(left)),
                _ => Expression::Alike(at(left), at(right)),
            }
        }
        _ => Expression::Open,
    }
}

/// The parameter or pseudo parameter that a `Ref` names and that has no fixed value.
fn subject(data: &StackData, source: &Source, node: NodeId) -> Option<Subject> {
    let entry = source.doc.single_entry(node).filter(|entry| entry.name == "Ref")?;
    let name = source.doc.string(entry.value)?;
    let (pseudo, open) = match name {
        "AWS::Region" => (Pseudo::Region, data.region.is_none()),
        "AWS::AccountId" => (Pseudo::AccountId, data.account.is_none()),
        "AWS::Partition" => (Pseudo::Partition, data.region.is_none()),
        "AWS::StackName" => (Pseudo::StackName, true),
        _ => {
            let (number, _, parameter) = data.parameters.get_full(name)?;
            let open = !data.given.contains_key(name)
                && !data.passed.contains_key(name)
                && !parameter.kind.starts_with("AWS::SSM::Parameter");
            return open.then_some(Subject::Parameter(number));
        }
    };
    open.then_some(Subject::Pseudo(pseudo))
}

/// Whether a named condition holds in this run; `None` where the template has no such condition.
pub(super) fn decide_named<'s>(world: &'s World<'s>, stack: StackId, name: &str) -> Option<bool> {
    decide_numbered(world, stack, world.model.stack(stack).conditions.get_index_of(name)?)
}

pub(super) fn decide_numbered<'s>(world: &'s World<'s>, stack: StackId, condition: usize) -> Option<bool> {
    let holds = match world.named(stack, condition) {
        Some(known) => known,
        None => world.silently(|| decide_anew(world, stack, condition))?,
    };
    world.record(Question::Condition(stack, condition), || Answer::Holds(holds));
    Some(holds)
}

fn decide_anew<'s>(world: &'s World<'s>, stack: StackId, condition: usize) -> Option<bool> {
    let (name, _) = world.model.stack(stack).conditions.get_index(condition)?;
    let expression = world.model.condition(stack, condition)?;
    // Conditions that name each other in a circle come here again and again.
    if world.depth.get() >= MAX_FUNCTION_DEPTH {
        return None;
    }
    world.depth.set(world.depth.get() + 1);
    let labels = world.label_count();
    let holds = decide(world, stack, expression);
    world.depth.set(world.depth.get() - 1);
    let holds = match holds {
        Some(holds) => holds,
        None => opaque_atom(world, format!("condition {name}")),
    };
    world.relabel(labels, Label::Holds(Cow::Borrowed(name), holds));
    world.set_named(stack, condition, holds);
    Some(holds)
}

/// Decides a condition function that stands where a value is expected.
pub(super) fn decide_function<'s>(world: &'s World<'s>, stack: StackId, node: NodeRef) -> Option<bool> {
    world.silently(|| decide(world, stack, &expression(world.model, world.model.stack(stack), node, 0)))
}

/// Evaluates an expression, choosing where it is open.
fn decide<'s>(world: &'s World<'s>, stack: StackId, expression: &Expression) -> Option<bool> {
    match expression {
        Expression::Is(value) => Some(*value),
        Expression::Condition(condition) => decide_numbered(world, stack, *condition),
        Expression::Not(inner) => decide(world, stack, inner).map(|holds| !holds),
        Expression::All(all) => {
            for part in all {
                if !decide(world, stack, part)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        Expression::Any(any) => {
            for part in any {
                if decide(world, stack, part)? {
                    return Some(true);
                }
            }
            Some(false)
        }
        Expression::Equals(subject, literal) => {
            let literal = scalar_text(world.model.source(literal.source), literal.node)?;
            Some(equals(world, stack, *subject, literal))
        }
        Expression::Same(one, other) => Some(same(world, stack, *one, *other)),
        Expression::Computed(subject, reference, value) => {
            let value = resolve(world, stack, *value);
            Some(match value.literal() {
                Read::Known(Cow::Borrowed(literal)) => equals(world, stack, *subject, literal),
                _ => alike(world, &resolve(world, stack, *reference), &value),
            })
        }
        Expression::Alike(left, right) => {
            Some(alike(world, &resolve(world, stack, *left), &resolve(world, stack, *right)))
        }
        Expression::Open => None,
    }
}

fn equals<'s>(world: &'s World<'s>, stack: StackId, subject: Subject, literal: &'s str) -> bool {
    let data = world.model.stack(stack);
    let name = subject.name(data);
    if let Some(value) = world.assumed(stack, subject) {
        return value == literal;
    }
    if !world.may_be(stack, subject, literal) {
        return false;
    }
    /// Partitions that are open to everyone; a template that tells these apart is not asked about the others.
    const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];
    if subject == Subject::Pseudo(Pseudo::Partition)
        && PARTITIONS.iter().all(|one| *one == literal || !world.may_be(stack, subject, one))
    {
        return true;
    }
    let mut allowed = allowed(world, stack, subject).peekable();
    if allowed.peek().is_some() {
        let (mut there, mut open) = (false, 0);
        for value in allowed.filter(|value| world.may_be(stack, subject, value)) {
            there |= value == literal;
            open += 1;
        }
        if !there {
            return false;
        }
        if open == 1 {
            return true;
        }
    }
    world.note_choice(name);
    if world.choose(2) == 0 {
        world.assume(stack, subject, literal);
        world.label(Label::Is(name, literal));
        true
    } else {
        world.exclude(stack, subject, literal);
        world.label(Label::IsNot(name, literal));
        false
    }
}

/// Whether two parameters have the same value. One with a list of values is tried with each; of two without, both answers are
/// looked at, where one of them keeps its default.
fn same<'s>(world: &'s World<'s>, stack: StackId, one: Subject, other: Subject) -> bool {
    if one == other {
        return true;
    }
    let data = world.model.stack(stack);
    let name = |subject: Subject| subject.name(data);
    let value = |subject| world.assumed(stack, subject);
    let pairs = [(one, other), (other, one)];
    if pairs.iter().all(|(subject, _)| value(*subject).is_none()) {
        let listed = |subject: &Subject| allowed(world, stack, *subject).next().is_some();
        if let Some(Subject::Parameter(number)) = [one, other].into_iter().find(listed) {
            parameter_value(world, stack, number);
        }
    }
    for (one, other) in pairs {
        if let Some(value) = value(one) {
            return equals(world, stack, other, value);
        }
    }
    let (low, high) = if name(one) <= name(other) { (one, other) } else { (other, one) };
    let same = opaque_atom(world, format!("{} = {}", name(low), name(high)));
    let may_be = |subject, value| world.may_be(stack, subject, value);
    let kept = pairs.into_iter().find_map(|(one, other)| {
        let default = default(world, stack, one)?;
        (may_be(one, default) && (!same || may_be(other, default))).then_some((one, other, default))
    });
    if let Some((one, other, default)) = kept {
        world.assume(stack, one, default);
        match same {
            true => world.assume(stack, other, default),
            false => world.exclude(stack, other, default),
        }
        world.mark_default();
    }
    same
}

fn allowed<'s>(world: &'s World<'s>, stack: StackId, subject: Subject) -> impl Iterator<Item = &'s str> {
    let parameter = subject.parameter(world.model.stack(stack)).into_iter();
    parameter.flat_map(|parameter| allowed_values(world.model, parameter))
}

fn default<'s>(world: &'s World<'s>, stack: StackId, subject: Subject) -> Option<&'s str> {
    default_value(world.model, subject.parameter(world.model.stack(stack))?)
}

/// Whether two values that are computed are the same.
fn alike<'s>(world: &'s World<'s>, left: &Value<'s>, right: &Value<'s>) -> bool {
    match (left.symbolic(), right.symbolic()) {
        (Some(left), Some(right)) => match pattern::same(&left, &right) {
            Tri::Yes => true,
            Tri::No => false,
            Tri::Unknown => {
                let (left, right) = (left.to_string(), right.to_string());
                let (low, high) = if left <= right { (left, right) } else { (right, left) };
                opaque_atom(world, format!("{low} = {high}"))
            }
        },
        _ => opaque_atom(world, format!("equals at {:?} and {:?}", left.place().node, right.place().node)),
    }
}

/// A question that only its own answer is known about.
fn opaque_atom(world: &World<'_>, key: String) -> bool {
    if let Some(taken) = world.atom(&key) {
        return taken == 0;
    }
    let taken = world.choose(2);
    world.note_choice(key.clone());
    world.label(Label::Holds(Cow::Owned(key.clone()), taken == 0));
    world.set_atom(key, taken);
    taken == 0
}

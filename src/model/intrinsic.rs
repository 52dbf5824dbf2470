//! CloudFormation's functions and conditions, evaluated as far as they can be.
//!
//! Source of their meaning: AWS CloudFormation User Guide, "Intrinsic function reference" and "Condition functions".

use std::borrow::Cow;
use std::rc::Rc;

use crate::doc::{Entry, NodeId, Shape};

use super::attributes;
use super::condition::{decide_function, decide_named, decide_numbered};
use super::functions;
use super::source::{HOLE_END, HOLE_START, NodeRef, Source};
use super::stack::{Model, OpaqueKey, Parameter};
use super::text::{Pseudo, StackId, Symbol, Text, TextBuilder};
use super::unknown::{Unknown, Why};
use super::value::{Kind, List, Read, Value};
use super::world::{Answer, Label, Question, Subject, World};

/// Deepest nesting of functions that is followed; beyond it a value is unknown.
pub(super) const MAX_FUNCTION_DEPTH: usize = 120;

/// Functions of our own in documents that a front end makes: an unknown output, and a text with unknown outputs in it.
pub const UNKNOWN: &str = "Stackproof::Unknown";
pub const TEXT: &str = "Stackproof::Text";

/// What a node is under the current choices.
pub(super) fn resolve<'s>(world: &'s World<'s>, stack: StackId, node: NodeRef) -> Value<'s> {
    let source = world.model.source(node.source);
    let make = |kind| Value::make(world, stack, node, kind);
    match source.shape(node.node) {
        Shape::Null => make(Kind::Null),
        Shape::Bool(value) => make(Kind::Bool(value)),
        Shape::Number(text) => make(Kind::Number(Cow::Borrowed(text))),
        Shape::String(text) => make(string(world, stack, source, text)),
        Shape::Array(_) => make(Kind::List(List::Nodes(node))),
        Shape::Object => match source.doc.single_entry(node.node) {
            Some(entry) if source.functions && is_function(entry.name) => {
                if world.depth.get() >= MAX_FUNCTION_DEPTH {
                    return make(Kind::Unknown(Unknown::other("functions are nested too deeply")));
                }
                world.depth.set(world.depth.get() + 1);
                let kind = function(world, stack, node, source, &entry);
                world.depth.set(world.depth.get() - 1);
                make(kind)
            }
            _ => make(Kind::Object(node)),
        },
    }
}

/// Whether an object with this one name is a function. A `Condition` in a policy statement is not alone in its object.
pub fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::") || name.starts_with("Stackproof::")
}

fn string<'s>(world: &'s World<'s>, stack: StackId, source: &'s Source, text: &'s str) -> Kind<'s> {
    if !source.holes.is_empty() && text.contains(HOLE_START) {
        return fill(source, text);
    }
    if source.functions && memchr::memchr(b'{', text.as_bytes()).is_some() && text.contains("{{resolve:") {
        return dynamic(world, stack, text);
    }
    Kind::Text(Text::from(text))
}

/// Puts the symbols back into a string of an embedded text.
fn fill<'s>(source: &'s Source, text: &'s str) -> Kind<'s> {
    let mut builder = TextBuilder::default();
    let mut rest = text;
    while let Some(start) = rest.find(HOLE_START) {
        builder.push_literal(Cow::Borrowed(&rest[..start]));
        let after = &rest[start + HOLE_START.len_utf8()..];
        let Some(end) = after.find(HOLE_END) else { break };
        if let Some(symbol) = after[..end].parse::<usize>().ok().and_then(|index| source.holes.get(index)) {
            builder.push_symbol(*symbol);
        }
        rest = &after[end + HOLE_END.len_utf8()..];
    }
    builder.push_literal(Cow::Borrowed(rest));
    Kind::Text(builder.finish())
}

fn dynamic<'s>(world: &'s World<'s>, stack: StackId, text: &'s str) -> Kind<'s> {
    let mut builder = TextBuilder::default();
    let mut rest = text;
    while let Some(start) = rest.find("{{resolve:") {
        let Some(length) = rest[start..].find("}}") else { break };
        builder.push_literal(Cow::Borrowed(&rest[..start]));
        let reference = &rest[start..start + length + 2];
        let unknown = world.model.opaque_source(stack, Why::DynamicReference(reference.to_owned()));
        if start == 0 && reference.len() == text.len() {
            return Kind::Unknown(unknown);
        }
        push_unknown(&mut builder, &unknown);
        rest = &rest[start + length + 2..];
    }
    builder.push_literal(Cow::Borrowed(rest));
    Kind::Text(builder.finish())
}

fn push_unknown(builder: &mut TextBuilder<'_>, unknown: &Unknown) {
    if let Some(id) = unknown.opaque() {
        builder.push_symbol(Symbol::Opaque(id));
    }
}

/// The unknown result of a function; the same place is the same string.
fn unknown_at<'s>(world: &'s World<'s>, node: NodeRef, why: Why) -> Kind<'s> {
    Kind::Unknown(world.model.opaque(OpaqueKey::Node(node), || (why, false, Vec::new())))
}

fn function<'s>(
    world: &'s World<'s>,
    stack: StackId,
    node: NodeRef,
    source: &'s Source,
    entry: &Entry<'s>,
) -> Kind<'s> {
    let argument = NodeRef { source: node.source, node: entry.value };
    let arguments: &[NodeId] = match source.shape(entry.value) {
        Shape::Array(elements) => elements,
        _ => &[],
    };
    let nth = |index: usize| {
        arguments.get(index).map(|&node| resolve(world, stack, NodeRef { source: argument.source, node }))
    };
    let lost = |name: &str| unknown_at(world, node, Why::Function(name.to_owned()));
    // The result is not known because an argument is not; else AWS refuses the call.
    let lost_by = |arguments: &[Option<Value<'s>>]| {
        let cause = arguments.iter().flatten().find_map(cause);
        unknown_at(world, node, cause.unwrap_or_else(|| Why::Function(entry.name.to_owned())))
    };
    match entry.name {
        // The language extensions take a function for a name.
        "Ref" => match source.doc.string(entry.value) {
            Some(name) => reference(world, stack, name, node),
            None => match resolve(world, stack, argument).literal() {
                Read::Known(name) => reference(world, stack, &name, node),
                _ => lost("Ref"),
            },
        },
        "Fn::GetAtt" => match get_att_names(world, stack, source, argument) {
            Some((resource, attribute)) => get_att(world, stack, &resource, &attribute, node),
            None => lost("Fn::GetAtt"),
        },
        "Fn::Sub" => sub(world, stack, source, argument, arguments, node),
        "Fn::Join" => {
            let (separator, parts) = (nth(0), nth(1));
            join(separator.as_ref(), parts.as_ref()).unwrap_or_else(|| lost_by(&[separator, parts]))
        }
        "Fn::If" => {
            let Some(condition) = arguments.first().and_then(|&name| source.doc.string(name)) else {
                return lost("Fn::If");
            };
            let Some(holds) = decide_named(world, stack, condition) else { return lost("Fn::If") };
            match nth(if holds { 1 } else { 2 }) {
                Some(value) => value.kind,
                None => lost("Fn::If"),
            }
        }
        "Fn::Select" => {
            let (index, list) = (nth(0), nth(1));
            select(index.as_ref(), list.as_ref()).unwrap_or_else(|| lost_by(&[index, list]))
        }
        "Fn::Split" => {
            let (separator, text) = (nth(0), nth(1));
            split(world, stack, node, separator.as_ref(), text.as_ref()).unwrap_or_else(|| lost_by(&[separator, text]))
        }
        "Fn::FindInMap" => {
            let (map, first, second) = (nth(0), nth(1), nth(2));
            find_in_map(world, stack, map.as_ref(), first.as_ref(), second.as_ref(), nth(3))
                .unwrap_or_else(|| lost_by(&[map, first, second]))
        }
        "Fn::ImportValue" => {
            let name = resolve(world, stack, argument);
            import(world, stack, &name)
        }
        "Fn::Base64" => {
            let text = resolve(world, stack, argument);
            match text.literal() {
                Read::Absent => Kind::Absent,
                Read::Known(text) => Kind::Text(functions::base64(&text).into()),
                _ => lost_by(&[Some(text)]),
            }
        }
        "Fn::Length" => {
            let list = resolve(world, stack, argument);
            length(&list).unwrap_or_else(|| lost_by(&[Some(list)]))
        }
        "Fn::ToJsonString" => {
            // The object itself: whoever wants the document of the string finds it there.
            let kind = resolve(world, stack, argument).kind;
            if let Kind::Object(node) | Kind::List(List::Nodes(node)) = kind {
                world.model.note_json_text(node);
            }
            kind
        }
        "Fn::GetAZs" => {
            let region = resolve(world, stack, argument);
            match region.kind {
                // A bare `!GetAZs` and an empty string mean the region of the stack.
                Kind::Null => zones_of(reference(world, stack, "AWS::Region", node)),
                Kind::Text(Text::Literal(text)) if text.is_empty() => {
                    zones_of(reference(world, stack, "AWS::Region", node))
                }
                Kind::Text(text) => Kind::List(List::Zones(text)),
                _ => lost_by(&[Some(region)]),
            }
        }
        "Fn::Cidr" => {
            let (block, count, bits) = (nth(0), nth(1), nth(2));
            cidr(world, stack, node, block.as_ref(), count.as_ref(), bits.as_ref())
                .unwrap_or_else(|| lost_by(&[block, count, bits]))
        }
        "Fn::Transform" => lost("Fn::Transform"),
        UNKNOWN => unknown_output(world, source, entry.value).unwrap_or_else(|| lost("an output")),
        TEXT => text_output(world, source, arguments),
        // Condition functions where a value is expected: their result is true or false.
        "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
            world.record_other();
            match decide_function(world, stack, node) {
                Some(holds) => Kind::Bool(holds),
                None => lost(entry.name),
            }
        }
        other => lost(other),
    }
}

fn unknown_output<'s>(world: &'s World<'s>, source: &'s Source, node: NodeId) -> Option<Kind<'s>> {
    let Shape::Number(index) = source.shape(node) else { return None };
    let id = super::text::OpaqueId(index.parse().ok()?);
    Some(Kind::Unknown(world.model.unknown(id)))
}

fn text_output<'s>(world: &'s World<'s>, source: &'s Source, parts: &[NodeId]) -> Kind<'s> {
    let mut builder = TextBuilder::default();
    for &part in parts {
        match source.shape(part) {
            Shape::String(text) => builder.push_literal(Cow::Borrowed(text)),
            _ => {
                if let Some(Kind::Unknown(unknown)) = unknown_output(world, source, part) {
                    push_unknown(&mut builder, &unknown);
                }
            }
        }
    }
    Kind::Text(builder.finish())
}

/// `Ref`: a pseudo parameter, a parameter or what a resource's type refers to.
fn reference<'s>(world: &'s World<'s>, stack: StackId, name: &str, node: NodeRef) -> Kind<'s> {
    let pseudo = match name {
        "AWS::NoValue" => return Kind::Absent,
        "AWS::AccountId" => Some(Pseudo::AccountId),
        "AWS::Region" => Some(Pseudo::Region),
        "AWS::Partition" => Some(Pseudo::Partition),
        "AWS::StackName" => Some(Pseudo::StackName),
        "AWS::StackId" => Some(Pseudo::StackId),
        "AWS::URLSuffix" => Some(Pseudo::UrlSuffix),
        "AWS::NotificationARNs" => return unknown_at(world, node, Why::Attribute(name.to_owned())),
        _ => None,
    };
    if let Some(pseudo) = pseudo {
        if let Some(value) = world.pseudo_assumption(stack, pseudo) {
            return Kind::Text(Text::from(value));
        }
        return Kind::Text(world.model.pseudo(stack, pseudo));
    }
    let data = world.model.stack(stack);
    if let Some(parameter) = data.parameters.get_index_of(name) {
        return parameter_value(world, stack, parameter);
    }
    match data.by_logical_id.get(name) {
        Some(&resource) => Kind::Text(attributes::reference(world, resource)),
        None => unknown_at(world, node, Why::Outside(name.to_owned())),
    }
}

/// The value of a parameter by its number: the given one, each allowed one, the default, or unknown.
pub(super) fn parameter_value<'s>(world: &'s World<'s>, stack: StackId, parameter: usize) -> Kind<'s> {
    let kind = world.silently(|| choose_value(world, stack, parameter));
    world.record(Question::Parameter(stack, parameter), || answer_of(&kind));
    kind
}

fn choose_value<'s>(world: &'s World<'s>, stack: StackId, parameter: usize) -> Kind<'s> {
    let subject = Subject::Parameter(parameter);
    let model = world.model;
    let data = model.stack(stack);
    let Some((name, parameter)) = data.parameters.get_index(parameter) else { return Kind::Absent };
    if let Some((parent, node)) = data.passed.get(name) {
        return resolve(world, *parent, *node).kind;
    }
    let unknown = || Kind::Unknown(model.opaque_source(stack, Why::Parameter(name.to_owned())));
    if parameter.kind.starts_with("AWS::SSM::Parameter") {
        return unknown();
    }
    let list = parameter.is_list();
    let of_text = |text: &'s str| {
        if !list {
            return Kind::Text(Text::from(text));
        }
        let items = text.split(',').map(|item| {
            let node = parameter.default.unwrap_or(parameter.node);
            Value::make(world, stack, node, Kind::Text(Text::from(item.trim())))
        });
        Kind::List(List::Made(if text.is_empty() { Rc::from([]) } else { items.collect() }))
    };
    if let Some(value) = data.given.get(name) {
        return of_text(value);
    }
    if let Some(value) = world.assumed(stack, subject) {
        return of_text(value);
    }
    let is_open = |value: &&str| world.may_be(stack, subject, value);
    if !parameter.allowed.is_empty() {
        let open = allowed_values(model, parameter).filter(is_open).count();
        let nth = world.choose(open).min(open.saturating_sub(1));
        let Some(taken) = allowed_values(model, parameter).filter(is_open).nth(nth) else {
            world.mark_infeasible();
            return unknown();
        };
        world.assume(stack, subject, taken);
        if open > 1 {
            world.note_choice(name);
            world.label(Label::Is(name, taken));
        }
        return of_text(taken);
    }
    match default_value(model, parameter).filter(is_open) {
        Some(default) => {
            world.assume(stack, subject, default);
            world.mark_default();
            of_text(default)
        }
        None => unknown(),
    }
}

/// The values that a parameter may have, where it lists them.
pub(super) fn allowed_values<'m>(model: &'m Model, parameter: &'m Parameter) -> impl Iterator<Item = &'m str> {
    parameter.allowed.iter().filter_map(|node| scalar_text(model.source(node.source), node.node))
}

/// The value of a parameter that nobody gives one.
pub(super) fn default_value<'m>(model: &'m Model, parameter: &Parameter) -> Option<&'m str> {
    parameter.default.and_then(|node| scalar_text(model.source(node.source), node.node))
}

pub(super) fn scalar_text(source: &Source, node: NodeId) -> Option<&str> {
    match source.shape(node) {
        Shape::String(text) | Shape::Number(text) => Some(text),
        Shape::Bool(value) => Some(if value { "true" } else { "false" }),
        _ => None,
    }
}

fn get_att_names<'s>(
    world: &'s World<'s>,
    stack: StackId,
    source: &'s Source,
    argument: NodeRef,
) -> Option<(Cow<'s, str>, Cow<'s, str>)> {
    match source.shape(argument.node) {
        Shape::String(text) => {
            let (resource, attribute) = text.split_once('.')?;
            Some((Cow::Borrowed(resource), Cow::Borrowed(attribute)))
        }
        Shape::Array(&[resource, attribute]) => {
            let name = |node| resolve(world, stack, NodeRef { source: argument.source, node }).literal().known();
            Some((name(resource)?, name(attribute)?))
        }
        _ => None,
    }
}

fn get_att<'s>(world: &'s World<'s>, stack: StackId, resource: &str, attribute: &str, node: NodeRef) -> Kind<'s> {
    match world.model.stack(stack).by_logical_id.get(resource) {
        Some(&id) => match attributes::attribute(world, id, attribute) {
            Some(text) => Kind::Text(text),
            None => unknown_at(world, node, Why::Attribute(format!("{resource}.{attribute}"))),
        },
        None => unknown_at(world, node, Why::Outside(resource.to_owned())),
    }
}

fn sub<'s>(
    world: &'s World<'s>,
    stack: StackId,
    source: &'s Source,
    argument: NodeRef,
    arguments: &[NodeId],
    node: NodeRef,
) -> Kind<'s> {
    let (template, map) = match (source.shape(argument.node), arguments) {
        (Shape::String(text), _) => (text, None),
        (_, [template, map, ..]) => match source.doc.string(*template) {
            Some(text) => (text, Some(*map)),
            None => return unknown_at(world, node, Why::Function("Fn::Sub".into())),
        },
        (_, [template]) => match source.doc.string(*template) {
            Some(text) => (text, None),
            None => return unknown_at(world, node, Why::Function("Fn::Sub".into())),
        },
        _ => return unknown_at(world, node, Why::Function("Fn::Sub".into())),
    };
    let mut builder = TextBuilder::default();
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        builder.push_literal(Cow::Borrowed(&rest[..start]));
        if let Some(literal) = name.strip_prefix('!') {
            builder.push_literal(Cow::Owned(format!("${{{literal}}}")));
        } else {
            let name = name.trim();
            let mapped = map.and_then(|map| source.doc.get(map, name));
            let kind = match mapped {
                Some(child) => resolve(world, stack, NodeRef { source: argument.source, node: child }).kind,
                None => match name.split_once('.') {
                    Some((resource, attribute)) => get_att(world, stack, resource, attribute, node),
                    None => reference(world, stack, name, node),
                },
            };
            let value = Value::make(world, stack, node, kind);
            push_part(&mut builder, world, stack, name, &value);
        }
        rest = &rest[start + length + 1..];
    }
    builder.push_literal(Cow::Borrowed(rest));
    Kind::Text(builder.finish())
}

fn push_part<'s>(builder: &mut TextBuilder<'s>, world: &'s World<'s>, stack: StackId, name: &str, value: &Value<'s>) {
    match value.text() {
        Read::Known(text) => builder.push(text),
        Read::Unknown(unknown) if unknown.opaque().is_some() => push_unknown(builder, &unknown),
        _ => push_unknown(builder, &world.model.opaque_source(stack, Why::Function(name.to_owned()))),
    }
}

fn join<'s>(separator: Option<&Value<'s>>, parts: Option<&Value<'s>>) -> Option<Kind<'s>> {
    let separator = separator?.literal().known()?;
    let parts = parts?;
    if let Kind::Unknown(unknown) = &parts.kind {
        return Some(Kind::Unknown(unknown.clone()));
    }
    let mut builder = TextBuilder::default();
    let mut first = true;
    for part in parts.items().known()? {
        if !first {
            builder.push_literal(separator.clone());
        }
        first = false;
        builder.push(part.symbolic()?);
    }
    Some(Kind::Text(builder.finish()))
}

/// Why a value is not known in full.
fn cause(value: &Value<'_>) -> Option<Why> {
    match value.literal() {
        Read::Unknown(unknown) => Some(unknown.why().clone()),
        Read::Other => match value.items() {
            Read::Unknown(unknown) => Some(unknown.why().clone()),
            Read::Known(items) => items.iter().find_map(|item| Some(item.unknown()?.why().clone())),
            _ => None,
        },
        _ => None,
    }
}

/// A number that counts something.
fn count(value: Option<&Value<'_>>) -> Option<usize> {
    value?.literal().known()?.trim().parse().ok()
}

fn select<'s>(index: Option<&Value<'s>>, list: Option<&Value<'s>>) -> Option<Kind<'s>> {
    let (index, list) = (count(index)?, list?);
    if let Kind::List(List::Zones(region)) = &list.kind {
        return Some(zone(list.world, list.stack, region, index));
    }
    let items = list.items().known()?;
    // An element that may not be there moves those behind it.
    if items.get(..index)?.iter().any(|item| item.unknown().is_some_and(Unknown::maybe_absent)) {
        return None;
    }
    items.get(index).map(|value| value.kind.clone())
}

fn length<'s>(list: &Value<'s>) -> Option<Kind<'s>> {
    let Kind::List(_) = list.kind else { return None };
    let items = list.items().known()?;
    items.iter().all(Value::is_present).then(|| Kind::Number(Cow::Owned(items.len().to_string())))
}

fn zones_of(region: Kind<'_>) -> Kind<'_> {
    match region {
        Kind::Text(region) => Kind::List(List::Zones(region)),
        other => other,
    }
}

/// The list of a region's availability zones, as something unknown.
pub(super) fn zones(world: &World<'_>, stack: StackId, region: &Text<'_>) -> Unknown {
    world.model.opaque(zones_key(stack, region), || (Why::Attribute(ZONES.to_owned()), false, Vec::new()))
}

const ZONES: &str = "the list of availability zones";

fn zones_key(stack: StackId, region: &Text<'_>) -> OpaqueKey {
    OpaqueKey::Source(stack, Why::Attribute(format!("{ZONES} of {region}")))
}

/// One availability zone: the region's name and a letter (AWS Regions and Availability Zones User Guide, "Availability Zone
/// code": `us-east-1a`).
fn zone<'s>(world: &'s World<'s>, stack: StackId, region: &Text<'s>, index: usize) -> Kind<'s> {
    let key = OpaqueKey::Element(Box::new(zones_key(stack, region)), index);
    let why = || (Why::Attribute(format!("availability zone {index}")), false, Vec::new());
    let letter = world.model.opaque(key, why);
    let mut builder = TextBuilder::default();
    builder.push(region.clone());
    push_unknown(&mut builder, &letter);
    Kind::Text(builder.finish())
}

/// The blocks of `Fn::Cidr`; of a block that is not known, as many unknown ones.
fn cidr<'s>(
    world: &'s World<'s>,
    stack: StackId,
    node: NodeRef,
    block: Option<&Value<'s>>,
    blocks: Option<&Value<'s>>,
    bits: Option<&Value<'s>>,
) -> Option<Kind<'s>> {
    let (block, blocks) = (block?, count(blocks)?);
    let made = |kind| Value::make(world, stack, node, kind);
    match block.literal() {
        Read::Known(block) => {
            let found = functions::cidr(&block, blocks, u32::try_from(count(bits)?).ok()?)?;
            Some(Kind::List(List::Made(found.into_iter().map(|block| made(Kind::Text(block.into()))).collect())))
        }
        Read::Unknown(unknown) if (1..=functions::MAX_BLOCKS).contains(&blocks) => {
            let one = |index| {
                let key = OpaqueKey::Element(Box::new(OpaqueKey::Node(node)), index);
                made(Kind::Unknown(world.model.opaque(key, || (unknown.why().clone(), false, Vec::new()))))
            };
            Some(Kind::List(List::Made((0..blocks).map(one).collect())))
        }
        _ => None,
    }
}

fn split<'s>(
    world: &'s World<'s>,
    stack: StackId,
    node: NodeRef,
    separator: Option<&Value<'s>>,
    text: Option<&Value<'s>>,
) -> Option<Kind<'s>> {
    let separator = separator?.literal().known()?;
    if separator.is_empty() {
        return None;
    }
    let text = text?.text().known()?;
    let mut parts = vec![TextBuilder::default()];
    for piece in text.pieces().iter() {
        match piece {
            super::text::Piece::Literal(literal) => {
                for (index, part) in literal.split(&*separator).enumerate() {
                    if index > 0 {
                        parts.push(TextBuilder::default());
                    }
                    parts.last_mut()?.push_literal(Cow::Owned(part.to_owned()));
                }
            }
            super::text::Piece::Symbol(symbol) => {
                let may_split = match symbol {
                    Symbol::Opaque(_) => true,
                    Symbol::Pseudo(Pseudo::StackId, _) => true,
                    Symbol::Pseudo(Pseudo::UrlSuffix, _) => separator.contains('.'),
                    _ => !separator.contains([':', '/', ',', ' ', '|']),
                };
                if may_split {
                    return None;
                }
                parts.last_mut()?.push_symbol(*symbol);
            }
        }
    }
    let values = parts.into_iter().map(|part| Value::make(world, stack, node, Kind::Text(part.finish())));
    Some(Kind::List(List::Made(values.collect())))
}

fn find_in_map<'s>(
    world: &'s World<'s>,
    stack: StackId,
    map: Option<&Value<'s>>,
    first: Option<&Value<'s>>,
    second: Option<&Value<'s>>,
    options: Option<Value<'s>>,
) -> Option<Kind<'s>> {
    let map = map?.literal().known()?;
    let first = first?;
    let second = second?.literal().known()?;
    // `AWS::NoValue` is a default too: the property is not there.
    let options = options.filter(|options| match &options.kind {
        Kind::Object(node) => world.model.source(node.source).doc.get(node.node, "DefaultValue").is_some(),
        _ => false,
    });
    let default = || options.as_ref().map(|options| options.get("DefaultValue").kind);
    let Some(mappings) = world.model.stack(stack).mappings else { return default() };
    let source = world.model.source(mappings.source);
    let Some(table) = source.doc.get(mappings.node, &map) else { return default() };
    let first = match first.literal().known() {
        Some(key) => key,
        None => {
            // An unknown key (usually the region): each row is possible, and where a default is there, no row.
            let symbol = first.symbolic()?;
            let subject = subject(world, &symbol);
            let is_open = |row: &&str| subject.is_none_or(|(of, name)| world.may_be(of, name, row));
            let rows: Vec<&str> = source.doc.entries(table).map(|entry| entry.name).filter(is_open).collect();
            let ways = rows.len() + usize::from(options.is_some());
            if ways == 0 {
                return None;
            }
            world.record_other();
            let key = format!("map {map} {symbol}");
            let taken = rows.get(world.choose_once(&key, ways).min(ways - 1));
            if ways > 1 {
                world.label(Label::Row(map.to_string(), taken.copied()));
            }
            match taken {
                Some(row) => {
                    if let Some((of, name)) = subject {
                        world.assume(of, name, row);
                    }
                    Cow::Borrowed(*row)
                }
                None => {
                    if let Some((of, name)) = subject {
                        rows.iter().for_each(|row| world.exclude(of, name, row));
                    }
                    return default();
                }
            }
        }
    };
    match source.doc.get(table, &first).and_then(|row| source.doc.get(row, &second)) {
        Some(node) => Some(resolve(world, stack, NodeRef { source: mappings.source, node }).kind),
        None => default(),
    }
}

/// The parameter or pseudo parameter that a string is as a whole, and its stack.
fn subject(world: &World<'_>, text: &Text<'_>) -> Option<(StackId, Subject)> {
    match text.as_symbol()? {
        Symbol::Pseudo(Pseudo::Region, stack) => Some((stack, Subject::Pseudo(Pseudo::Region))),
        Symbol::Opaque(id) => match world.model.opaque_key(id)? {
            (OpaqueKey::Source(stack, Why::Parameter(name)), _) => {
                let number = world.model.stack(stack).parameters.get_index_of(&name)?;
                Some((stack, Subject::Parameter(number)))
            }
            _ => None,
        },
        _ => None,
    }
}

fn import<'s>(world: &'s World<'s>, stack: StackId, name: &Value<'s>) -> Kind<'s> {
    match name.literal().known() {
        Some(name) => match world.model.exports.get(&*name) {
            Some(&(owner, node)) => resolve(world, owner, node).kind,
            None => Kind::Unknown(world.model.opaque_source(stack, Why::Import(name.into_owned()))),
        },
        None => {
            let shown = name.symbolic().map_or_else(|| "?".to_owned(), |text| text.to_string());
            Kind::Unknown(world.model.opaque_source(stack, Why::Import(shown)))
        }
    }
}

/// Asks a question again: which of the known answers it has now. `None` for another one, or where it cannot be asked.
pub(super) fn ask<'s, 'a>(
    world: &'s World<'s>,
    question: Question,
    mut known: impl Iterator<Item = &'a Answer>,
) -> Option<usize> {
    match question {
        Question::Condition(stack, condition) => {
            let holds = decide_numbered(world, stack, condition)?;
            known.position(|answer| *answer == Answer::Holds(holds))
        }
        Question::Parameter(stack, parameter) => match parameter_value(world, stack, parameter) {
            Kind::Text(Text::Literal(text)) => {
                known.position(|answer| matches!(answer, Answer::Value(value) if **value == *text))
            }
            kind => {
                let now = answer_of(&kind);
                known.position(|answer| *answer == now)
            }
        },
        Question::Other => None,
    }
}

fn answer_of(kind: &Kind<'_>) -> Answer {
    match kind {
        Kind::Text(Text::Literal(text)) => Answer::Value(Rc::from(&**text)),
        Kind::List(List::Made(items)) => {
            let items = items.iter().filter_map(|item| item.literal().known());
            Answer::Value(items.map(Cow::into_owned).collect::<Vec<_>>().join(",").into())
        }
        _ => Answer::None,
    }
}

impl World<'_> {
    /// Chooses once per key and run.
    fn choose_once(&self, key: &str, of: usize) -> usize {
        if let Some(taken) = self.atom(key) {
            return taken;
        }
        let taken = self.choose(of);
        self.set_atom(key.to_owned(), taken);
        taken
    }
}

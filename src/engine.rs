//! Runs the rules over an input: each once per reachable alternative of what it reads, and merges what they say.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::model::stack::Model;
use crate::model::{Resource, ResourceId, Stack, StackId, Unknown, Why, World};
use crate::rules::policies::PolicyCache;
use crate::rules::{Category, Check, Draft, Options, Outcome, Rule, RuleSettings, Run, Severity};

const MAX_ALTERNATIVES: usize = crate::model::world::MAX_ALTERNATIVES;

/// A rule that is switched on, with its settings.
pub struct Active {
    pub rule: &'static Rule,
    pub settings: RuleSettings,
}

/// What one rule says about one resource: its first place and the others.
pub struct Merged {
    pub rule: &'static Rule,
    pub stack: StackId,
    pub draft: Draft,
    pub more: Vec<Draft>,
    /// The condition under which it holds; `None` where it always does.
    pub under: Option<String>,
}

/// Everything the active rules say about an input.
pub fn run(model: &Model, active: &[Active], options: &Options) -> Vec<Merged> {
    let world = World::new(model);
    let policies = PolicyCache::new(model);
    let mut merged = Vec::new();
    for stack in (0..model.stacks.len() as u32).map(StackId) {
        for Active { rule, settings } in active {
            let mut look = |subject: Option<ResourceId>| {
                explore(&world, &policies, rule, settings, options, stack, subject, &mut merged);
            };
            match rule.run {
                Run::Stack(_) => look(None),
                Run::Resource(_) if rule.on.contains(&"*") => {
                    for &id in &model.stack(stack).resources {
                        if !skipped(model, id) {
                            look(Some(id));
                        }
                    }
                }
                Run::Resource(_) => {
                    for kind in rule.on {
                        for &id in model.of_type(stack, kind) {
                            if !skipped(model, id) {
                                look(Some(id));
                            }
                        }
                    }
                }
            }
        }
    }
    merged
}

/// Split resources speak through their owner; external ones are not the user's to change.
fn skipped(model: &Model, id: ResourceId) -> bool {
    let resource = model.resource(id);
    resource.external || resource.joined_to.is_some()
}

/// A draft with the alternatives in which it was made.
struct Seen {
    draft: Draft,
    alternatives: usize,
    labels: Vec<String>,
    /// How many parameters had to be given a value for it.
    chosen: usize,
}

#[allow(clippy::too_many_arguments)] // one private call site
fn explore<'s>(
    world: &'s World<'s>,
    policies: &Rc<PolicyCache<'s>>,
    rule: &'static Rule,
    settings: &'s RuleSettings,
    options: &'s Options,
    stack: StackId,
    subject: Option<ResourceId>,
    merged: &mut Vec<Merged>,
) {
    world.reset();
    let check =
        Check { rule, settings, options, world, subject, drafts: RefCell::default(), policies: policies.clone() };
    let mut seen: Vec<Seen> = Vec::new();
    let mut alternatives = 0;
    let mut exhausted = true;
    loop {
        match (rule.run, subject) {
            (Run::Resource(run), Some(id)) => {
                let resource = Resource::new(world, id);
                if resource.exists() {
                    run(&check, resource);
                }
            }
            (Run::Stack(run), _) => run(&check, Stack::new(world, stack)),
            (Run::Resource(_), None) => {}
        }
        if !world.has_choices() {
            // The common case: nothing was conditional.
            let drafts = check.drafts.take();
            if !drafts.is_empty() {
                seen.extend(drafts.into_iter().map(|draft| Seen {
                    draft,
                    alternatives: 1,
                    labels: Vec::new(),
                    chosen: 0,
                }));
            }
            alternatives = 1;
            break;
        }
        let drafts = check.drafts.take();
        if !world.is_infeasible() {
            alternatives += 1;
            collect(&mut seen, drafts, world);
        }
        if alternatives >= MAX_ALTERNATIVES {
            exhausted = !world.next();
            break;
        }
        if !world.next() {
            break;
        }
    }
    if !exhausted && let Some(id) = subject {
        let unknown = Unknown::new(Why::Alternatives);
        check.undetermined(Resource::new(world, id), unknown);
        let drafts = check.drafts.take();
        seen.extend(drafts.into_iter().map(|draft| Seen { draft, alternatives, labels: Vec::new(), chosen: 0 }));
    }
    if !seen.is_empty() {
        merge(world.model, rule, stack, seen, alternatives, merged);
    }
}

fn collect(seen: &mut Vec<Seen>, drafts: Vec<Draft>, world: &World<'_>) {
    let known = seen.len();
    for draft in drafts {
        let same = seen[..known].iter_mut().find(|other| {
            other.draft.resource == draft.resource
                && other.draft.place == draft.place
                && other.draft.outcome == draft.outcome
                && other.draft.message == draft.message
        });
        match same {
            Some(other) => {
                other.alternatives += 1;
                other.chosen = other.chosen.min(world.chosen());
            }
            None => seen.push(Seen { draft, alternatives: 1, labels: world.labels(), chosen: world.chosen() }),
        }
    }
}

/// A refusal that takes the values of two or more parameters together is a combination that nobody may ever choose: worth
/// telling, but not certain to be met.
fn soften(seen: &mut Seen) {
    let draft = &mut seen.draft;
    if seen.chosen >= 2 && draft.outcome == Outcome::Fail && draft.category == Category::DeployFailure {
        draft.category = Category::Reliability;
        draft.severity = draft.severity.min(Severity::Medium);
    }
}

/// One finding per rule and resource; a failure hides what is undetermined beside it.
fn merge(
    model: &Model,
    rule: &'static Rule,
    stack: StackId,
    seen: Vec<Seen>,
    alternatives: usize,
    merged: &mut Vec<Merged>,
) {
    let mut resources: Vec<Option<ResourceId>> = Vec::new();
    let mut known = FxHashSet::default();
    for one in &seen {
        if known.insert(one.draft.resource) {
            resources.push(one.draft.resource);
        }
    }
    let mut seen: Vec<Option<Seen>> = seen.into_iter().map(Some).collect();
    for resource in resources {
        let mut mine: Vec<Seen> = seen
            .iter_mut()
            .filter(|one| one.as_ref().is_some_and(|one| one.draft.resource == resource))
            .filter_map(Option::take)
            .collect();
        if mine.iter().any(|one| one.draft.outcome == Outcome::Fail) {
            mine.retain(|one| one.draft.outcome == Outcome::Fail);
        }
        let always = mine.iter().any(|one| one.alternatives >= alternatives);
        if !always {
            mine.iter_mut().for_each(soften);
        }
        // Stable: among equals the first one made leads.
        mine.sort_by_key(|one| std::cmp::Reverse(one.draft.severity));
        let mut rest = mine.into_iter();
        let Some(first) = rest.next() else { continue };
        let under = (!always && !first.labels.is_empty()).then(|| first.labels.join(" and "));
        let mut more: Vec<Draft> = Vec::new();
        for one in rest {
            let repeated = |draft: &Draft| draft.place == one.draft.place && draft.message == one.draft.message;
            if !repeated(&first.draft) && !more.iter().any(repeated) {
                more.push(one.draft);
            }
        }
        // A rule on all stacks speaks of the resources of each.
        let stack = resource.map_or(stack, |id| model.resource(id).stack);
        merged.push(Merged { rule, stack, draft: first.draft, more, under });
    }
}

//! Notifications of a bucket, read.

use crate::model::{Read, Resource, Text, Unknown, Value};

/// One target of a bucket's notifications.
pub(super) struct Notification<'s> {
    /// The configuration's element.
    pub at: Value<'s>,
    /// `Function`, `Queue`, `Topic`
    pub target: Value<'s>,
    pub event: Value<'s>,
    /// `None` where there is no such rule; empty counts as none.
    pub prefix: Option<Value<'s>>,
    pub suffix: Option<Value<'s>>,
    /// All filter rules.
    pub rules: Vec<Value<'s>>,
}

const LISTS: [(&str, &str, &str); 3] = [
    ("NotificationConfiguration.LambdaConfigurations", "Function", "LambdaConfigurations"),
    ("NotificationConfiguration.QueueConfigurations", "Queue", "QueueConfigurations"),
    ("NotificationConfiguration.TopicConfigurations", "Topic", "TopicConfigurations"),
];

/// All notifications of a bucket, and the lists that are not known.
pub(super) fn read<'s>(bucket: Resource<'s>) -> (Vec<Notification<'s>>, Vec<(Value<'s>, Unknown)>) {
    let mut found = Vec::new();
    let mut open = Vec::new();
    for (path, target, _) in LISTS {
        let list = bucket.get(path);
        let items = match list.items_or_one() {
            Read::Known(items) => items,
            Read::Unknown(unknown) => {
                open.push((list, unknown));
                continue;
            }
            _ => continue,
        };
        for item in items.into_iter().filter(|item| !item.is_absent()) {
            let mut notification = Notification {
                target: item.get(target),
                event: item.get("Event"),
                prefix: None,
                suffix: None,
                rules: Vec::new(),
                at: item.clone(),
            };
            let rules = item.path("Filter.S3Key.Rules");
            match rules.items_or_one() {
                Read::Known(rules) => {
                    let names = rules.iter().map(|rule| rule.get("Name"));
                    if let Some((name, unknown)) =
                        names.filter_map(|name| name.unknown().cloned().map(|unknown| (name, unknown))).next()
                    {
                        open.push((name, unknown));
                        continue;
                    }
                    for rule in rules {
                        let name = rule.get("Name").literal().known().unwrap_or_default().to_ascii_lowercase();
                        let value = rule.get("Value");
                        if value.literal().known().as_deref() != Some("") {
                            match name.as_str() {
                                "prefix" => notification.prefix = Some(value),
                                "suffix" => notification.suffix = Some(value),
                                _ => {}
                            }
                        }
                        notification.rules.push(rule);
                    }
                }
                Read::Unknown(unknown) => {
                    open.push((rules, unknown));
                    continue;
                }
                _ => {}
            }
            found.push(notification);
        }
    }
    (found, open)
}

/// The text of a filter, empty where there is none. `None` where it is not a string.
pub(super) fn text<'s>(value: &Option<Value<'s>>) -> Option<Text<'s>> {
    match value {
        None => Some(Text::from("")),
        Some(value) => value.symbolic(),
    }
}

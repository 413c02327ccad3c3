//! The hook that leads Node's connections for hosts of AWS to the proxy: the SDKs for JavaScript look at no proxy, and
//! nor does most else that Node runs.
//!
//! Node loads it into every process through `NODE_OPTIONS`. It looks at the host and the port of a connection alone; the
//! proxy decides.

use std::{ffi::OsString, path::Path};

use super::hosts;

/// The variable that names it.
pub(super) const VARIABLE: &str = "NODE_OPTIONS";

/// The text of the hook. `port` is the proxy's.
pub(super) fn text(port: u16) -> String {
    let names: Vec<String> = hosts::of_aws()
        .map(|name| name.replace('.', "\\."))
        .collect();
    let names = names.join("|");
    format!(
        "// Of a rehearsal by lambdry: its proxy answers for hosts of AWS.
'use strict';
const net = require('net');
const aws = /(?:^|\\.)(?:{names})\\.?$/i;
const isLed = (host, port) =>
  (Number(port) === 443 || Number(port) === 80) && typeof host === 'string' && aws.test(host);
const led = (at) => ({{ ...at, host: '127.0.0.1', port: {port} }});
const {{ connect }} = net.Socket.prototype;
net.Socket.prototype.connect = function (...words) {{
  const [first, second] = words;
  if (Array.isArray(first)) {{
    if (first[0] && isLed(first[0].host, first[0].port)) first[0] = led(first[0]);
  }} else if (first && typeof first === 'object') {{
    if (isLed(first.host, first.port)) words[0] = led(first);
  }} else if (isLed(second, first)) {{
    words.splice(0, 2, {port}, '127.0.0.1');
  }}
  return connect.apply(this, words);
}};
"
    )
}

/// The variable's value, with the hook behind what the user set.
pub(in crate::tool::rehearse) fn option(so_far: Option<&OsString>, hook: &Path) -> OsString {
    let mut option = so_far.cloned().unwrap_or_default();
    if !option.is_empty() {
        option.push(" ");
    }
    let hook = hook.to_string_lossy();
    let hook = hook.replace('\\', "\\\\").replace('"', "\\\"");
    option.push(format!("--require=\"{hook}\""));
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hook_names_every_domain_of_aws_and_the_port() {
        let text = text(4711);
        for name in hosts::of_aws() {
            assert!(text.contains(&name.replace('.', "\\.")), "{name}");
        }
        assert_eq!(text.matches("4711").count(), 2);
    }

    #[test]
    fn what_the_user_set_stays() {
        let value = |so_far: Option<&str>, hook: &str| {
            let so_far = so_far.map(OsString::from);
            option(so_far.as_ref(), Path::new(hook))
                .into_string()
                .unwrap()
        };
        assert_eq!(value(None, "/a b/node.cjs"), "--require=\"/a b/node.cjs\"");
        assert_eq!(
            value(Some("--max-old-space-size=1"), "/a/node.cjs"),
            "--max-old-space-size=1 --require=\"/a/node.cjs\""
        );
    }
}

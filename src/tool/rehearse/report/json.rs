//! The report as JSON. This is the model unchanged, with the verdict and the plan, which are computed from the model.

use std::io::{self, Write};

use serde::Serialize;

use super::{Look, Report};
use crate::tool::rehearse::verdict::Verdict;

/// The number of the form. It is increased if a member is renamed, removed or changed in meaning. A new member does not
/// change it.
const SCHEMA_VERSION: u32 = 2;

/// The report of `lambdry rehearse --report json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    /// The number of this form.
    schema_version: u32,
    /// The word in the report's last line.
    verdict: Verdict,
    /// The facts that the verdict rests on, as texts.
    reasons: Vec<String>,
    /// The changes of the account, one line for each resource.
    plan: Vec<String>,
    #[serde(flatten)]
    report: &'a Report,
}

fn written(report: &Report) -> Written<'_> {
    Written {
        schema_version: SCHEMA_VERSION,
        verdict: report.verdict(),
        reasons: report.statements().map(|(_, words)| words).collect(),
        plan: report.plan(),
        report,
    }
}

pub(super) fn write(report: &Report, _: &Look, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &serde_json::to_value(written(report))?)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use schemars::generate::SchemaSettings;
    use serde_json::{Value, json};

    use super::{SCHEMA_VERSION, Written, written};
    use crate::tool::rehearse::finding::stage::Stage;

    fn schema() -> Value {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let schema = settings
            .into_generator()
            .into_root_schema_for::<Written<'_>>();
        serde_json::to_value(schema).expect("JSON")
    }

    /// The first way in which a value differs from a schema: an unknown member, or a missing member that the schema
    /// requires.
    fn conforms(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{at}: {what}: {value}"));
        if let Some(path) = schema["$ref"].as_str() {
            let named = root
                .pointer(path.trim_start_matches('#'))
                .expect("a definition");
            conforms(root, named, value, at)?;
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(of) = schema[word].as_array()
                && !of.iter().any(|one| conforms(root, one, value, at).is_ok())
            {
                return wrong("none of the alternatives");
            }
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return wrong("no such word");
        }
        if schema.get("const").is_some_and(|only| only != value) {
            return wrong("no such word");
        }
        let is = |kind: &str| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            "null" => value.is_null(),
            other => panic!("{other}"),
        };
        let fits = match &schema["type"] {
            Value::String(kind) => is(kind),
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
            _ => true,
        };
        if !fits {
            return wrong("of another type");
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            conforms(root, &schema["items"], item, &format!("{at}/{index}"))?;
        }
        let Some(properties) = schema["properties"].as_object() else {
            return Ok(());
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            if value.get(name.as_str().expect("a name")).is_none() {
                return wrong(&format!("{name} is missing"));
            }
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            match properties.get(name) {
                Some(schema) => conforms(root, schema, value, &format!("{at}/{name}"))?,
                None => return wrong(&format!("{name} is not known")),
            }
        }
        Ok(())
    }

    #[test]
    fn the_schema_that_is_checked_in_is_the_reports_own() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut fresh = serde_json::to_string_pretty(&schema()).expect("JSON");
        fresh.push('\n');
        let kept = fs::read_to_string(here.join("docs/report.schema.json")).unwrap_or_default();
        if kept != fresh {
            fs::write(here.join("target/report.schema.json"), fresh).expect("written");
            panic!(
                "the report has another schema: if that is meant, copy target/report.schema.json to docs/, and \
                 count SCHEMA_VERSION ({SCHEMA_VERSION}) on where a member was renamed, went or changed its meaning"
            );
        }
    }

    #[test]
    fn reports_are_as_the_schema_says() {
        let schema = schema();
        let stage = Stage::with_versions(2).script(&[
            "update-function-code --function-name pay --zip-file fileb://two.zip",
            "publish-version --function-name pay",
            "update-alias --function-name pay --name live --function-version 1",
            "publish-layer-version --layer-name deps --zip-file fileb://one.zip",
            "s3 mb s3://one-bucket",
            "invoke --function-name pay out",
        ]);
        let mut value = serde_json::to_value(written(&stage.report())).expect("JSON");
        assert_eq!(conforms(&schema, &schema, &value, ""), Ok(()));
        assert_eq!(value["Verdict"], "Broken");
        value["Calls"][0]["Answered"] = json!("Nobody");
        assert!(conforms(&schema, &schema, &value, "").is_err());
        value["Calls"][0]["Answered"] = json!("Simulated");
        value["More"] = json!(1);
        assert!(conforms(&schema, &schema, &value, "").is_err());
    }
}

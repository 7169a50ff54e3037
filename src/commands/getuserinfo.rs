//! `sfmtls getuserinfo`: the walkthrough's first call over mutual TLS.

use std::io::Write;

use anyhow::Result;

use crate::cli::{GetUserInfo, UserInfoFormat};
use crate::context::Context;
use crate::error::UsageError;
use crate::salesforce::soap::user_info;
use crate::terminal::Content;
use crate::text::csv;

/// Asks who the session belongs to and prints it.
///
/// # Errors
/// When the call fails or standard output cannot be written to.
pub fn run(context: &Context, arguments: &GetUserInfo) -> Result<()> {
    let format = format(context, arguments)?;
    let client = context.client()?;
    let answer = client.call(user_info::get_user_info)?;
    let fields: Vec<(&str, Option<&str>)> = answer
        .info
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_deref()))
        .collect();
    let (out, content) = match format {
        UserInfoFormat::Human => (human(&fields, context), Content::Shown),
        UserInfoFormat::Json => (json(&fields)?, Content::Json),
        UserInfoFormat::Csv => (csv(&fields), Content::Text),
        UserInfoFormat::Xml => (answer.pretty()?.into_bytes(), Content::Text),
    };
    let mut stdout = context.ui.stdout(content);
    stdout.write_all(&out)?;
    Ok(stdout.flush()?)
}

fn format(context: &Context, arguments: &GetUserInfo) -> Result<UserInfoFormat, UsageError> {
    match arguments.result_format {
        Some(UserInfoFormat::Json) => Ok(UserInfoFormat::Json),
        Some(_) if context.ui.json() => Err(UsageError::json_and_format()),
        Some(format) => Ok(format),
        None if context.ui.json() => Ok(UserInfoFormat::Json),
        None if context.ui.terminals().stdout => Ok(UserInfoFormat::Human),
        None => Ok(UserInfoFormat::Json),
    }
}

/// Names and values side by side; those without a value are left out.
fn human(fields: &[(&str, Option<&str>)], context: &Context) -> Vec<u8> {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, value) in fields {
        if let Some(value) = value {
            let name = context.ui.foreign_result(name);
            let value = context.ui.foreign_result(value);
            out.push_str(&format!("{name:width$}  {value}\n"));
        }
    }
    out.into_bytes()
}

fn json(fields: &[(&str, Option<&str>)]) -> Result<Vec<u8>> {
    let object: serde_json::Map<_, _> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let mut out = serde_json::to_vec_pretty(&object)?;
    out.push(b'\n');
    Ok(out)
}

/// A header and one row.
fn csv(fields: &[(&str, Option<&str>)]) -> Vec<u8> {
    let mut out = Vec::new();
    csv::push_line(&mut out, fields.iter().map(|(name, _)| *name));
    let values = fields.iter().map(|(_, value)| value.unwrap_or_default());
    csv::push_line(&mut out, values);
    out
}

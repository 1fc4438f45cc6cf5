//! Every SQL text of the source: string constants that begin like a statement.

use std::path::Path;

const BEGINNINGS: [&str; 6] = ["select ", "insert ", "update ", "delete ", "with ", "values "];

/// `(file and constant, SQL)`.
pub fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    visit(root, &root.join("src"), &mut found);
    found
}

fn visit(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("the source is here") {
        let path = entry.expect("the source is readable").path();
        if path.is_dir() {
            visit(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("source is text");
            let file = path.strip_prefix(root).expect("below the root").display().to_string();
            found.extend(constants(&text).map(|(name, sql)| (format!("{file} {name}"), sql)));
        }
    }
}

fn constants(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split("const ").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once(": &str =")?;
        let literal = rest.trim_start().strip_prefix('"')?;
        let sql = unescaped(literal)?;
        let begins = BEGINNINGS.iter().any(|beginning| sql.trim_start().starts_with(beginning));
        begins.then(|| (name.to_owned(), sql))
    })
}

/// The value of a string literal up to its closing quote.
fn unescaped(literal: &str) -> Option<String> {
    let mut value = String::new();
    let mut chars = literal.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some(value),
            '\\' => match chars.next()? {
                '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

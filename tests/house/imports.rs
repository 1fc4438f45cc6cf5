//! Reads the imports of a source tree: `use` lines and paths written in place, by a small lexer
//! that knows comments, strings and nested groups. Enough for this house; not a Rust parser.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The source files, by their path under `src`, with what each imports.
pub struct House {
    files: BTreeMap<String, Source>,
}

struct Source {
    /// Every path that starts at `crate`, `super`, `self` or a child module, split at `::`.
    paths: Vec<Vec<String>>,
    /// The same without the file's own tests, which may look at everything around them.
    own: Vec<Vec<String>>,
}

impl Source {
    fn of(text: &str) -> Self {
        let own = text.find("#[cfg(test)]\nmod ").map_or(text, |tests| &text[..tests]);
        Self { paths: paths(&words(text)), own: paths(&words(own)) }
    }
}

impl House {
    pub fn read(root: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a source folder can be read") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    let name =
                        path.strip_prefix(&root).expect("under src").to_str().expect("UTF-8").to_owned();
                    let text = std::fs::read_to_string(&path).expect("a source file can be read");
                    files.insert(name, Source::of(&text));
                }
            }
        }
        assert!(files.contains_key("lib.rs"), "src is where the sources are");
        Self { files }
    }

    /// A made-up house.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(name, text)| ((*name).to_owned(), Source::of(text))).collect() }
    }

    /// Imports that don't go down, one sentence each.
    pub fn against(&self, floors: &[&[&str]]) -> Vec<String> {
        let floor = |module: &str| floors.iter().position(|floor| floor.contains(&module));
        let mut faults = BTreeSet::new();
        for (file, source) in &self.files {
            let from = top(file);
            if from == "lib" {
                continue;
            }
            let Some(own) = floor(from) else {
                faults.insert(format!("{file}: {from} has no floor"));
                continue;
            };
            for to in source.paths.iter().filter(|path| path[0] == "crate").filter_map(|path| path.get(1)) {
                if to == from || to == "*" || !self.is_module(to) {
                    continue;
                }
                match floor(to) {
                    Some(floor) if floor > own => {}
                    Some(_) => drop(faults.insert(format!("{file} ({from}) imports {to}"))),
                    None => drop(faults.insert(format!("{file} ({from}) imports {to}, which has no floor"))),
                }
            }
        }
        faults.into_iter().collect()
    }

    /// Exported macros live at the crate's root too; they are no modules.
    fn is_module(&self, name: &str) -> bool {
        self.files.keys().any(|file| top(file) == name)
    }

    /// Which file imports which. What a `mod.rs` passes on with `use child::…` counts as the child's.
    pub fn graph(&self) -> Graph {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, source) in &self.files {
            if file == "lib.rs" {
                continue;
            }
            let here = module(file);
            let uses = source.own.iter().filter_map(|path| self.resolve(&here, path));
            edges.insert(file.clone(), uses.filter(|to| to != file && to != "lib.rs").collect());
        }
        Graph { edges }
    }

    /// The file in which the thing at a path lives.
    fn resolve(&self, here: &[String], path: &[String]) -> Option<String> {
        let mut at: Vec<String> = match path[0].as_str() {
            "crate" => Vec::new(),
            "self" => here.to_vec(),
            "super" => here[..here.len().checked_sub(1)?].to_vec(),
            child => [here, &[child.to_owned()]].concat(),
        };
        let mut rest = &path[1..];
        while let [name, more @ ..] = rest {
            if name == "super" {
                at.pop()?;
            } else if name != "self" {
                at.push(name.clone());
                if self.file(&at).is_none() {
                    let name = at.pop()?;
                    return self.behind(&at, &name).or_else(|| self.file(&at));
                }
            }
            rest = more;
        }
        self.file(&at)
    }

    fn file(&self, module: &[String]) -> Option<String> {
        let path = module.join("/");
        [format!("{path}.rs"), format!("{path}/mod.rs")]
            .into_iter()
            .find(|name| self.files.contains_key(name))
    }

    /// The child from which a module passes on a name.
    fn behind(&self, module: &[String], name: &str) -> Option<String> {
        let front = self.file(module)?;
        let child = self.files[&front].own.iter().find(|path| {
            path.len() > 1 && path.last().is_some_and(|last| last == name) && !is_root(&path[0])
        })?;
        self.file(&[module, &child[..1]].concat())
    }
}

/// Who imports whom.
pub struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    pub fn of(edges: &[(&str, &str)]) -> Self {
        let mut graph = Self { edges: BTreeMap::new() };
        for (from, to) in edges {
            graph.edges.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    }

    /// One circle for each import that closes one, written `a → b → a` from its first name on.
    pub fn circles(&self) -> Vec<String> {
        let (mut done, mut found) = (BTreeSet::new(), Vec::new());
        for start in self.edges.keys() {
            self.walk(start, &mut Vec::new(), &mut done, &mut found);
        }
        found.sort();
        found
    }

    fn walk<'a>(
        &'a self,
        at: &'a str,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
        found: &mut Vec<String>,
    ) {
        if let Some(from) = way.iter().position(|step| *step == at) {
            let mut circle = way[from..].to_vec();
            let first = (0..circle.len()).min_by_key(|at| circle[*at]).unwrap_or(0);
            circle.rotate_left(first);
            circle.push(circle[0]);
            found.push(circle.join(" → "));
        } else if !done.contains(at) {
            way.push(at);
            for next in self.edges.get(at).into_iter().flatten() {
                self.walk(next, way, done, found);
            }
            way.pop();
            done.insert(at);
        }
    }
}

/// `session/state.rs` → `session`.
fn top(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// `session/state.rs` → [session, state]; `session/mod.rs` → [session].
fn module(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs");
    path.strip_suffix("/mod").unwrap_or(path).split('/').map(str::to_owned).collect()
}

fn is_root(word: &str) -> bool {
    matches!(word, "crate" | "super" | "self")
}

/// All paths that start at `crate`, `super` or `self`, and, in `use` lines, at anything else.
fn paths(words: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        let after = words.get(at + 1).map(String::as_str);
        let in_place = is_root(word) && after == Some("::") && !matches!(before, Some("$" | "::" | "use"));
        let at = if word == "use" { at + 1 } else { at };
        if (in_place || word == "use") && words.get(at).is_some_and(|word| word != "<") {
            tree(words, at, &mut Vec::new(), &mut found);
        }
    }
    found
}

/// Reads one path with its groups; returns where it ends.
fn tree(words: &[String], mut at: usize, stem: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = stem.len();
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "{" if at > 0 && matches!(words[at - 1].as_str(), "::" | "use") => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    at = tree(words, at, stem, found);
                    if words.get(at).is_some_and(|word| word == ",") {
                        at += 1;
                    }
                }
                stem.truncate(depth);
                return at + 1;
            }
            "::" => at += 1,
            word if word == "*" || word.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                stem.push(word.to_owned());
                at += 1;
                if words.get(at).is_none_or(|next| next != "::") {
                    break;
                }
            }
            _ => break,
        }
    }
    if stem.len() > depth {
        found.push(stem.clone());
    }
    stem.truncate(depth);
    if words.get(at).is_some_and(|word| word == "as") {
        at += 2;
    }
    at.max(1)
}

/// Identifiers and punctuation, without comments, strings and characters.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string(rest),
            'r' if raw(rest).is_some() => raw(rest).unwrap_or(1),
            '\'' => character(rest),
            ':' if rest.starts_with("::") => {
                words.push("::".to_owned());
                2
            }
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                words.push(rest[..end].to_owned());
                end
            }
            c if c.is_whitespace() => c.len_utf8(),
            c => {
                words.push(c.to_string());
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    words
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text.len() - body.len() + body.find(&end)? + end.len())
}

/// A character is left out; of a lifetime, only its mark.
fn character(text: &str) -> usize {
    let mut chars = text[1..].chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), Some(escaped)) => {
            let from = 2 + escaped.len_utf8();
            text[from..].find('\'').map_or(text.len(), |end| from + end + 1)
        }
        (Some(c), Some('\'')) => c.len_utf8() + 2,
        _ => 1,
    }
}

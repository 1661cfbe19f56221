//! The files of the web page, built into the program. Nothing is fetched from elsewhere, and nothing is built.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

/// A file: its name, what it is, and its content.
struct File(&'static str, &'static str, &'static [u8]);

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Every file.
const ALL: &[File] = &[
    File("index.html", HTML, include_bytes!("page/index.html")),
    File("style.css", STYLE, include_bytes!("page/style.css")),
    File("app.js", SCRIPT, include_bytes!("page/app.js")),
    File("ask.js", SCRIPT, include_bytes!("page/ask.js")),
    File("chat.js", SCRIPT, include_bytes!("page/chat.js")),
    File("turn.js", SCRIPT, include_bytes!("page/turn.js")),
    File("profile.js", SCRIPT, include_bytes!("page/profile.js")),
    File("question.js", SCRIPT, include_bytes!("page/question.js")),
    File("write.js", SCRIPT, include_bytes!("page/write.js")),
    File("translate.js", SCRIPT, include_bytes!("page/translate.js")),
    File("runs.js", SCRIPT, include_bytes!("page/runs.js")),
    File("preact.js", SCRIPT, include_bytes!("page/vendor/htm-preact-standalone.module.js")),
    File("flame.svg", PICTURE, include_bytes!("page/flame.svg")),
];

/// The file of this name.
pub(crate) fn file(name: &str) -> Response {
    let Some(File(_, kind, content)) = ALL.iter().find(|file| file.0 == name) else {
        let message = format!("the page has no file `{}`", name.escape_debug());
        return ApiError::new(StatusCode::NOT_FOUND, "not_found", message).into_response();
    };
    ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "no-cache")], *content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_file_names_is_there_and_none_comes_from_elsewhere() {
        for File(name, _, content) in ALL {
            let text = std::str::from_utf8(content).unwrap();
            for (place, _) in text.match_indices("/page/") {
                let rest = &text[place + "/page/".len()..];
                let end = rest.find(['"', '\'', ')', '`']).unwrap();
                assert!(ALL.iter().any(|file| file.0 == &rest[..end]), "{name} names {}", &rest[..end]);
            }
            if *name != "preact.js" && *name != "flame.svg" {
                assert!(!text.contains("//cdn") && !text.contains("https://"), "{name} fetches from elsewhere");
            }
            assert!(!text.contains("dangerouslySetInnerHTML=") && !text.contains("innerHTML ="), "{name} writes HTML");
        }
    }
}

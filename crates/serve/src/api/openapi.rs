//! `/openapi.json`: what can be asked, for programs; made from the handlers and their types.

use super::sampling::Choosing;
use super::{
    assistant, chat, completions, conversations, feedback, health, messages, models, profile, runs, session, translate,
};
use axum::Json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr, Schema};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Rushlight", description = "Neural sequence models on this machine, in OpenAI's form and beyond."),
    paths(
        models::list, models::one, chat::complete, completions::complete, translate::translate,
        assistant::show, conversations::begin, conversations::list, conversations::one, conversations::remove, messages::say,
        feedback::judge, profile::show, profile::export, profile::erase, runs::list, runs::one, runs::report,
        session::begin, session::end, health::health, health::metrics, document
    ),
    components(schemas(Choosing, chat::ChatRequest, completions::CompletionRequest)),
    modifiers(&Together)
)]
struct Api;

/// The keys that chat and completions share stand in both; and all may ask for a key.
struct Together;

impl Modify for Together {
    fn modify(&self, document: &mut Document) {
        let Some(components) = &mut document.components else { return };
        let shared = match components.schemas.remove("Choosing") {
            Some(RefOr::T(Schema::Object(object))) => object.properties,
            _ => Default::default(),
        };
        for name in ["ChatRequest", "CompletionRequest"] {
            if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(name) {
                object.properties.extend(shared.clone());
            }
        }
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.security_schemes.insert("key".into(), bearer);
        document.security = Some(vec![SecurityRequirement::new("key", Vec::<String>::new()), Default::default()]);
    }
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, description = "OpenAPI 3.1")))]
pub(crate) async fn document() -> Json<Document> {
    Json(Api::openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_what_requests_may_hold() {
        let document = serde_json::to_value(Api::openapi()).unwrap();
        let keys = &document["components"]["schemas"]["ChatRequest"]["properties"];
        for key in ["model", "messages", "temperature", "stream", "stop", "seed"] {
            assert!(keys[key].is_object(), "{key} in {keys}");
        }
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), 19, "{:?}", paths.keys());
    }
}

//! Who talks with the assistant: whose key it is; without keys everybody at this machine is `you`, or who `?user=` says.

use super::App;
use super::asked::Wanted;
use crate::error::ApiError;
use crate::guard::Asker;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// The longest name, in bytes.
const LONGEST: usize = 200;

/// The name of a user.
pub(crate) struct Whose(pub(crate) String);

/// Who asks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Named {
    /// Who asks, where there are no keys; `you` unless told otherwise.
    user: Option<String>,
}

impl FromRequestParts<Arc<App>> for Whose {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Wanted(Named { user: asked }) = Wanted::from_request_parts(parts, app).await?;
        if let Some(Asker::Key(name)) = parts.extensions.get() {
            let is_other = asked.is_some_and(|asked| asked != *name);
            let message = format!("with a key the user is whose key it is, `{name}`; leave `user` out");
            return if is_other { Err(ApiError::of("user", message)) } else { Ok(Self(name.clone())) };
        }
        let name = asked.unwrap_or_else(|| "you".into());
        let is_name = !name.trim().is_empty() && name.len() <= LONGEST && !name.contains(char::is_control);
        let message = format!("`user` is no name; a name has 1 to {LONGEST} bytes and no control characters");
        if is_name { Ok(Self(name)) } else { Err(ApiError::of("user", message)) }
    }
}

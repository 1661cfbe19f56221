//! What can go wrong that is not our fault, with what to do about it.

use std::path::PathBuf;

/// Why a training could not be begun or carried on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// In the recipe.
    #[error(transparent)]
    Recipe(#[from] crate::recipe::RecipeError),
    /// In the data.
    #[error(transparent)]
    Data(#[from] rushlight_data::DataError),
    /// In the tokenizer.
    #[error(transparent)]
    Text(#[from] rushlight_text::TextError),
    /// In the run's folder.
    #[error(transparent)]
    Trace(#[from] rushlight_trace::TraceError),
    /// In the model's settings.
    #[error("{0}")]
    Model(#[from] rushlight_models::ModelError),
    /// In the settings of optimizer or schedule.
    #[error("{0}")]
    Setting(#[from] rushlight_nn::SettingError),
    /// In a file of weights.
    #[error("{path}: {source}")]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rushlight_nn::weights::WeightsError,
    },
    /// In a checkpoint's `state.json` or `config.json`.
    #[error("{path}: {message}; `resume` needs a checkpoint that this program wrote")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Model and data that do not go together.
    #[error("{0}")]
    Unfit(String),
}

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
    /// In the settings of model, optimizer or schedule.
    #[error(transparent)]
    Setting(#[from] rushlight_nn::settings::SettingError),
    /// In a file of weights.
    #[error(transparent)]
    Weights(#[from] rushlight_nn::weights::WeightsError),
    /// In a checkpoint's `state.json` or `config.json`.
    #[error("{}: {message}; `resume` needs a checkpoint that this program wrote", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A checkpoint to go on from that is not whole.
    #[error("{source}; move the folder `{}` away, and the run goes on from the checkpoint before", path.display())]
    Damaged {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<TrainError>,
    },
    /// Model and data that do not go together.
    #[error("{0}")]
    Unfit(String),
}

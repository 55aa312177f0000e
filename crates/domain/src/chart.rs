//! A chart as a calculation returns it, and as every drawing of it starts from.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chart {
    pub title: String,
    pub x: XAxis,
    pub y: YAxis,
    pub series: Vec<Series>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct XAxis {
    pub label: String,
    pub unit: Option<String>,
    pub scale: Scale,
    pub values: XValues,
}

/// Numbers, or names for a bar chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum XValues {
    Numbers(Vec<Option<f64>>),
    Names(Vec<String>),
}

impl Default for XValues {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct YAxis {
    pub label: String,
    pub unit: Option<String>,
    pub scale: Scale,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    #[default]
    Linear,
    Log,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub label: String,
    pub kind: SeriesKind,
    /// As long as the x values; null is a gap.
    pub values: SeriesValues,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKind {
    Line,
    Scatter,
    Bar,
    /// Between a low and a high value at each x.
    Band,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SeriesValues {
    Single(Vec<Option<f64>>),
    Band(Vec<Option<(f64, f64)>>),
}

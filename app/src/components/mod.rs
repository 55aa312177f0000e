//! The small parts that every page is made of.

pub mod button;
pub mod clock;
pub mod dialog;
pub mod icon;
pub mod menu;
pub mod number;
pub mod state;
pub mod tabs;
pub mod toast;

pub use button::{Button, ButtonKind, ButtonSize};
pub use clock::{Moment, MomentStyle};
pub use dialog::Dialog;
pub use icon::{Glyph, Icon};
pub use menu::{Menu, MenuItem};
pub use state::{State, StateBadge};
pub use tabs::{Tab, Tabs};
pub use toast::{Toasts, use_toasts};

pub mod command;
pub mod event;
pub mod party;
pub mod phase;
pub mod view;

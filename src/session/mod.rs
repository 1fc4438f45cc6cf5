pub mod command;
pub mod party;
pub mod view;

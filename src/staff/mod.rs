//! Staff: accounts, passwords, signed-in browsers, single-use sign-in links.
//!
//! `password` hashes on a few threads of its own, `account` keeps who there is, `signin` decides and
//! keeps who is signed in. The edge turns cookies into a [`Staff`].

mod account;
mod error;
mod member;
pub mod password;
mod signin;

pub use account::{Account, add, by_id, find, set_disabled, set_password};
pub use error::StaffError;
pub use member::{Staff, StaffRole};
pub use password::{Passwords, Strength};
pub use signin::{Attempt, SignedIn, login, make_link, sign_out, signed_in, use_link};

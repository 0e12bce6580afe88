//! Microsoft Graph v1.0, one file per resource.
//!
//! Each call selects what it reads, and reads it through [`object::Object`], which tells a member
//! that is absent from one that is null.

mod deleted_items;
pub(super) mod directory_roles;
mod domains;
mod filter;
mod licenses;
pub(super) mod object;
pub(super) mod organization;
mod own_roles;
mod paging;
mod product_names;
pub(super) mod users;

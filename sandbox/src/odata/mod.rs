//! OData as Graph speaks it: query options, `$filter`, `$search`, projection, pages.
//!
//! Nothing here knows SQL or HTTP.

pub(crate) mod evaluate;
pub(crate) mod filter;
mod lexer;
pub(crate) mod page;
mod parser;
pub(crate) mod query;
pub(crate) mod search;
pub(crate) mod select;

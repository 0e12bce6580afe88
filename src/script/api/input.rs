//! `warn`, `fail`, `today`: what a script says to the person, and what it knows of the day.

use rhai::{Engine, NativeCallContext, export_module, exported_module};

use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(input_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod input_api {
    /// Says something to the person without stopping the script. It goes to standard error.
    ///
    /// ```rhai
    /// warn("two people have no manager");
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn warn(context: NativeCallContext, text: &str) -> Result<(), Raised> {
        session(&context)?.console().warn(text);
        Ok(())
    }

    /// Tells the person something. It goes to standard error, so that it never mixes with data.
    ///
    /// ```rhai
    /// inform("looked at 12 people");
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn inform(context: NativeCallContext, text: &str) -> Result<(), Raised> {
        session(&context)?.console().say(text);
        Ok(())
    }

    /// Today's date here, such as "2027-01-31". Dates in this form compare as texts do.
    ///
    /// ```rhai
    /// today() < "2100-01-01"
    /// ```
    pub(crate) fn today() -> String {
        jiff::ZonedDateTime::now().date().to_string()
    }

    /// The date that a text means, in the form that compares. Throws `bad_value` for anything but a
    /// date such as 2027-01-31.
    ///
    /// ```rhai
    /// date("2027-01-31") > today()
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn date(text: &str) -> Result<String, Raised> {
        let date = text.trim().parse::<jiff::civil::Date>().map_err(|_| {
            let fault = Fault::new("bad_value", format!("{text:?} is not a date"));
            fault.value(text).hint("write it as 2027-01-31").raise()
        })?;
        Ok(date.to_string())
    }

    /// Stops the script with an error; nothing that it recorded is written.
    ///
    /// ```rhai
    /// if accounts().len() > 100000 { fail("that is not a small organisation"); }
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn fail(text: &str) -> Result<(), Raised> {
        Err(Fault::new("failed", text).raise())
    }
}

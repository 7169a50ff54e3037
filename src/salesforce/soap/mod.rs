//! The SOAP Partner API, one file for each call.

pub mod envelope;
pub mod login;
pub mod logout;
mod pretty;
pub mod query;
pub mod user_info;

/// The namespaces of the Partner API (Partner WSDL). The prefix `sf` stands for either of two,
/// depending on the answer, so elements are recognised by namespace.
pub mod namespace {
    /// SOAP 1.1: `Envelope`, `Header`, `Body`, `Fault`.
    pub const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
    /// Calls, their headers and their results.
    pub const PARTNER: &str = "urn:partner.soap.sforce.com";
    /// What is inside a record.
    pub const SOBJECT: &str = "urn:sobject.partner.soap.sforce.com";
    /// What is inside a fault's detail.
    pub const FAULT: &str = "urn:fault.partner.soap.sforce.com";
}

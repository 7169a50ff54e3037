//! SOAP envelopes: requests read by namespace, answers and faults written.
//!
//! Prefixes mean nothing here, as to the service; the answers' own can be exchanged by a switch.

use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::switches::{FaultShape, Prefixes};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const API: &str = "urn:partner.soap.sforce.com";
const OBJECT: &str = "urn:sobject.partner.soap.sforce.com";
const FAULT: &str = "urn:fault.partner.soap.sforce.com";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// Envelopes nest four deep; a request that goes far beyond that is not one.
const DEEPEST: usize = 16;

/// What a request says.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub(super) session_id: Option<String>,
    pub(super) batch_size: Option<String>,
    /// Local name of the one element in the body.
    pub(super) call: String,
    /// Its children in order.
    arguments: Vec<(String, String)>,
}

impl Envelope {
    /// Reads a request.
    ///
    /// # Errors
    /// A fault of the envelope level when it is not well-formed, not SOAP 1.1 or not of this API.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        let text =
            std::str::from_utf8(body).map_err(|_| Fault::envelope("the message is not UTF-8"))?;
        all_legal(text)?;
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut envelope = Self::default();
        let mut path: Vec<Name> = Vec::new();
        let mut value = String::new();
        let mut roots = 0;
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(not_well_formed)?;
            match event {
                Event::Start(start) => {
                    for attribute in start.attributes() {
                        let attribute = attribute.map_err(not_well_formed)?;
                        let value = unescape(&attribute.value).map_err(not_well_formed)?;
                        all_legal(&value)?;
                    }
                    let namespace = match namespace {
                        ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
                        ResolveResult::Unbound => String::new(),
                        ResolveResult::Unknown(prefix) => {
                            return Err(not_well_formed(format!(
                                "the prefix {prefix} is not bound"
                            )));
                        }
                    };
                    let name = Name {
                        namespace,
                        local: start.local_name().as_ref().to_owned(),
                    };
                    roots += usize::from(path.is_empty());
                    if path.len() == DEEPEST || roots > 1 {
                        return Err(not_well_formed("elements beyond the envelope"));
                    }
                    envelope.opened(&path, &name)?;
                    path.push(name);
                    value.clear();
                }
                Event::End(_) => {
                    let Some(name) = path.pop() else {
                        return Err(not_well_formed("end without start"));
                    };
                    envelope.closed(&path, name, &value)?;
                    value.clear();
                }
                Event::Text(text) => value.push_str(&text.xml10_content()),
                Event::CData(text) => value.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    match reference.resolve_char_ref().map_err(not_well_formed)? {
                        Some(character) => {
                            all_legal(character.encode_utf8(&mut [0; 4]))?;
                            value.push(character);
                        }
                        None => value.push_str(
                            resolve_predefined_entity(&reference.xml10_content())
                                .ok_or_else(|| not_well_formed("unknown entity"))?,
                        ),
                    }
                }
                Event::DocType(_) => return Err(Fault::envelope("DOCTYPE is not allowed")),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
                Event::Eof => break,
            }
        }
        if !path.is_empty() || roots == 0 {
            return Err(not_well_formed("the message ends too early"));
        }
        if envelope.call.is_empty() {
            return Err(Fault::envelope("No operation available for request"));
        }
        Ok(envelope)
    }

    /// The values of the call's children, which must have just these names in just this order.
    pub(super) fn arguments<const N: usize>(&self, names: [&str; N]) -> Result<[&str; N], Fault> {
        let given: Vec<&str> = self
            .arguments
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        if given != names {
            let expected = if N == 0 {
                "nothing".to_owned()
            } else {
                names.join(", ")
            };
            return Err(Fault::envelope(&format!("{} takes {expected}", self.call)));
        }
        Ok(std::array::from_fn(|index| {
            self.arguments[index].1.as_str()
        }))
    }

    /// Checks an element against its place.
    fn opened(&mut self, path: &[Name], name: &Name) -> Result<(), Fault> {
        match path {
            [] if !name.is(ENVELOPE, "Envelope") => Err(Fault::envelope(
                "the root element must be a SOAP 1.1 Envelope",
            )),
            [_] if !name.is(ENVELOPE, "Header") && !name.is(ENVELOPE, "Body") => {
                Err(Fault::envelope("an Envelope holds a Header and a Body"))
            }
            [_, body] if body.is(ENVELOPE, "Body") => {
                if name.namespace != API || !self.call.is_empty() {
                    return Err(Fault::envelope("No operation available for request"));
                }
                self.call.clone_from(&name.local);
                Ok(())
            }
            [_, body, _] if body.is(ENVELOPE, "Body") && name.namespace != API => Err(
                Fault::envelope(&format!("Element {} invalid at this location", name.local)),
            ),
            _ => Ok(()),
        }
    }

    /// Takes the value of a closed element. What is in another namespace means nothing.
    fn closed(&mut self, path: &[Name], name: Name, value: &str) -> Result<(), Fault> {
        match path {
            [_, body, _] if body.is(ENVELOPE, "Body") => {
                self.arguments.push((name.local, value.to_owned()))
            }
            [_, header, parent] if header.is(ENVELOPE, "Header") && name.namespace == API => {
                if parent.is(API, "SessionHeader") && name.local == "sessionId" {
                    self.session_id = Some(value.to_owned());
                } else if parent.is(API, "QueryOptions") && name.local == "batchSize" {
                    self.batch_size = Some(value.to_owned());
                }
            }
            [_, _] | [_] | [] if !value.trim().is_empty() => {
                return Err(Fault::envelope("text between the elements"));
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Name {
    namespace: String,
    local: String,
}

impl Name {
    fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }
}

fn not_well_formed(detail: impl std::fmt::Display) -> Fault {
    Fault::envelope(&format!("the message is not well-formed: {detail}"))
}

/// Refuses what XML 1.0 (2.2, Char) has no place for, written as it is or as a reference; quick-xml lets
/// it pass. The SOAP API guide ("XML Compliance") forbids clients to send it, and the service's parser says
/// so in these words (MavensMate issue 976).
fn all_legal(text: &str) -> Result<(), Fault> {
    let illegal = |c: &char| !matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match text.chars().find(illegal) {
        None => Ok(()),
        Some(character) => Err(Fault::envelope(&format!(
            "An invalid XML character (Unicode: {:#x}) was found in the element content of the document.",
            u32::from(character)
        ))),
    }
}

/// The fault elements of the partner WSDL that occur here, and the faults of the envelope level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Envelope,
    Login,
    Unexpected,
    InvalidQueryLocator,
    InvalidField,
    InvalidSObject,
    MalformedQuery,
}

/// A refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Row and column, from 1, of the ApiQueryFaults.
    pub(super) position: Option<(usize, usize)>,
}

impl Fault {
    /// A refusal of the message itself: no exception code, no detail.
    pub(super) fn envelope(message: &str) -> Self {
        Self {
            kind: FaultKind::Envelope,
            code: "Client",
            message: message.to_owned(),
            position: None,
        }
    }

    /// A refusal that has no fault element of its own.
    pub(super) fn unexpected(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Unexpected,
            code,
            message: message.into(),
            position: None,
        }
    }

    pub(super) fn login(code: &'static str, message: &str) -> Self {
        Self {
            kind: FaultKind::Login,
            code,
            message: message.to_owned(),
            position: None,
        }
    }

    /// The envelope with this fault.
    pub(super) fn write(&self, prefixes: Prefixes, shape: FaultShape) -> Vec<u8> {
        let soap = Names::of(prefixes);
        let sf = if prefixes == Prefixes::AsCaptured {
            "sf"
        } else {
            "f"
        };
        let (env, xsi) = (soap.envelope, soap.xsi);
        let mut out = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
        out += &format!(
            "<{env}:Envelope xmlns:{env}=\"{ENVELOPE}\" xmlns:{sf}=\"{FAULT}\" xmlns:{xsi}=\"{XSI}\">"
        );
        out += &format!("<{env}:Body><{env}:Fault><faultcode>");
        let message = escaped(&self.message);
        let Some(element) = self.element() else {
            out += &format!(
                "{env}:{}</faultcode><faultstring>{message}</faultstring>",
                self.code
            );
            out += &format!("</{env}:Fault></{env}:Body></{env}:Envelope>");
            return out.into_bytes();
        };
        let code = self.code;
        if shape != FaultShape::BareCode {
            out += &format!("{sf}:");
        }
        out += &format!("{code}</faultcode><faultstring>{code}: {message}</faultstring>");
        if shape != FaultShape::NoDetail {
            out += &format!("<detail><{sf}:{element} {xsi}:type=\"{sf}:{element}\">");
            out += &format!("<{sf}:exceptionCode>{code}</{sf}:exceptionCode>");
            out += &format!("<{sf}:exceptionMessage>{message}</{sf}:exceptionMessage>");
            if let Some((row, column)) = self.position {
                out += &format!("<{sf}:row>{row}</{sf}:row><{sf}:column>{column}</{sf}:column>");
            }
            out += &format!("</{sf}:{element}></detail>");
        }
        out += &format!("</{env}:Fault></{env}:Body></{env}:Envelope>");
        out.into_bytes()
    }

    fn element(&self) -> Option<&'static str> {
        Some(match self.kind {
            FaultKind::Envelope => return None,
            FaultKind::Login => "LoginFault",
            FaultKind::Unexpected => "UnexpectedErrorFault",
            FaultKind::InvalidQueryLocator => "InvalidQueryLocatorFault",
            FaultKind::InvalidField => "InvalidFieldFault",
            FaultKind::InvalidSObject => "InvalidSObjectFault",
            FaultKind::MalformedQuery => "MalformedQueryFault",
        })
    }
}

/// The prefixes of one answer. `api` and `object` end in a colon, unless they are empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    envelope: &'static str,
    pub(super) api: &'static str,
    pub(super) object: &'static str,
    pub(super) xsi: &'static str,
    pub(super) xsd: &'static str,
}

impl Names {
    pub(super) fn of(prefixes: Prefixes) -> Self {
        match prefixes {
            Prefixes::AsCaptured => Self {
                envelope: "soapenv",
                api: "",
                object: "sf:",
                xsi: "xsi",
                xsd: "xsd",
            },
            Prefixes::Exchanged => Self {
                envelope: "S",
                api: "sf:",
                object: "o:",
                xsi: "i",
                xsd: "x",
            },
        }
    }

    /// Opens an answer up to and with `<…Response>`. `usage` is calls made and allowed, for the
    /// LimitInfoHeader, which all answers but login's have.
    pub(super) fn open(&self, out: &mut Vec<u8>, response: &str, usage: Option<(u64, u64)>) {
        let Self {
            envelope: env,
            api,
            xsi,
            xsd,
            object,
        } = self;
        let declared = |prefix: &str| match prefix.strip_suffix(':') {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let mut text = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
        text += &format!(
            "<{env}:Envelope xmlns:{env}=\"{ENVELOPE}\" {}=\"{API}\"",
            declared(api)
        );
        text += &format!(
            " xmlns:{xsi}=\"{XSI}\" xmlns:{xsd}=\"{XSD}\" {}=\"{OBJECT}\">",
            declared(object)
        );
        if let Some((current, limit)) = usage {
            text += &format!("<{env}:Header><{api}LimitInfoHeader><{api}limitInfo>");
            text +=
                &format!("<{api}current>{current}</{api}current><{api}limit>{limit}</{api}limit>");
            text += &format!("<{api}type>API REQUESTS</{api}type>");
            text += &format!("</{api}limitInfo></{api}LimitInfoHeader></{env}:Header>");
        }
        text += &format!("<{env}:Body><{api}{response}>");
        out.extend_from_slice(text.as_bytes());
    }

    /// Closes what [`Names::open`] opened.
    pub(super) fn close(&self, out: &mut Vec<u8>, response: &str) {
        let Self {
            envelope: env, api, ..
        } = self;
        out.extend_from_slice(
            format!("</{api}{response}></{env}:Body></{env}:Envelope>").as_bytes(),
        );
    }

    /// An element of the API's namespace with text, or nil.
    pub(super) fn element(&self, out: &mut Vec<u8>, name: &str, value: Option<&str>) {
        let Self { api, xsi, .. } = self;
        match value {
            Some(value) => {
                out.extend_from_slice(format!("<{api}{name}>").as_bytes());
                escape(value, out);
                out.extend_from_slice(format!("</{api}{name}>").as_bytes());
            }
            None => out.extend_from_slice(format!("<{api}{name} {xsi}:nil=\"true\"/>").as_bytes()),
        }
    }
}

/// Writes text as XML: also `]]>`, which text must not hold, and carriage returns, which a reader would
/// otherwise turn into line feeds (XML 1.0, 2.4 and 2.11).
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let reference: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\r' => b"&#13;",
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(reference);
        from = at + 1;
    }
    out.extend_from_slice(&bytes[from..]);
}

fn escaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape(text, &mut out);
    // Line feeds of messages come as references in the captures.
    String::from_utf8_lossy(&out).replace('\n', "&#10;")
}

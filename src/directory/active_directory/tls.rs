//! Which certificates are trusted, and what is said of one that isn't. None is ever taken unseen.

use std::path::Path;
use std::sync::Arc;

use ldap3::LdapError;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::directory::DirectoryFault;

/// Trusts the certificates of the file, or those that the system trusts.
pub(super) fn config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, DirectoryFault> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        Some(path) => from_file(path, &mut roots)?,
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(DirectoryFault::Setup {
                    reason: "the system trusts no certificates at all".to_owned(),
                    advice: "name the domain's root certificate as ca_file in the profile"
                        .to_owned(),
                });
            }
        }
    }
    // The provider is named, so that it doesn't depend on what else is linked.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|reason| DirectoryFault::OutOfReach(reason.to_string()))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn from_file(path: &Path, roots: &mut RootCertStore) -> Result<(), DirectoryFault> {
    let wrong = |reason: &str| DirectoryFault::Setup {
        reason: format!("ca_file {}: {reason}", path.display()),
        advice: "it must hold the root certificate of the domain's controllers, as PEM".to_owned(),
    };
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|reason| wrong(&reason.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|reason| wrong(&reason.to_string()))?;
        roots.add(certificate).map_err(|reason| wrong(&reason.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("it holds no certificate")) } else { Ok(()) }
}

/// What is wrong with a controller's certificate, if that is why there is no connection.
pub(super) fn distrusted(host: &str, error: &LdapError) -> Option<DirectoryFault> {
    let certificate = match error {
        LdapError::DNSName { .. } => {
            return Some(DirectoryFault::Setup {
                reason: format!("{host} is no name that a certificate could be for"),
                advice: "write the controller's full name in the profile".to_owned(),
            });
        }
        LdapError::Io { source } => source.get_ref()?.downcast_ref::<rustls::Error>()?,
        LdapError::Rustls { source } => source,
        _ => return None,
    };
    let rustls::Error::InvalidCertificate(wrong) = certificate else { return None };
    let (reason, advice) = match wrong {
        CertificateError::UnknownIssuer => (
            "is from an authority that isn't trusted".to_owned(),
            "name the domain's root certificate as ca_file in the profile",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("has expired".to_owned(), "give the controller a new one")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("isn't valid yet".to_owned(), "check the clocks of this machine and of the controller")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "is for another name".to_owned(),
            "write the controller's name in the profile as it is in the certificate",
        ),
        CertificateError::Revoked => ("was revoked".to_owned(), "give the controller a new one"),
        other => (format!("can't be trusted: {other}"), "give the controller a new one"),
    };
    Some(DirectoryFault::SignIn {
        reason: format!("the certificate of {host} {reason}"),
        advice: advice.to_owned(),
    })
}

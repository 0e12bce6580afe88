//! What Samba never does and Microsoft, or a badly kept controller, may: canned replies over real TLS.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use acctsh::directory::active_directory::{ActiveDirectory, LinkAttribute, ServerUrl, Settings};
use acctsh::directory::{Directory as _, DirectoryFault};
use acctsh::model::Secret;
use rustls::{ServerConfig, ServerConnection, Stream};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;

use crate::samba::block_on;

/// A certificate for 127.0.0.1 that signs itself, good between these days; `None` where openssl is missing.
fn certificate(folder: &Path, from: &str, to: &str) -> Option<(PathBuf, PathBuf)> {
    fs::write(folder.join("index.txt"), "").unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    let settings = "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n\
                    default_md=sha256\npolicy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n\
                    [names]\nsubjectAltName=IP:127.0.0.1\n[req]\ndistinguished_name=none\n[none]\n";
    fs::write(folder.join("openssl.cnf"), settings).unwrap();
    let commands: [&[&str]; 3] = [
        &["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key.pem"],
        &[
            "req",
            "-new",
            "-key",
            "key.pem",
            "-subj",
            "/CN=dc",
            "-config",
            "openssl.cnf",
            "-out",
            "a.csr",
        ],
        &[
            "ca",
            "-batch",
            "-notext",
            "-selfsign",
            "-config",
            "openssl.cnf",
            "-keyfile",
            "key.pem",
            "-startdate",
            from,
            "-enddate",
            to,
            "-in",
            "a.csr",
            "-out",
            "cert.pem",
        ],
    ];
    for command in commands {
        let output = Command::new("openssl").args(command).current_dir(folder).output().ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    Some((folder.join("cert.pem"), folder.join("key.pem")))
}

/// A server that answers each request with what `answer` makes of its number and its operation.
fn serve(
    (certificate, key): &(PathBuf, PathBuf),
    answer: impl Fn(usize, u8) -> Vec<Vec<u8>> + Send + 'static,
) -> String {
    let certificates = CertificateDer::pem_file_iter(certificate).unwrap().map(Result::unwrap);
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates.collect(), key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ldaps://127.0.0.1:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(client) = client else { return };
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            answer_all(connection, client, &answer);
        }
    });
    url
}

fn answer_all(
    mut connection: ServerConnection,
    mut client: TcpStream,
    answer: &impl Fn(usize, u8) -> Vec<Vec<u8>>,
) {
    let mut stream = Stream::new(&mut connection, &mut client);
    for number in 0.. {
        let Some((id, operation)) = request(&mut stream) else { return };
        for body in answer(number, operation) {
            let message = sequence(0x30, &[&[0x02, 0x01, id], &body[..]].concat());
            if stream.write_all(&message).is_err() {
                return;
            }
        }
    }
}

/// The number and the operation of the next request; numbers stay below 128 here.
fn request(stream: &mut Stream<'_, ServerConnection, TcpStream>) -> Option<(u8, u8)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    let mut length = usize::from(head[1]);
    if length > 127 {
        let mut more = vec![0; length - 128];
        stream.read_exact(&mut more).ok()?;
        length = more.iter().fold(0, |length, byte| length * 256 + usize::from(*byte));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((body[2], body[3]))
}

fn sequence(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content].concat()
}

fn result(tag: u8, code: u8, text: &str) -> Vec<u8> {
    let text = sequence(0x04, text.as_bytes());
    sequence(tag, &[&[0x0a, 0x01, code, 0x04, 0x00], &text[..]].concat())
}

fn entry(dn: &str, attribute: &str, value: &[u8]) -> Vec<u8> {
    let values = sequence(0x31, &sequence(0x04, value));
    let attribute = sequence(0x30, &[sequence(0x04, attribute.as_bytes()), values].concat());
    sequence(0x64, &[sequence(0x04, dn.as_bytes()), sequence(0x30, &attribute)].concat())
}

const BIND: u8 = 0x60;

fn settings(folder: &TempDir, url: &str, ca_file: PathBuf) -> Settings {
    Settings {
        servers: vec![ServerUrl::parse(url).unwrap()],
        base: None,
        users_ou: None,
        bind: "acctsh@contoso.test".to_owned(),
        password: Secret::new("Tarnhafen-48-Moor".to_owned()),
        ca_file: Some(ca_file),
        link_attribute: LinkAttribute::default(),
        upn_suffix: None,
        kept: folder.path().join("deleted.db"),
    }
}

#[test]
fn an_expired_certificate_is_never_taken() {
    let folder = TempDir::new().unwrap();
    let Some(files) = certificate(folder.path(), "20200101000000Z", "20210101000000Z") else {
        return;
    };
    let url = serve(&files, |_, _| panic!("nothing is sent to it"));
    let directory = ActiveDirectory::new(settings(&folder, &url, files.0));
    let fault = block_on(directory.count()).unwrap_err();
    assert_eq!(fault.to_string(), "the certificate of 127.0.0.1 has expired");
    assert!(matches!(fault, DirectoryFault::SignIn { .. }));
}

#[test]
fn a_listing_that_microsoft_cuts_off_is_not_taken_for_the_whole() {
    let folder = TempDir::new().unwrap();
    let Some(files) = certificate(folder.path(), "20200101000000Z", "20990101000000Z") else {
        return;
    };
    let url = serve(&files, |number, operation| match (number, operation) {
        (_, BIND) => vec![result(0x61, 0, "")],
        (1, _) => {
            vec![entry("", "defaultNamingContext", b"DC=contoso,DC=test"), result(0x65, 0, "")]
        }
        (2, _) => vec![
            entry("DC=contoso,DC=test", "objectGUID", b"AAAAAAAAAAAAAAAA"),
            result(0x65, 0, ""),
        ],
        (3, _) => vec![result(0x65, 0, "")],
        _ => vec![
            entry("CN=eva,DC=contoso,DC=test", "sAMAccountName", b"eva"),
            result(0x65, 4, "00002023: SvcErr: DSID-031A1254, problem 5012 (DIR_ERROR)"),
        ],
    });
    let directory = ActiveDirectory::new(settings(&folder, &url, files.0));
    let fault = block_on(directory.count()).unwrap_err();
    assert!(fault.to_string().contains("only a part of what it was asked for"), "{fault}");
}

#[test]
fn a_controller_that_has_no_time_is_out_of_reach_and_is_not_believed_to_be_empty() {
    let folder = TempDir::new().unwrap();
    let Some(files) = certificate(folder.path(), "20200101000000Z", "20990101000000Z") else {
        return;
    };
    let url = serve(&files, |_, operation| match operation {
        BIND => vec![result(0x61, 0, "")],
        _ => vec![result(0x65, 51, "00002015: SvcErr: problem 5001 (BUSY)")],
    });
    let directory = ActiveDirectory::new(settings(&folder, &url, files.0));
    let fault = block_on(directory.count()).unwrap_err();
    assert!(matches!(fault, DirectoryFault::OutOfReach(_)), "{fault}");
}

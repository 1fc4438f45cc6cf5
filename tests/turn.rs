//! The relay as an operator sets it up: a real coturn on `turn-config/turnserver.conf`, with the
//! credentials that this server makes. It reaches the SFU for those who hold one, and nothing else.

#[path = "support/coturn.rs"]
mod coturn;
#[path = "support/turn_client.rs"]
mod turn_client;

use coturn::{Coturn, SECRET, set};
use hejie::clock::{Clock, Time};
use hejie::turn::{IceServer, Turn};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;
use turn_client::{Client, IPV4, IPV6, Stream, TCP, UDP};

const HOUR: i64 = 3_600_000;
const LIFETIME: Duration = Duration::from_secs(7200);

fn now() -> Time {
    Clock::System.now()
}

fn credential(secret: &str, whom: &str, at: Time) -> IceServer {
    let turn = Turn::new(vec!["turn:localhost".into()], secret.into(), LIFETIME);
    turn.ice_servers(whom, at).remove(0)
}

fn valid(whom: &str) -> IceServer {
    credential(SECRET, whom, now())
}

fn at(ip: &str) -> SocketAddr {
    SocketAddr::new(ip.parse::<IpAddr>().expect("an address"), 8443)
}

#[test]
fn who_holds_a_credential_reaches_the_sfu_and_is_answered() {
    let coturn = Coturn::start();
    let sfu = UdpSocket::bind("127.0.0.1:0").unwrap();
    sfu.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut client = Client::over_udp(coturn.plain, &valid("session/1"));
    let relayed = client.allocate().expect("an allocation");
    assert_eq!(relayed.ip().to_string(), "127.0.0.1");
    client.permit(sfu.local_addr().unwrap()).expect("the SFU is allowed");
    client.send(sfu.local_addr().unwrap(), b"a binding request");
    let mut buffer = [0; 100];
    let (got, from) = sfu.recv_from(&mut buffer).expect("it arrives");
    assert_eq!((&buffer[..got], from), (&b"a binding request"[..], relayed));
    sfu.send_to(b"its answer", from).unwrap();
    let answer = client.receive().expect("the answer comes back");
    assert_eq!(answer, (sfu.local_addr().unwrap(), b"its answer".to_vec()));
}

#[test]
fn it_does_so_through_tls_too() {
    let coturn = Coturn::start();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(coturn.certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(coturn.tls).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let tls = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let stream = Stream(rustls::StreamOwned::new(tls, tcp));
    let mut client = Client::over(stream, &valid("session/1"));
    client.allocate().expect("an allocation");
    client.permit(at("127.0.0.1")).expect("the SFU is allowed");
}

#[test]
fn a_foreign_peer_is_refused() {
    let coturn = Coturn::start();
    let mut client = Client::over_udp(coturn.plain, &valid("session/1"));
    client.allocate().expect("an allocation");
    let foreign = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.2",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.0.8",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "8.8.8.8",
        "114.114.114.114",
    ];
    for ip in foreign {
        assert_eq!(client.permit(at(ip)), Err(403), "a permission for {ip}");
        assert_eq!(client.bind(0x4001, at(ip)), Err(403), "a channel to {ip}");
    }
    assert_eq!(client.permit(at("127.0.0.1")), Ok(()), "the SFU is still allowed");
}

#[test]
fn what_was_not_permitted_is_not_carried() {
    let coturn = Coturn::start();
    let (sfu, other) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.2:0").unwrap());
    sfu.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    other.set_nonblocking(true).unwrap();
    let mut client = Client::over_udp(coturn.plain, &valid("session/1"));
    client.allocate().expect("an allocation");
    client.permit(sfu.local_addr().unwrap()).expect("the SFU is allowed");
    client.send(other.local_addr().unwrap(), b"not for you");
    client.send(sfu.local_addr().unwrap(), b"for you");
    let mut buffer = [0; 100];
    let got = sfu.recv(&mut buffer).expect("what came after it arrives");
    assert_eq!(&buffer[..got], b"for you");
    assert!(other.recv(&mut buffer).is_err(), "what came before it does not");
}

/// In IPv6 an IPv4 address has many spellings; coturn below 4.9.0 takes them for others
/// (CVE-2026-27624).
const DISGUISED: [&str; 10] = [
    "::ffff:127.0.0.2",
    "::ffff:10.1.2.3",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.2",
    "::127.0.0.2",
    "2002:7f00:2::1",
    "64:ff9b::7f00:2",
    "64:ff9b:1::7f00:2",
    "2001:0:7f00:2::1",
    "fec0::1",
];

#[test]
fn an_ipv6_peer_is_out_of_reach() {
    let coturn = Coturn::start();
    let client = || Client::over_udp(coturn.plain, &valid("session/1"));
    let mut of_six = client();
    assert_eq!(of_six.allocate_of(UDP, IPV6), Err(440), "there is no relay address of that family");
    let mut of_four = client();
    of_four.allocate_of(UDP, IPV4).expect("an allocation");
    for ip in ["::ffff:127.0.0.1", "::1"].iter().chain(&DISGUISED) {
        let refused = of_four.permit(at(ip)).expect_err(ip);
        assert!([403, 443].contains(&refused), "{ip}: {refused}");
    }
}

/// Somebody who adds an IPv6 relay address, and then even drops the two ranges that deny everything, still
/// has no way to this machine or its network.
#[test]
fn with_ipv6_and_without_the_wide_ranges_nothing_inside_is_reached() {
    const WIDE: [&str; 2] = ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];
    let coturn = Coturn::start_with(|text| {
        let wide = |line: &&str| WIDE.iter().any(|range| *line == format!("denied-peer-ip={range}"));
        assert_eq!(text.lines().filter(wide).count(), 2);
        let rest: Vec<&str> = text.lines().filter(|line| !wide(line)).collect();
        set(&rest.join("\n"), "allowed-peer-ip", "127.0.0.9") + "relay-ip=::1\n"
    });
    let mut client = Client::over_udp(coturn.plain, &valid("session/1"));
    client.allocate_of(UDP, IPV6).expect("this machine has ::1");
    for ip in ["::1", "fc00::1", "fdff::1", "fe80::1", "ff02::1", "2001:db8::1"].iter().chain(&DISGUISED) {
        assert_eq!(client.permit(at(ip)), Err(403), "a permission for {ip}");
        assert_eq!(client.bind(0x4001, at(ip)), Err(403), "a channel to {ip}");
    }
    assert_eq!(client.permit(at("2606:4700::1111")), Ok(()), "nobody has denied this one");
}

#[test]
fn an_expired_credential_is_refused() {
    let coturn = Coturn::start();
    let allocate = |at| Client::over_udp(coturn.plain, &credential(SECRET, "session/1", at)).allocate();
    assert_eq!(allocate(now().plus_ms(-3 * HOUR)), Err(401));
    assert_eq!(allocate(now().plus_ms(-2 * HOUR - 5_000)), Err(401));
    allocate(now().plus_ms(-2 * HOUR + 60_000)).expect("a minute is left");
}

#[test]
fn a_forged_credential_is_refused() {
    let coturn = Coturn::start();
    let allocate = |credential: &IceServer| Client::over_udp(coturn.plain, credential).allocate();
    let (one, two) = (valid("session/1"), valid("session/2"));
    assert_eq!(allocate(&credential("a secret of somebody else's own", "session/1", now())), Err(401));
    assert_eq!(allocate(&IceServer { credential: two.credential.clone(), ..one.clone() }), Err(401));
    let (expiry, id) = one.username.split_once(':').unwrap();
    let longer = format!("{}:{id}", expiry.parse::<i64>().unwrap() + 1);
    assert_eq!(allocate(&IceServer { username: longer, ..one.clone() }), Err(401));
    assert_eq!(allocate(&IceServer { username: id.into(), ..one.clone() }), Err(401));
    assert_eq!(allocate(&IceServer { credential: String::new(), ..one.clone() }), Err(401));
    allocate(&one).expect("the real one is taken");
}

#[test]
fn one_person_takes_no_more_than_their_share() {
    let coturn = Coturn::start();
    // Credentials of different minutes are one person's all the same.
    let of_one = |n: i64| credential(SECRET, "session/1", now().plus_ms(-60_000 * n));
    let mut held = Vec::new();
    for n in 0..16 {
        let mut client = Client::over_udp(coturn.plain, &of_one(n));
        client.allocate().expect("within the quota");
        held.push(client);
    }
    assert_eq!(Client::over_udp(coturn.plain, &of_one(16)).allocate(), Err(486));
    Client::over_udp(coturn.plain, &valid("session/2")).allocate().expect("another person's own share");
}

#[test]
fn it_relays_no_tcp() {
    let coturn = Coturn::start();
    let tcp = TcpStream::connect(coturn.plain).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut client = Client::over(Stream(tcp), &valid("session/1"));
    assert_eq!(client.allocate_of(TCP, IPV4), Err(442));
}

#[test]
fn the_log_holds_no_secret_and_the_configuration_no_mistake() {
    let coturn = Coturn::start();
    let mine = valid("session/1");
    Client::over_udp(coturn.plain, &mine).allocate().expect("an allocation");
    let log = coturn.log();
    assert!(log.contains("127.0.0.1"), "a log: {log}");
    assert!(!log.contains(SECRET) && !log.contains(&mine.credential), "{log}");
    assert!(!log.contains("Wrong address format"), "{log}");
    let known = ["no-tlsv1", "no-tlsv1_1", "no-stun-backward-compatibility"];
    let bad = log.lines().filter_map(|line| line.split_once("Bad configuration format: "));
    for (_, option) in bad {
        assert!(known.contains(&option.trim()), "newer versions may not know {option}");
    }
}

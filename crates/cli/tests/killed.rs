//! A server that is killed under load: what it acknowledged is there when it is started again.
#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]

mod served;

use serde_json::{Value, json};
use served::{Served, make, serve};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many talk at the same time, each in a conversation of its own.
const USERS: usize = 8;
/// How many messages are acknowledged in each round before the server is killed.
const BEFORE: usize = 40;
const ROUNDS: usize = 4;

/// What a user was told is kept.
#[derive(Default)]
struct Acknowledged {
    /// The conversation, once it is begun.
    talk: Option<String>,
    /// The messages by their numbers, the user's and the replies.
    messages: BTreeMap<u64, String>,
    /// The numbers of the replies that got a thumb.
    liked: Vec<u64>,
}

#[test]
fn what_was_acknowledged_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let mut users: Vec<Acknowledged> = (0..USERS).map(|_| Acknowledged::default()).collect();
    for round in 0..ROUNDS {
        let served = serve(folder.path(), 0);
        let (url, count) = (served.url.clone(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for (user, kept) in users.iter_mut().enumerate() {
                let (url, count) = (&url, &count);
                scope.spawn(move || while talk(url, user, kept, count).is_some() {});
            }
            let begun = Instant::now();
            while count.load(Ordering::Relaxed) < BEFORE {
                assert!(begun.elapsed() < Duration::from_secs(60), "round {round}: hardly anybody is answered");
                std::thread::sleep(Duration::from_millis(1));
            }
            // Dropping it is SIGKILL; whoever talks gets no further.
            drop(served);
        });
    }
    let served = serve(folder.path(), 0);
    let (mut messages, mut likes) = (0, 0);
    for (user, kept) in users.iter().enumerate() {
        let Some(talk) = &kept.talk else { continue };
        let there = all_messages(&served, talk, user);
        for (number, text) in &kept.messages {
            assert_eq!(there.get(number), Some(text), "message {number} of user {user}");
        }
        // Only the last message may have been kept without its sender being told.
        assert!(there.len() as u64 <= *kept.messages.keys().last().unwrap_or(&0) + 2 * ROUNDS as u64);
        let kept_of = ask(&served.url, "GET", &format!("/v1/profile/export?user=user-{user}"), &Value::Null).unwrap().1;
        let feedback = kept_of["feedback"].as_array().unwrap();
        likes += kept.liked.len();
        assert!(feedback.len() >= kept.liked.len(), "{} thumbs of {}", feedback.len(), kept.liked.len());
        messages += kept.messages.len();
    }
    assert!(messages >= 2 * ROUNDS * BEFORE && likes > 0, "{messages} messages, {likes} thumbs");
}

/// A message, its reply and a thumb; nothing where the server is gone.
fn talk(url: &str, user: usize, kept: &mut Acknowledged, count: &AtomicUsize) -> Option<()> {
    let of_user = |path: &str| format!("{path}?user=user-{user}");
    if kept.talk.is_none() {
        let begun = ask(url, "POST", &of_user("/v1/conversations"), &json!({}))?.1;
        kept.talk = Some(begun["id"].as_str().unwrap().to_owned());
    }
    let talk = kept.talk.clone()?;
    let text = format!("hello, this is message {} of user {user}", kept.messages.len());
    let path = of_user(&format!("/v1/conversations/{talk}/messages"));
    let (status, reply) = ask(url, "POST", &path, &json!({"text": text}))?;
    assert_eq!(status, 200, "{reply}");
    let number = reply["number"].as_u64().unwrap();
    kept.messages.insert(number - 1, text);
    kept.messages.insert(number, reply["text"].as_str().unwrap().to_owned());
    count.fetch_add(1, Ordering::Relaxed);
    let path = of_user(&format!("/v1/conversations/{talk}/feedback"));
    let (status, told) = ask(url, "POST", &path, &json!({"message": number, "thumb": "up"}))?;
    assert!(status < 300, "{told}");
    kept.liked.push(number);
    Some(())
}

/// Every message of a conversation by its number.
fn all_messages(served: &Served, talk: &str, user: usize) -> BTreeMap<u64, String> {
    let mut all = BTreeMap::new();
    loop {
        let after = all.keys().last().copied().unwrap_or(0);
        let path = format!("/v1/conversations/{talk}?user=user-{user}&after={after}&limit=100");
        let page = ask(&served.url, "GET", &path, &Value::Null).unwrap().1;
        let messages = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
        for message in messages {
            all.insert(message["number"].as_u64().unwrap(), message["text"].as_str().unwrap().to_owned());
        }
        if messages.is_empty() || page["has_more"] != true {
            return all;
        }
    }
}

/// Asks over a connection of its own: the status and the answer, or nothing where the server is gone before all of it came.
fn ask(url: &str, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let address = url.strip_prefix("http://").unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: \
         close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().unwrap();
    Some((status, serde_json::from_str(body).ok()?))
}

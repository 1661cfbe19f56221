//! Puts load on a server: clients that ask again and again, each as soon as it has its answer, and what they got.
//!
//!     cargo run --release -p rushlight-serve --example load -- 127.0.0.1:8080 MODEL [CLIENTS] [SECONDS] [TOKENS]
//!
//! Every client streams, with another prompt and another seed each time. What it says: tokens and requests a second, errors,
//! and the time to the first token, half and 99 of 100 of which were shorter.
#![allow(clippy::print_stdout, reason = "it is a program")]
#![allow(clippy::unwrap_used, reason = "a client of a test, that stops where something is not as it should be")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What one client got.
#[derive(Default)]
struct Got {
    tokens: u64,
    requests: u64,
    errors: u64,
    first: Vec<Duration>,
}

fn main() {
    let mut words = std::env::args().skip(1);
    let address = words.next().expect("an address, such as 127.0.0.1:8080");
    let model = words.next().expect("a model");
    let mut number = |usual| words.next().map_or(usual, |word| word.parse::<u64>().unwrap());
    let (clients, seconds, tokens) = (number(64), number(60), number(200));
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    let client = |number| {
        let (address, model) = (address.clone(), model.clone());
        std::thread::spawn(move || client(&address, &model, number, tokens, end))
    };
    let all: Vec<_> = (0..clients).map(client).collect();
    let mut sum = Got::default();
    for got in all.into_iter().map(|one| one.join().unwrap()) {
        sum.tokens += got.tokens;
        sum.requests += got.requests;
        sum.errors += got.errors;
        sum.first.extend(got.first);
    }
    let seconds = begun.elapsed().as_secs_f64();
    sum.first.sort();
    let share = |share: f64| {
        sum.first.get(((sum.first.len() as f64 * share) as usize).min(sum.first.len() - 1)).unwrap().as_secs_f64() * 1e3
    };
    println!(
        "{{\"clients\": {clients}, \"seconds\": {seconds:.1}, \"requests\": {}, \"errors\": {}, \"tokens_per_second\": {:.0}, \
         \"first_token_ms_p50\": {:.2}, \"first_token_ms_p99\": {:.2}}}",
        sum.requests,
        sum.errors,
        sum.tokens as f64 / seconds,
        share(0.5),
        share(0.99)
    );
}

fn client(address: &str, model: &str, number: u64, tokens: u64, end: Instant) -> Got {
    let mut got = Got::default();
    let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    while Instant::now() < end {
        let seed = number * 1_000_000 + got.requests;
        let prompt = &"the night is long and all who go there know it well"[..8 + (seed % 40) as usize];
        let body = format!(
            "{{\"model\": \"{model}\", \"prompt\": \"{prompt}\", \"max_tokens\": {tokens}, \"seed\": {seed}, \"temperature\": 0.8, \
             \"stream\": true, \"stream_options\": {{\"include_usage\": true}}}}"
        );
        let head = format!(
            "POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let begun = Instant::now();
        stream.get_mut().write_all(format!("{head}{body}").as_bytes()).unwrap();
        let (mut line, mut is_first, mut is_good) = (String::new(), true, false);
        loop {
            line.clear();
            assert!(stream.read_line(&mut line).unwrap() > 0, "the server went away");
            if line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.1 200") {
                got.errors += 1;
                println!("{line}");
                return got;
            }
            if line.starts_with("data: ") && is_first {
                got.first.push(begun.elapsed());
                is_first = false;
            }
            if let Some((_, rest)) = line.split_once("\"completion_tokens\":") {
                got.tokens += rest.split(',').next().unwrap().parse::<u64>().unwrap();
            }
            is_good |= line.starts_with("data: [DONE]");
            if line == "0\r\n" {
                stream.read_line(&mut line).unwrap();
                break;
            }
        }
        got.requests += 1;
        got.errors += u64::from(!is_good);
    }
    got
}
